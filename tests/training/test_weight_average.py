"""Averaged weights in whole runs: PyTorch's numbers, what is measured and kept, and that training does without them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnctl.config.load import load_config
from nnctl.model.preparation import prepare
from tests.support.command import report_of
from tests.support.configs import SINE, problems_in
from tests.support.runs import assert_resumes, ran
from tests.training.test_torch_settings import OPTIMIZERS, named, trained

NORMED = SINE.replace("  - {type: dropout", "  - {type: batch_norm}\n  - {type: dropout").replace("p: 0.2}", "p: 0.1}")
EMA, SWA = "averaging={type: ema, decay: 0.95}", "averaging={type: swa, start: 2}"
SETTINGS = "epochs=4", "learning_rate=0.02", "metrics=[rmse]"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    ("kind", "settings"), [("ema", "decay: 0.9, warmup: false"), ("swa", "start: 3")], ids=["ema", "swa"]
)
def test_twenty_steps_are_pytorchs(kind: str, settings: str, optimizer: str, tmp_path: Path) -> None:
    """The weights, their average, and for the mean of networks the running statistics that are made anew."""
    last, best = trained(tmp_path, *OPTIMIZERS[optimizer], f"averaging={{type: {kind}, {settings}}}")
    for checkpoint, prefix in ((last, f"{kind}.{optimizer}"), (best, f"{kind}.{optimizer}.averaged")):
        for name, array in named(prefix).items():
            np.testing.assert_allclose(
                checkpoint.tensors[name], array, rtol=1e-8, atol=1e-8, err_msg=f"{prefix} {name}"
            )
    assert not np.allclose(last.tensors["layers.0.weight"], best.tensors["layers.0.weight"], atol=1e-4)


@pytest.mark.parametrize("averaging", [EMA, SWA], ids=["ema", "swa"])
def test_the_best_checkpoint_is_what_was_validated(averaging: str, tmp_path: Path) -> None:
    run = ran(tmp_path, "run", NORMED, *SETTINGS, averaging)
    best = run.rows[run.report["best_epoch"] - 1]
    metrics = report_of("eval", "run", "--split", "validation", cwd=tmp_path)["metrics"]
    assert metrics["loss"] == pytest.approx(best["val_loss"], rel=1e-5)
    assert metrics["rmse"] == pytest.approx(best["val_rmse"], rel=1e-5)
    last = run.folder / "checkpoints" / "last.safetensors"
    raw = report_of("eval", last, "--split", "validation", cwd=tmp_path)["metrics"]
    assert raw["loss"] != pytest.approx(run.rows[-1]["val_loss"], rel=1e-3)


@pytest.mark.parametrize("averaging", [EMA, SWA], ids=["ema", "swa"])
def test_training_is_the_same_without_it(averaging: str, tmp_path: Path) -> None:
    plain, averaged = (ran(tmp_path, name, NORMED, *SETTINGS, own) for name, own in (("a", "seed=0"), ("b", averaging)))
    assert averaged.last.keys() - plain.last.keys() == {"averaging.parameters"}
    assert {name: averaged.last[name].tobytes() for name in plain.last} == {
        name: array.tobytes() for name, array in plain.last.items()
    }
    assert [row["loss"] for row in averaged.rows] == [row["loss"] for row in plain.rows]
    before = 1 if averaging == SWA else 0  # epochs whose weights are their own average
    assert [row["val_loss"] for row in averaged.rows[:before]] == [row["val_loss"] for row in plain.rows[:before]]
    assert averaged.rows[-1]["val_loss"] != plain.rows[-1]["val_loss"]


@pytest.mark.parametrize("averaging", [EMA, SWA], ids=["ema", "swa"])
def test_stopped_and_resumed(averaging: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = *SETTINGS, averaging, "gradient_accumulation=4", "layers.1.freeze=2"
    assert_resumes(tmp_path, [(1, 6), (2, 3), (3, 2), (4, 6)], monkeypatch, NORMED, *settings)


@pytest.mark.parametrize(
    ("averaging", "path", "what"),
    [
        ("swa", "averaging.start", "is missing"),
        ("{type: swa, start: 5}", "averaging.start", "is epoch 5, and the run has 4"),
        ("{type: ema, decay: 1}", "averaging.decay", "expected a number below 1, got 1"),
        ("mean", "averaging", "unknown type"),
        ("true", "averaging", "expected"),
    ],
)
def test_bad_values(averaging: str, path: str, what: str, tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, SINE, "epochs=4", f"averaging={averaging}")
    assert problem.path == path
    assert what in problem.what


def test_its_memory_is_told(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(SINE)
    plain, averaged = (prepare(load_config(tmp_path / "run.yaml", own)) for own in ([], ["averaging=ema"]))
    assert averaged.memory == plain.memory + 3 * 4 * plain.plan.trainable
