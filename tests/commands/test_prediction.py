"""Predictions as columns of text, and `predict` as a function: the same whatever the blocks are."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnctl.commands.predict import predict
from nnctl.commands.prediction_columns import PredictionColumns
from nnctl.commands.train import train
from nnctl.data.table.target_transform import TargetTransform
from nnctl.errors import CheckpointError, UsageError
from nnctl.losses.binary_cross_entropy import BinaryCrossEntropy
from nnctl.losses.cross_entropy import CrossEntropy
from nnctl.losses.hinge import Hinge
from nnctl.losses.mse import MSE
from nnctl.losses.poisson import Poisson
from nnctl.model.trained_model import read_trained_model

logits = hnp.arrays(np.float32, st.tuples(st.integers(1, 9), st.just(3)), elements=st.floats(-1e4, 1e4, width=32))


def columns(loss: Any, names: tuple[str, ...] = ("a", "b", "c"), **other: Any) -> PredictionColumns:
    parts = {"classes": (), "names": names, "probabilities": (), "transform": None, "dates": {}, "digits": 9} | other
    return PredictionColumns(loss, **({"boundary": loss.threshold} | parts))


@given(logits)
def test_classes(outputs: np.ndarray[Any, Any]) -> None:
    made = columns(CrossEntropy(), (), classes=("x", "y", "z"), probabilities=("p_x", "p_y", "p_z"))
    assert made.header == ["prediction", "p_x", "p_y", "p_z"]
    names, *shares = made.texts(outputs)
    assert names == ["xyz"[int(np.argmax(row))] for row in outputs]  # the first of equal ones, as in the metrics
    found = np.array(shares, dtype=np.float64).T
    assert np.abs(found.sum(axis=1) - 1).max() < 1e-8
    exact = np.exp(outputs.astype(np.longdouble) - outputs.max(axis=1, keepdims=True))
    assert np.allclose(found, (exact / exact.sum(axis=1, keepdims=True)).astype(np.float64), rtol=1e-8, atol=0)


def test_of_two_classes_the_second_is_predicted_above_the_boundary() -> None:
    outputs = np.array([[1.0, 1.5], [1.0, 3.5], [1.0, 3.0], [9.0, 0.0]], np.float32)
    made = columns(CrossEntropy(), (), boundary=2.0, classes=("x", "y"), probabilities=("p_x", "p_y"))
    assert made.texts(outputs)[0] == ["x", "y", "x", "x"]
    made = columns(CrossEntropy(), (), boundary=-8.5, classes=("x", "y"), probabilities=("p_x", "p_y"))
    assert made.texts(outputs)[0] == ["y", "y", "y", "x"]


def test_the_boundary_is_no_float32() -> None:
    """0.1 is below the float32 next to it."""
    made = columns(BinaryCrossEntropy(), ("a",), boundary=0.1, probabilities=("p",))
    assert made.texts(np.array([[0.1], [0.09]], np.float32))[0] == ["1", "0"]


def test_rates() -> None:
    made = columns(Poisson(), ("calls",))
    assert made.in_own_units(np.array([[0.0], [1.0]], np.float32)).tolist() == [[1.0], [np.e]]
    assert np.isposinf(made.in_own_units(np.array([[1e4]], np.float32))).all()


@given(logits)
def test_zeros_and_ones(outputs: np.ndarray[Any, Any]) -> None:
    made = columns(BinaryCrossEntropy(), probabilities=("p_a", "p_b", "p_c"))
    assert made.header == ["a", "p_a", "b", "p_b", "c", "p_c"]
    texts = made.texts(outputs)
    for position in range(3):
        chosen, shares = texts[2 * position : 2 * position + 2]
        assert chosen == ["1" if value > 0 else "0" for value in outputs[:, position]]
        with np.errstate(over="ignore"):
            exact = 1 / (1 + np.exp(-outputs[:, position].astype(np.longdouble)))
        assert np.allclose(np.array(shares, np.float64), exact.astype(np.float64), rtol=1e-8, atol=1e-300)


def test_margins_are_no_probabilities() -> None:
    made = columns(Hinge())
    assert made.header == ["a", "b", "c"]
    assert made.texts(np.array([[0.1, -2, 0]], np.float32)) == [["1"], ["0"], ["0"]]


@given(hnp.arrays(np.float32, (4, 3), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_values_read_back_to_the_same_bits(outputs: np.ndarray[Any, Any]) -> None:
    found = np.array(columns(MSE()).texts(outputs), dtype=np.float64).T.astype(np.float32)
    assert (found == outputs).all()
    wide = outputs.astype(np.float64) / 3
    found = np.array(columns(MSE(), digits=17).texts(wide), dtype=np.float64).T
    assert (found == wide).all()


def test_transforms_are_undone() -> None:
    transform = TargetTransform(log=True, mean=(2.0,), std=(3.0,))
    made = columns(MSE(), ("price",), transform=transform)
    own = made.in_own_units(np.array([[0.0], [1.0], [1e4]], np.float32))
    assert own[:2, 0] == pytest.approx([np.exp(2), np.exp(5)])
    assert made.texts(own)[0][2] == "inf"


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_nothing_is_chosen_among_what_is_not_finite(wrong: float) -> None:
    outputs = np.array([[1, wrong, 2], [1, 0, 2]], np.float32)
    classes = columns(CrossEntropy(), (), classes=("x", "y", "z"), probabilities=("p_x", "p_y", "p_z"))
    assert classes.texts(outputs)[0] == ["", "z"]
    binary = columns(BinaryCrossEntropy(), probabilities=("p_a", "p_b", "p_c"))
    assert binary.texts(outputs)[2] == ["", "0"]


CONFIG = """
data: {{source: {source}, standardize: true}}
layers: [{{type: linear, out_features: 4, activation: tanh}}, {{type: linear, out_features: {outputs}}}]
loss: {loss}
epochs: 1
batch_size: 10
"""


def trained(folder: Path, loss: str, outputs: int, targets: np.ndarray[Any, Any]) -> Path:
    """A run on 30 samples of 5 numbers."""
    inputs = np.random.default_rng(0).normal(size=(30, 5))
    np.savez(folder / "data.npz", x=inputs, y=targets)
    (folder / "run.yaml").write_text(CONFIG.format(source=folder / "data.npz", outputs=outputs, loss=loss))
    train(folder / "run.yaml", run=folder / "run")
    return folder / "run"


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text())))


@pytest.mark.parametrize(
    ("loss", "outputs", "header"),
    [
        ("mse", 1, ["row", "prediction"]),
        ("mse", 2, ["row", "prediction_1", "prediction_2"]),
        ("binary_cross_entropy", 1, ["row", "prediction", "probability"]),
        ("binary_cross_entropy", 2, ["row", "prediction_1", "probability_1", "prediction_2", "probability_2"]),
        ("hinge", 1, ["row", "prediction"]),
        ("cross_entropy", 2, ["row", "prediction", "probability_0", "probability_1"]),
    ],
)
def test_arrays_have_no_names(tmp_path: Path, loss: str, outputs: int, header: list[str]) -> None:
    targets = np.random.default_rng(1).integers(0, 2, (30, 1 if loss == "cross_entropy" else outputs))
    targets[0], targets[1] = 0, 1
    run = trained(tmp_path, loss, outputs, targets)
    prediction = predict(run, tmp_path / "data.npz", output=tmp_path / "out.csv")
    rows = rows_of(tmp_path / "out.csv")
    assert rows[0] == header == prediction.report["columns"]
    assert [row[0] for row in rows[1:]] == [str(number) for number in range(1, 31)]
    assert prediction.notes == ()


def test_blocks_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = trained(tmp_path, "mse", 1, np.arange(30.0))
    predict(run, tmp_path / "data.npz", output=tmp_path / "whole.csv")
    told: list[tuple[int, int | None]] = []
    monkeypatch.setattr("nnctl.data.stream.BLOCK_ROWS", 7)
    monkeypatch.setattr("nnctl.model.forward.BATCH_SIZE", 3)
    predict(run, tmp_path / "data.npz", output=tmp_path / "cut.csv", progress=lambda *done: told.append(done))
    assert (tmp_path / "cut.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert told == [(7, 30), (14, 30), (21, 30), (28, 30), (30, 30)]


def test_stdout_is_where_it_goes_without_a_file(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    run = trained(tmp_path, "mse", 1, np.arange(30.0))
    predict(run, tmp_path / "data.npz", output=tmp_path / "out.csv")
    prediction = predict(run, tmp_path / "data.npz")
    assert capfdbinary.readouterr().out == (tmp_path / "out.csv").read_bytes()
    assert prediction.report["output"] is None


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        predict(tmp_path / "run", tmp_path / "data.npz", output=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "mine"


def test_a_checkpoint_that_contradicts_itself(tmp_path: Path) -> None:
    made = read_trained_model(trained(tmp_path, "mse", 2, np.ones((30, 2))))
    description = made.description.model_copy(update={"target_names": ["a", "b", "c"]})
    with pytest.raises(CheckpointError, match=r"2,\) outputs for 3 targets"):
        PredictionColumns.of(replace(made, description=description))
    transform = TargetTransform(log=False, mean=(0.0,), std=(1.0,))
    with pytest.raises(CheckpointError, match=r"2,\) outputs for 1 targets"):
        PredictionColumns.of(replace(made, fitted=replace(made.fitted, transform=transform)))
