"""The temperature that calibrates probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.kernels import cpu
from nnctl.metrics.expected_calibration_error import calibration_error
from nnctl.metrics.tally import ROWS, Sizes
from nnctl.metrics.temperature import LARGEST, LEAST, Calibration, calibration
from nnctl.metrics.threshold import boundary, calibrated
from tests.support.kind_check import GOLDEN
from tests.support.metric_check import ALIKE, Array

STORED = np.load(GOLDEN / "temperature.npz")


def found(outputs: Array, targets: Array, weights: Array = ALIKE) -> Calibration:
    tally = ROWS.zeros(Sizes(outputs.shape[1], 0, 1 if targets.ndim == 1 else targets.shape[1], len(outputs)))
    ROWS.add(tally, outputs, targets, weights, 0.0, cpu)
    return calibration(tally)


@pytest.mark.parametrize("targets", ["classes", "binary"])
@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_that_of_pytorchs_least_cross_entropy(targets: str, weighted: bool) -> None:
    temperature, log_loss = STORED[f"{targets}.{'weighted' if weighted else 'plain'}"]
    made = found(STORED["outputs"], STORED[targets], STORED["weights"] if weighted else ALIKE)
    assert made.temperature == pytest.approx(temperature, rel=1e-6)
    assert made.log_loss[1] == pytest.approx(log_loss, rel=1e-12)


@settings(max_examples=60)
@given(
    samples=st.integers(1, 40),
    classes=st.integers(2, 5),
    is_binary=st.booleans(),
    size=st.sampled_from([0.01, 1.0, 30.0, 1e4]),
    seed=st.integers(0, 2**32),
)
def test_no_other_temperature_is_better(samples: int, classes: int, is_binary: bool, size: float, seed: int) -> None:
    generator = np.random.default_rng(seed)
    outputs = size * generator.normal(size=(samples, classes))
    targets = generator.integers(0, classes, samples)
    wanted = np.eye(classes)[targets] if is_binary else targets
    weights = generator.integers(1, 4, samples).astype(float)
    made = found(outputs, wanted, weights)
    if made.all_right:
        assert made.temperature == 1
        return

    def log_loss(temperature: float) -> float:
        logits = outputs / temperature
        if is_binary:
            losses = np.logaddexp(0, logits * (1 - 2 * wanted)).mean(axis=1)
        else:
            above = logits - logits.max(axis=1, keepdims=True)
            losses = np.log(np.exp(above).sum(axis=1)) - above[np.arange(samples), targets]
        return float(np.average(losses, weights=weights))

    assert LEAST <= made.temperature <= LARGEST
    assert made.log_loss == (pytest.approx(log_loss(1.0)), pytest.approx(log_loss(made.temperature)))
    for other in (1.0, *np.geomspace(LEAST, LARGEST, 21), made.temperature * 1.001, made.temperature / 1.001):
        if LEAST <= other <= LARGEST:
            assert made.log_loss[1] <= log_loss(other) * (1 + 1e-9)


@pytest.mark.parametrize("scale", [0.1, 7.0])
@pytest.mark.parametrize("targets", ["classes", "binary"])
def test_logits_that_are_larger_have_a_larger_temperature(scale: float, targets: str) -> None:
    """So that the probabilities are the same."""
    own, scaled = (found(factor * STORED["outputs"], STORED[targets]) for factor in (1.0, scale))
    assert scaled.temperature == pytest.approx(scale * own.temperature, rel=1e-6)
    assert scaled.log_loss[1] == pytest.approx(own.log_loss[1], rel=1e-9)


def test_the_errors_are_those_of_the_metric() -> None:
    outputs, targets = STORED["outputs"], STORED["classes"]
    made, ones = found(outputs, targets), np.ones(len(outputs))
    assert made.calibration_error == (
        calibration_error(outputs, targets, ones),
        pytest.approx(calibration_error(outputs / made.temperature, targets, ones)),
    )
    assert made.calibration_error[1] < made.calibration_error[0]


@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_where_all_is_right_there_is_none(scale: float) -> None:
    """The log loss would fall down to a temperature of 0, which is sure of all that is to come."""
    made = found(scale * np.eye(3), np.arange(3))
    assert (made.temperature, made.all_right) == (1.0, True)
    assert found(scale * np.array([[1.0], [-2.0]]), np.array([[1.0], [0.0]])).all_right


def test_where_all_is_wrong_it_is_the_largest() -> None:
    assert found(np.eye(3), np.array([1, 2, 0])).temperature == LARGEST


def test_of_what_are_no_numbers_and_of_no_rows_it_is_1() -> None:
    for outputs in (np.array([[0.0, np.nan], [1.0, 0.0]]), np.array([[0.0, np.inf], [1.0, 0.0]])):
        assert found(outputs, np.array([0, 1])).temperature == 1
    none = found(np.array([[0.0, 1.0]]), np.array([-1]))
    assert none.temperature == 1
    assert not none.all_right
    assert np.isnan(none.log_loss).all()


def test_what_a_calibrated_network_gains_is_chance_for_about_nineteen_of_twenty() -> None:
    """Classes drawn from the network's own probabilities."""
    generator, chance = np.random.default_rng(5), 0
    for _ in range(400):
        outputs = 2 * generator.normal(size=(300, 4))
        targets = np.argmax(outputs + generator.gumbel(size=outputs.shape), axis=1)
        chance += found(outputs, targets).is_by_chance
        assert not found(2 * outputs, targets).is_by_chance
    assert 370 <= chance <= 390  # 380 are expected, give or take 4


def test_rows_of_other_weights_are_fewer() -> None:
    outputs, targets = STORED["outputs"], STORED["classes"]
    assert found(outputs, targets).count == len(outputs)
    weights = np.where(np.arange(len(outputs)) % 2, 3.0, 1.0)
    assert found(outputs, targets, weights).count == pytest.approx(len(outputs) * 0.8)
    assert found(outputs, STORED["binary"]).count == STORED["binary"].size


@given(threshold=st.floats(1e-6, 1 - 1e-6), temperature=st.floats(0.05, 20.0))
def test_a_calibrated_threshold_has_the_same_logit_as_its_boundary(threshold: float, temperature: float) -> None:
    logit = boundary(0.0, threshold)
    if abs(logit / temperature) < 30:  # else it is rounded to 0 or 1
        again = temperature * boundary(0.0, calibrated(threshold, temperature))
        assert again == pytest.approx(logit, rel=1e-3, abs=1e-9)
    assert calibrated(threshold, None) == threshold
    assert calibrated(0.5, temperature) == 0.5
