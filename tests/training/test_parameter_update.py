"""Which parameters are updated together, at which learning rate, and with which weight decay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.layers.embed_columns import EmbedColumns, EmbeddedColumn
from nnctl.layers.layer import Layer
from nnctl.layers.operation import size_of
from nnctl.model.network import Network
from nnctl.model.plan import plan_network
from nnctl.optimizers.optimizer import Array, Optimizer
from nnctl.training.parameter_update import ParameterUpdate
from tests.support.configs import SINE, problems_in
from tests.support.specs import layers_of

LINEAR = {"type": "linear", "out_features": 3}


class Spy(Optimizer):
    """Notes what it is told: how many parameters, their decay, and rate and step number of the run's eighth step."""

    told: ClassVar[list[tuple[int, float, float, int]]] = []
    slots: ClassVar[tuple[str, ...]] = ()

    def update(
        self,
        parameters: Array,
        gradients: Array,
        slots: Array,
        shapes: Sequence[tuple[int, ...]],
        learning_rate: float | StepArgument,
        step: int | StepArgument,
        device: Device,
    ) -> None:
        at = np.array([7])
        assert isinstance(learning_rate, StepArgument)
        assert isinstance(step, StepArgument)
        assert sum(map(size_of, shapes)) == parameters.size
        rate, number = learning_rate.values(2, at)[0], step.values(2, at)[0]
        self.told.append((parameters.size, self.weight_decay, rate, int(number)))


def told(layers: Sequence[Layer], optimizer: Optimizer, inputs: tuple[int, ...] = (4,), epoch: int = 9) -> list[Any]:
    """Of an update of all parameters. An epoch has five steps."""
    network = Network(plan_network(layers, inputs), 2, "float32")
    slots = np.zeros((0, network.parameters.size), np.float32)
    Spy.told.clear()
    ParameterUpdate(network, optimizer, slots, lambda steps: [0.5] * len(steps), 5).record(slice(None), epoch)
    return list(Spy.told)


def test_all_are_one_where_no_layer_says_anything() -> None:
    layers = layers_of([LINEAR, "batch_norm", {"repeat": 2, "layers": [LINEAR]}])
    assert told(layers, Spy(weight_decay=0.1)) == [(15 + 6 + 24, 0.1, 0.5, 8)]


def test_layers_have_what_they_say_or_else_what_holds_them_says() -> None:
    inner = [LINEAR, LINEAR | {"learning_rate_scale": 2.0}, LINEAR | {"weight_decay": 0.0, "activation": "prelu"}]
    block = {"type": "residual", "layers": inner, "learning_rate_scale": 0.5, "weight_decay": 0.25}
    found = told(layers_of([LINEAR, block, LINEAR]), Spy(weight_decay=0.125))
    assert found == [
        (15, 0.125, 0.5, 8),
        (12, 0.25, 0.25, 8),
        (12, 0.25, 1.0, 8),
        (13, 0, 0.25, 8),
        (12, 0.125, 0.5, 8),
    ]


def test_what_is_frozen_is_left_out_and_counts_its_steps_from_its_first_one() -> None:
    layers = layers_of([LINEAR | {"freeze": 1}, {"repeat": 1, "layers": [LINEAR | {"freeze": 2}], "freeze": 3}, LINEAR])
    assert told(layers, Spy(), epoch=1) == [(12, 0.0, 0.5, 8)]
    assert told(layers, Spy(), epoch=3) == [(15, 0.0, 0.5, 3), (12, 0.0, 0.5, 8)]
    assert told(layers, Spy(), epoch=4) == [(15, 0.0, 0.5, 3), (12, 0.0, 0.5, -7), (12, 0.0, 0.5, 8)]


@pytest.mark.parametrize(
    ("layer", "inputs", "excluded", "without"),
    [
        (LINEAR, (4,), ["bias"], 3),
        (LINEAR, (4,), ["norm"], 0),
        ("batch_norm", (4,), ["bias"], 4),
        ("batch_norm", (4,), ["norm"], 8),
        ("layer_norm", (4,), ["norm", "bias"], 8),
        ({"type": "gru", "hidden_size": 2}, (3, 4), ["bias"], 12),
        ({"type": "attention", "heads": 2}, (3, 4), ["bias"], 16),
        ({"type": "prelu"}, (4,), ["bias", "norm"], 0),
        ("embed", (2,), ["bias", "norm"], 0),
    ],
)
def test_biases_and_norms_may_be_excluded(layer: Any, inputs: tuple[int, ...], excluded: Any, without: int) -> None:
    """without: how many parameters do not decay. A column of a table may have any name."""
    column = EmbeddedColumn(name="bias", slots=2, size=1)
    layers = [EmbedColumns(columns=[column])] if layer == "embed" else layers_of([layer])
    found = told(layers, Spy(weight_decay=0.1, exclude_from_weight_decay=excluded), inputs)
    assert sum(size for size, decay, _, _ in found if decay == 0.0) == without
    assert {decay for _, decay, _, _ in found} <= {0.0, 0.1}


@pytest.mark.parametrize(
    ("override", "path"),
    [
        ("layers.0.learning_rate_scale=0", "layers.0.learning_rate_scale"),
        ("layers.0.learning_rate_scale=yes", "layers.0.learning_rate_scale"),
        ("layers.0.weight_decay=-1", "layers.0.weight_decay"),
        ("layers.1.weight_decay=1", "layers.1.weight_decay"),
        ("optimizer={type: adamw, exclude_from_weight_decay: bias}", "optimizer.exclude_from_weight_decay"),
        ("optimizer={type: adamw, exclude_from_weight_decay: [weight]}", "optimizer.exclude_from_weight_decay.0"),
        ("clip_value=0", "clip_value"),
        ("clip_value=1 clip_norm=1", "clip_value"),
    ],
)
def test_bad_values(override: str, path: str, tmp_path: Path) -> None:
    overrides = override.split(" ") if "clip" in override else [override]
    (problem,) = problems_in(tmp_path, SINE, *overrides)
    assert problem.path == path


@pytest.mark.parametrize("key", ["learning_rate_scale=2", "weight_decay=1"])
def test_settings_without_an_effect_are_refused(key: str) -> None:
    name, value = key.split("=")
    own = {name: float(value)}
    for layer in ({**LINEAR, "freeze": True, **own}, {"type": "residual", "layers": ["relu"], **own}):
        with pytest.raises(Exception, match=f"{name}: is set, and"):
            plan_network(layers_of([layer]), (4,))
