"""The one check for every diagnosis: what it finds in records of runs that are made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from nnctl.config.load import load_config
from nnctl.diagnoses.diagnosis import Diagnosis
from nnctl.diagnoses.record import Ended, RunRecord

CONFIG = """data: {source: a.csv, target: y, validation: 0.2}
layers: [ACTIVATED, ACTIVATED, ACTIVATED, {type: linear, out_features: 2}]
loss: cross_entropy
epochs: 40
metrics: [accuracy]
"""
HEALTHY = {"outputs": 1.0, "d_outputs": 0.01, "gradient": 0.1, "weight": 0.2, "update": 0.002}

E = 40  # epochs
FALLING = np.exp(-np.arange(E) / 4) + 0.05
WAVES = np.tile([1.0, -1.0, 0.5, -0.5, -1.0, 1.0, 0.0, 0.3], E // 8)  # without a trend
OVERFIT = np.concatenate([np.linspace(0.6, 0.4, 10), np.linspace(0.41, 0.7, E - 10)])
FIRST, ACTIVATED = "layers_0", "layers_0_activation"


def layers(count: int = 12, **measured: dict[str, Any]) -> list[dict[str, dict[str, Any]]]:
    """As many measured steps. measured: what differs from a healthy layer, by its name with _ for the dots."""
    own = {name.replace("_", "."): values for name, values in measured.items()}
    return [own] * count


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
    types: dict[str, str] | None = None,
    **facts: Any,
) -> RunRecord:
    """loss, val_loss: by epoch. layers: of each measured step, what differs from a healthy layer, by name; batches: the
    losses of these steps. last: more of the last row. types: of layers that
    are others, by name. facts: more of them.
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
    known = {
        "samples": {"train": 400, "validation": 100},
        "last_batch": 32,
        "baseline": 0.69,
        "layers": own | (types or {}),
    }
    diagnostics = [{"epoch": 0, "step": 0, "facts": known | facts}, *measured]
    return RunRecord.of(load_config(config, overrides).config, rows, diagnostics, ended)


class DiagnosisCheck:
    """kind: the diagnosis. about: records that it finds something in, as arguments of `record`; not_about: others that
    look alike, in which it finds nothing.
    """

    kind: ClassVar[type[Diagnosis]]
    about: ClassVar[Sequence[dict[str, Any]]]
    not_about: ClassVar[Sequence[dict[str, Any]]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        for argument, records in (("one", self.about), ("other", self.not_about)):
            if argument in metafunc.fixturenames:
                metafunc.parametrize(argument, records, ids=range(len(records)))

    def test_what_it_is_about(self, one: dict[str, Any], tmp_path: Path) -> None:
        finding = self.kind().find(record(tmp_path, **one))
        assert finding is not None
        assert finding.name == self.kind.name
        assert finding.what.startswith((self.kind.name.replace("_", " "), "the loss stalls"))
        assert finding.remedy or finding.advice
        assert all("=" in text for text in finding.remedy)

    def test_what_it_is_not_about(self, other: dict[str, Any], tmp_path: Path) -> None:
        assert self.kind().find(record(tmp_path, **other)) is None

    def test_it_names_its_source(self) -> None:
        assert "Source: " in (self.kind.__doc__ or "")
