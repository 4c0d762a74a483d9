"""The loss is in transformed units, every metric in the targets' own."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.data.dataset import Split
from nnctl.losses.mse import MSE
from nnctl.metrics.mae import MAE
from nnctl.metrics.r2 import R2
from nnctl.metrics.rmse import RMSE
from nnctl.metrics.rmsle import RMSLE
from nnctl.metrics.scores import Scores
from nnctl.metrics.tally import Sizes
from nnctl.model.network import Network
from nnctl.model.objective import Measure, Objective
from nnctl.model.plan import plan_network
from tests.metrics import test_mae, test_r2, test_rmse, test_rmsle
from tests.support.specs import layers_of
from tests.support.threads import threads

Array = NDArray[Any]


class Transform(NamedTuple):
    """(log x - mean) / std, or (x - mean) / std."""

    log: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def applied(self, targets: Array) -> Array:
        return ((np.log(targets) if self.log else targets) - np.array(self.mean)) / np.array(self.std)


LOG = Transform(True, (12.0, 3.0), (0.4, 0.25))
STANDARD = Transform(False, (180_000.0, 20.0), (80_000.0, 5.0))


def measured(split: Split, transform: Transform | None, batch_size: int = 8, scale: float = 0.3) -> dict[str, float]:
    network = Network(plan_network(layers_of([{"type": "linear", "out_features": 2}]), (3,)), batch_size, "float64")
    network.initialize(1)
    network.parameters *= scale
    scores = Scores([MAE(), RMSE(), R2(), RMSLE()], Sizes(2, 2, 2, 0), 0.0)
    return Measure(Objective(network, MSE(), split, transform), split, scores).values()


def outputs_of(split: Split) -> Array:
    network = Network(plan_network(layers_of([{"type": "linear", "out_features": 2}]), (3,)), len(split), "float64")
    network.initialize(1)
    network.parameters *= 0.3
    network.inputs(len(split))[...] = split.inputs
    network.forward(len(split))
    return network.outputs(len(split))


def prices(transform: Transform, samples: int = 29) -> tuple[Split, Array]:
    """A split whose targets are transformed, and the targets before that."""
    generator = np.random.default_rng(2)
    targets = np.exp(generator.normal([12.0, 3.0], [0.4, 0.25], (samples, 2)))
    return Split(generator.normal(size=(samples, 3)), transform.applied(targets)), targets


@pytest.mark.parametrize("transform", [LOG, STANDARD])
def test_the_loss_stays_and_the_metrics_are_in_the_targets_own_units(transform: Transform) -> None:
    split, targets = prices(transform)
    outputs = outputs_of(split)
    own = outputs * np.array(transform.std) + np.array(transform.mean)
    own = np.exp(own) if transform.log else own
    values = measured(split, transform)
    assert values["loss"] == pytest.approx(((outputs - split.targets) ** 2).mean(), rel=1e-12)
    assert values["mae"] == pytest.approx(test_mae.TestMAE.reference(own, targets), rel=1e-9)
    assert values["rmse"] == pytest.approx(test_rmse.TestRMSE.reference(own, targets), rel=1e-9)
    assert values["r2"] == pytest.approx(test_r2.TestR2.reference(own, targets), rel=1e-9)
    assert values["rmsle"] == pytest.approx(test_rmsle.TestRMSLE.reference(own, targets), rel=1e-9)
    assert values["mae"] > 1000


def test_a_transform_that_does_nothing_changes_no_bit() -> None:
    split, _ = prices(LOG)
    assert json.dumps(measured(split, None)) == json.dumps(measured(split, Transform(False, (0, 0), (1, 1))))


def test_the_threads_make_no_difference() -> None:
    split, _ = prices(LOG)
    alone = measured(split, LOG)
    with threads(2):
        assert measured(split, LOG) == alone


def test_outputs_that_are_too_large_for_the_units_give_an_infinite_error() -> None:
    split, _ = prices(LOG)
    values = measured(split, LOG, scale=1e6)
    assert np.isfinite(values["loss"])
    assert (values["mae"], values["rmse"], values["rmsle"], values["r2"]) == (np.inf, np.inf, np.inf, -np.inf)
