"""Every metric, fed batch by batch through its tally, against the formula over all samples at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from nnctl.kernels import cpu
from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import add_to_tally, new_tally
from nnctl.spec import kinds
from tests.support import naive_metrics as naive

Array = NDArray[Any]
KINDS = kinds(Metric)
DTYPES = st.sampled_from([np.float32, np.float64])


def make(kind: str, **more: Any) -> Metric:
    return TypeAdapter(KINDS[kind]).validate_python({"type": kind, **more})


def measure(metric: Metric, outputs: Array, targets: Array, classes: int, threshold: float = 0.0) -> float:
    """The metric of all samples, tallied in batches of 4 with a short last one."""
    tally = new_tally(metric.tally, outputs.shape[1], classes)
    for start in range(0, len(outputs), 4):
        batch = slice(start, start + 4)
        add_to_tally(metric.tally, tally, outputs[batch], targets[batch], threshold, cpu)
    return metric.compute(tally)


def coarse(generator: np.random.Generator, shape: tuple[int, ...], dtype: type[np.floating]) -> Array:
    """Numbers with many ties among them, exact in both precisions."""
    return (generator.integers(-6, 7, shape) / 4).astype(dtype)


def test_every_kind_has_a_reference() -> None:
    assert set(KINDS) == {*naive.CONFUSION, *naive.ERRORS, "top_k", "rmsle"}


@given(
    samples=st.integers(1, 30),
    classes=st.integers(1, 7),
    dtype=DTYPES,
    kind=st.sampled_from([*naive.CONFUSION]),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None)
def test_classes(samples: int, classes: int, dtype: type[np.floating], kind: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    outputs, targets = coarse(generator, (samples, classes), dtype), generator.integers(0, classes, samples)
    expected = naive.CONFUSION[kind](naive.predicted_classes(outputs), targets.tolist())
    assert measure(make(kind), outputs, targets, classes) == pytest.approx(expected, rel=1e-12)


@given(
    samples=st.integers(1, 12),
    width=st.integers(1, 3),
    dtype=DTYPES,
    kind=st.sampled_from([*naive.CONFUSION]),
    threshold=st.sampled_from([0.0, 0.5]),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None)
def test_binary(samples: int, width: int, dtype: type[np.floating], kind: str, threshold: float, seed: int) -> None:
    generator = np.random.default_rng(seed)
    outputs, targets = coarse(generator, (samples, width), dtype), generator.integers(0, 2, (samples, width))
    predicted = (outputs > threshold).ravel().astype(int).tolist()
    expected = naive.CONFUSION[kind](predicted, targets.ravel().tolist())
    assert measure(make(kind), outputs, targets.astype(dtype), 2, threshold) == pytest.approx(expected, rel=1e-12)


@given(samples=st.integers(1, 30), classes=st.integers(1, 7), k=st.integers(1, 9), dtype=DTYPES, seed=st.integers(0))
@settings(deadline=None)
def test_top_k(samples: int, classes: int, k: int, dtype: type[np.floating], seed: int) -> None:
    generator = np.random.default_rng(seed)
    outputs, targets = coarse(generator, (samples, classes), dtype), generator.integers(0, classes, samples)
    expected = naive.top_k(outputs, targets, k)
    assert measure(make("top_k", k=k), outputs, targets, classes) == pytest.approx(expected, rel=1e-12)


@given(
    samples=st.integers(1, 30),
    width=st.integers(1, 4),
    dtype=DTYPES,
    kind=st.sampled_from([*naive.ERRORS]),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None)
def test_errors(samples: int, width: int, dtype: type[np.floating], kind: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    outputs, targets = coarse(generator, (samples, width), dtype), coarse(generator, (samples, width), dtype)
    expected = naive.ERRORS[kind](outputs.astype(np.float64), targets.astype(np.float64))
    assert measure(make(kind), outputs, targets, 0) == pytest.approx(expected, rel=1e-11, nan_ok=True)


@given(samples=st.integers(1, 30), width=st.integers(1, 4), dtype=DTYPES, seed=st.integers(0, 2**32))
@settings(deadline=None)
def test_rmsle(samples: int, width: int, dtype: type[np.floating], seed: int) -> None:
    generator = np.random.default_rng(seed)
    outputs, targets = coarse(generator, (samples, width), dtype), abs(coarse(generator, (samples, width), dtype))
    expected = naive.rmsle(outputs.astype(np.float64), targets.astype(np.float64))
    assert measure(make("rmsle"), outputs, targets, 0) == pytest.approx(expected, rel=1e-11)


def test_rmsle_of_the_example_in_scikit_learns_reference() -> None:
    """root_mean_squared_log_error([3, 5, 2.5, 7], [2.5, 5, 4, 8]) gives 0.199..."""
    outputs, targets = np.array([[2.5], [5.0], [4.0], [8.0]]), np.array([[3.0], [5.0], [2.5], [7.0]])
    assert measure(make("rmsle"), outputs, targets, 0) == pytest.approx(0.1995, abs=5e-4)


def test_rmsle_where_there_is_no_logarithm() -> None:
    zeros = np.zeros((1, 1))
    assert measure(make("rmsle"), np.array([[-7.0]]), zeros, 0) == 0.0
    assert measure(make("rmsle"), np.array([[np.inf]]), zeros, 0) == math.inf
    assert math.isnan(measure(make("rmsle"), np.array([[np.nan]]), zeros, 0))
    assert math.isnan(measure(make("rmsle"), zeros, np.array([[-0.5]]), 0))


@pytest.mark.parametrize("kind", KINDS)
def test_no_samples_no_number(kind: str) -> None:
    metric = make(kind)
    assert math.isnan(metric.compute(new_tally(metric.tally, 3, 3)))


@pytest.mark.parametrize("kind", naive.ERRORS)
def test_large_targets_with_a_small_spread(kind: str) -> None:
    """Times in seconds, of this century: a sum of squares less the square of a sum would leave nothing."""
    generator = np.random.default_rng(7)
    targets = 1.7e9 + 1e-3 * generator.normal(size=(500, 1))
    outputs = targets + 1e-4 * generator.normal(size=(500, 1))
    expected = naive.ERRORS[kind](outputs - 1.7e9, targets - 1.7e9)
    assert measure(make(kind), outputs, targets, 0) == pytest.approx(expected, rel=1e-3)


def test_r2_of_a_constant_target_is_undefined() -> None:
    outputs = np.random.default_rng(8).normal(size=(50, 1)).astype(np.float32)
    assert math.isnan(measure(make("r2"), outputs, np.full((50, 1), 0.1, np.float32), 0))


def test_r2_of_perfect_and_of_mean_predictions() -> None:
    targets = np.array([[1.0], [2.0], [6.0]])
    assert measure(make("r2"), targets.copy(), targets, 0) == 1.0
    assert measure(make("r2"), np.full((3, 1), 3.0), targets, 0) == pytest.approx(0.0, abs=1e-15)


def test_nan_outputs_are_counted_and_right_only_by_chance() -> None:
    outputs, targets = np.full((6, 3), np.nan, np.float32), np.array([0, 1, 2, 0, 1, 2])
    assert measure(make("accuracy"), outputs, targets, 3) == pytest.approx(1 / 3)
    assert measure(make("top_k", k=2), outputs, targets, 3) == 0.0
    assert math.isnan(measure(make("mae"), outputs, np.zeros((6, 3), np.float32), 0))
    assert measure(make("accuracy"), outputs, np.zeros((6, 3), np.float32), 2) == 1.0


def test_names_and_directions() -> None:
    assert make("top_k").name == "top_5"
    assert make("top_k", k=3).name == "top_3"
    assert make("f1").name == "f1"
    assert {kind for kind in KINDS if not make(kind).higher_is_better} == {"mae", "rmse", "rmsle"}


def test_what_fits() -> None:
    fits = {target: {kind for kind in KINDS if target in make(kind).fits} for target in ("classes", "binary", "values")}
    assert fits["classes"] == {*naive.CONFUSION, "top_k"}
    assert fits["binary"] == {*naive.CONFUSION, *naive.ERRORS}
    assert fits["values"] == {*naive.CONFUSION, *naive.ERRORS, "rmsle"}


def test_a_k_below_one_is_refused() -> None:
    with pytest.raises(ValidationError):
        make("top_k", k=0)
