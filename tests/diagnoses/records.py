"""Records of runs made by hand: curves, and measurements of a few layers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnctl.config.load import load_config
from nnctl.diagnoses.record import Ended, RunRecord

LAYERS = {f"layers.{at}": "linear" for at in range(4)}
CONFIG = """data: {source: a.csv, target: y, validation: 0.2}
layers: [ACTIVATED, ACTIVATED, ACTIVATED, {type: linear, out_features: 2}]
loss: cross_entropy
epochs: 40
metrics: [accuracy]
"""
HEALTHY = {"outputs": 1.0, "d_outputs": 0.01, "gradient": 0.1, "weight": 0.2, "update": 0.002}


def names(activation: str) -> dict[str, str]:
    """The layers of the network, in their order, and what each is."""
    return {
        name: kind
        for at in range(4)
        for name, kind in ((f"layers.{at}", "linear"), (f"layers.{at}.activation", activation))[: 2 if at < 3 else 1]
    }


def record(
    folder: Path,
    *,
    loss: Sequence[float] = (),
    val_loss: Sequence[float] = (),
    layers: Sequence[dict[str, dict[str, Any]]] = (),
    batches: Sequence[float] = (),
    ended: Ended | None = "finished",
    activation: str = "relu",
    overrides: Sequence[str] = (),
    last: dict[str, Any] | None = None,
    **facts: Any,
) -> RunRecord:
    """loss, val_loss: by epoch. layers: of each measured step, what differs from a healthy layer, by name; batches: the
    losses of these steps. last: more of the last row.
    """
    config = folder / "run.yaml"
    layer = f"{{type: linear, out_features: 8, activation: {activation}}}"
    config.write_text(CONFIG.replace("ACTIVATED", layer))
    rows: list[dict[str, Any]] = [
        {"epoch": at + 1, "step": 10 * (at + 1), "loss": value} for at, value in enumerate(loss)
    ]
    for row, value in zip(rows, val_loss, strict=False):
        row["val_loss"] = value
    if last is not None:
        rows[-1] |= last
    own = names(activation)
    measured = [
        {
            "epoch": 1,
            "step": at + 1,
            "loss": batches[at] if batches else 0.7,
            "layers": {
                name: (HEALTHY if kind == "linear" else {"outputs": 1.0, "stuck": 0.0}) | changed.get(name, {})
                for name, kind in own.items()
            },
        }
        for at, changed in enumerate(layers)
    ]
    known = {"samples": {"train": 400, "validation": 100}, "last_batch": 32, "baseline": 0.69, "layers": own}
    diagnostics = [{"epoch": 0, "step": 0, "facts": known | facts}, *measured]
    return RunRecord.of(load_config(config, overrides).config, rows, diagnostics, ended)
