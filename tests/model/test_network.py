"""A network as a whole: shapes, memory, gradients, and the parameters of a checkpoint."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl.errors import CheckpointError, ConfigError, Problem
from nnctl.layers.linear import Linear
from nnctl.layers.operation import Shape, size_of
from nnctl.layers.relu import ReLU
from nnctl.model.network import Network
from nnctl.model.plan import NetworkPlan, plan_network
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.specs import layers_of

CONVOLUTIONAL: list[Any] = [
    {"type": "conv2d", "out_channels": 3, "kernel_size": 3, "padding": "same", "activation": "tanh"},
    {"type": "max_pool2d", "kernel_size": 2},
    "flatten",
    {"type": "linear", "out_features": 4, "activation": "sigmoid"},
    {"type": "dropout", "p": 0.5},
    {"type": "linear", "out_features": 2, "bias": False},
]


def planned(layers: list[Any], inputs: Shape) -> NetworkPlan:
    return plan_network(layers_of(layers), inputs)


def network(plan: NetworkPlan, batch_size: int = 4, precision: str = "float64") -> Network:
    made = Network(plan, batch_size, precision, seed=5)
    made.initialize(5)
    return made


def passed(made: Network, inputs: NDArray[Any], d_outputs: NDArray[Any], *, training: bool = False) -> None:
    n = len(inputs)
    made.inputs(n)[...] = inputs
    made.forward(n, training=training, epoch=1, step=2)
    made.d_outputs(n)[...] = d_outputs
    made.backward(n)


def test_shapes_names_and_costs() -> None:
    plan = planned(CONVOLUTIONAL, (6, 4, 1))
    assert [(layer.name, layer.kind, layer.operation.outputs) for layer in plan.layers] == [
        ("layers.0", "conv2d", (6, 4, 3)),
        ("layers.0.activation", "tanh", (6, 4, 3)),
        ("layers.1", "max_pool2d", (3, 2, 3)),
        ("layers.2", "flatten", (18,)),
        ("layers.3", "linear", (4,)),
        ("layers.3.activation", "sigmoid", (4,)),
        ("layers.4", "dropout", (4,)),
        ("layers.5", "linear", (2,)),
    ]
    assert plan.outputs == (2,)
    assert plan.parameters == (9 * 3 + 3) + (18 * 4 + 4) + 4 * 2
    assert plan.multiply_adds == 6 * 4 * 9 * 3 + 18 * 4 + 4 * 2


def refusal(layers: list[Any], inputs: Shape) -> Problem:
    with pytest.raises(ConfigError) as raised:
        planned(layers, inputs)
    (problem,) = raised.value.problems
    assert problem.help
    return problem


def test_what_does_not_fit_names_the_layer_and_what_arrives() -> None:
    pool = {"type": "max_pool2d", "kernel_size": 2}
    problem = refusal([pool, pool, pool], (5, 8, 1))
    assert problem.path == "layers.2"
    assert (
        "max_pool2d kernel_size 2 is larger than its inputs' height, 1; got inputs of shape (1, 2, 1)" in problem.what
    )
    problem = refusal(["relu", {"type": "linear", "out_features": 3}], (4, 4, 1))
    assert problem.path == "layers.1"
    assert "got inputs of shape (4, 4, 1)" in problem.what
    assert "flatten" in problem.help
    problem = refusal(["flatten", pool], (4, 4, 1))
    assert (problem.path, "got inputs of shape (16,)" in problem.what) == ("layers.1", True)
    problem = refusal([{"type": "linear", "out_features": 2, "weight": [[1, 2]]}], (3,))
    assert (problem.path, problem.help) == ("layers.0.weight", "give 3 x 2 numbers")


def bytes_held(made: Network, slots: int) -> int:
    """What training needs: every distinct array of the network, the slots, and two copies of what a checkpoint has."""
    arrays: dict[int, int] = {}
    for _, _, of_layer in made.walk(made.batch_size):
        gradients = [] if of_layer.d_inputs is None else [of_layer.d_inputs]
        for array in (of_layer.inputs, of_layer.outputs, of_layer.d_outputs, *gradients, *of_layer.scratch.values()):
            arrays[array.__array_interface__["data"][0]] = array.nbytes
    return sum(arrays.values()) + made.parameters.nbytes * (2 + slots)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_planned_memory_is_about_what_is_held(precision: str) -> None:
    plan = planned(CONVOLUTIONAL, (6, 4, 1))
    made = network(plan, 64, precision)
    told = plan.memory(64, made.dtype.itemsize, 2)
    held = bytes_held(made, 2)
    assert held <= told + 6 * 4 * 64 * made.dtype.itemsize  # the gradient of the inputs may be held or not
    assert told <= 1.5 * held


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 64), st.integers(0, 2))
def test_more_of_anything_takes_more_memory(features: int, hidden: int, batch: int, slots: int) -> None:
    def memory(features: int, hidden: int, batch: int, itemsize: int, slots: int) -> int:
        layers = [Linear(out_features=hidden, activation=ReLU()), Linear(out_features=1)]
        return plan_network(layers, (features,)).memory(batch, itemsize, slots)

    base = memory(features, hidden, batch, 4, slots)
    assert memory(features + 1, hidden, batch, 4, slots) > base
    assert memory(features, hidden + 1, batch, 4, slots) > base
    assert memory(features, hidden, batch + 1, 4, slots) > base
    assert memory(features, hidden, batch, 4, slots + 1) > base
    assert memory(features, hidden, batch, 8, slots) == 2 * base


def test_sizes_do_not_overflow() -> None:
    assert size_of((10**9, 10**9, 10**9)) == 10**27
    plan = planned([{"type": "linear", "out_features": 10**9}] * 2, (10**9,))
    assert plan.parameters == 2 * (10**18 + 10**9)
    assert plan.memory(1, 4, 2) > 10**19


@pytest.mark.parametrize("training", [False, True])
def test_the_gradients_of_a_whole_network(training: bool) -> None:
    made = network(planned(CONVOLUTIONAL, (6, 4, 1)))
    random = np.random.default_rng(0)
    inputs, d_outputs = random.normal(size=(4, 6, 4, 1)), random.normal(size=(4, 2))
    made.gradients[...] = np.nan  # whatever was there is written over
    passed(made, inputs, d_outputs, training=training)
    gradients = made.gradients.copy()

    def objective() -> float:
        made.forward(4, training=training, epoch=1, step=2)
        return float(np.sum(made.outputs(4) * d_outputs))

    assert relative_error(gradients, numerical_gradient(objective, made.parameters)) < 1e-6


def test_in_front_of_the_first_parameter_no_gradient_is_computed() -> None:
    made = network(planned(["relu", *CONVOLUTIONAL], (6, 4, 1)))
    wanted = {name: arrays.d_inputs is not None for name, _, arrays in made.walk(4)}
    assert [name for name, is_wanted in wanted.items() if not is_wanted] == ["layers.0", "layers.1"]


def test_a_short_batch_gives_the_rows_of_a_full_one() -> None:
    made = network(planned(CONVOLUTIONAL, (6, 4, 1)))
    inputs = np.random.default_rng(0).normal(size=(4, 6, 4, 1))
    made.inputs(4)[...] = inputs
    made.forward(4)
    full = made.outputs(4).copy()
    for n in (1, 3, 4):
        made.inputs(n)[...] = inputs[:n]
        made.forward(n)
        assert made.outputs(n).tobytes() == full[:n].tobytes()


def test_the_gradient_of_a_short_batch_is_that_of_a_network_of_its_size() -> None:
    plan = planned(CONVOLUTIONAL, (6, 4, 1))
    random = np.random.default_rng(0)
    inputs, d_outputs = random.normal(size=(3, 6, 4, 1)), random.normal(size=(3, 2))
    large, own = network(plan, 5), network(plan, 3)
    passed(large, random.normal(size=(5, 6, 4, 1)), random.normal(size=(5, 2)))
    for made in (large, own):
        passed(made, inputs, d_outputs)
    assert large.gradients.tobytes() == own.gradients.tobytes()


def test_parameters_are_views_on_one_vector_in_order() -> None:
    made = network(planned(CONVOLUTIONAL, (6, 4, 1)))
    named = made.kept()
    assert list(named) == [
        *("layers.0.weight", "layers.0.bias", "layers.3.weight", "layers.3.bias", "layers.5.weight"),
    ]
    np.testing.assert_array_equal(np.concatenate([array.ravel() for array in named.values()]), made.parameters)
    made.parameters[...] = 7
    assert all((array == 7).all() for array in named.values())


def test_initial_values_depend_on_the_seed_and_the_name_alone() -> None:
    one, other = (network(planned(layers, (6,))) for layers in ([LINEAR, LINEAR], [LINEAR, LINEAR, LINEAR]))
    for name in ("layers.0.weight", "layers.1.weight"):
        np.testing.assert_array_equal(one.kept()[name], other.kept()[name])
    assert not np.array_equal(other.kept()["layers.1.weight"], other.kept()["layers.2.weight"])
    other.initialize(6)
    assert not np.array_equal(one.kept()["layers.0.weight"], other.kept()["layers.0.weight"])


LINEAR = {"type": "linear", "out_features": 6}


class Column(NamedTuple):
    """What preprocessing says of a column of slot numbers."""

    name: str
    slots: int
    size: int


COLUMNS = [Column("street", 5, 3), Column("a roof", 2, 1)]


def test_embeddings_stand_in_front_as_a_layer_of_their_own() -> None:
    plan = plan_network(layers_of([LINEAR]), (4,), COLUMNS)
    assert [(layer.name, layer.kind, layer.parameters, layer.operation.outputs) for layer in plan.layers] == [
        ("data", "embed_columns", 5 * 3 + 2 * 1, (2 + 3 + 1,)),
        ("layers.0", "linear", 6 * 6 + 6, (6,)),
    ]
    assert plan.inputs == (4,)
    made = network(plan)
    assert list(made.kept()) == ["data.street", "data.a roof", "layers.0.weight", "layers.0.bias"]
    plain = network(planned([LINEAR], (6,)))
    np.testing.assert_array_equal(made.kept()["layers.0.weight"], plain.kept()["layers.0.weight"])


def test_embeddings_that_the_inputs_have_no_columns_for() -> None:
    with pytest.raises(ConfigError) as raised:
        plan_network(layers_of([LINEAR]), (1,), COLUMNS)
    assert raised.value.problems[0].path == "data"
    assert "at least 2 numbers" in raised.value.problems[0].what
    assert "got inputs of shape (1,)" in raised.value.problems[0].what


def test_the_gradients_of_a_network_with_embeddings() -> None:
    made = network(plan_network(layers_of([LINEAR, "tanh", {"type": "linear", "out_features": 2}]), (3,), COLUMNS))
    random = np.random.default_rng(3)
    inputs = np.array([[0.5, 4, 0], [-1.0, 1, 1], [2.0, 4, 1], [0.1, 0, 0]])
    d_outputs = random.normal(size=(4, 2))
    made.gradients[...] = np.nan
    passed(made, inputs, d_outputs)

    def objective() -> float:
        made.forward(4)
        return float(np.sum(made.outputs(4) * d_outputs))

    assert relative_error(made.gradients, numerical_gradient(objective, made.parameters)) < 1e-6


def test_load_takes_embeddings_and_refuses_those_of_other_data() -> None:
    plan = plan_network(layers_of([LINEAR]), (4,), COLUMNS)
    kept = {name: array.copy() for name, array in network(plan).kept().items()}
    made = Network(plan, 4, "float64")
    made.load(kept)
    assert {name: array.tolist() for name, array in made.kept().items()} == {
        name: array.tolist() for name, array in kept.items()
    }
    for changed, words in (
        (kept | {"data.garage": np.ones((2, 2))}, "tensors that the config does not: data.garage"),
        ({name: array for name, array in kept.items() if name != "data.street"}, "no tensor data.street"),
        (kept | {"data.street": np.ones((6, 3))}, "shape (6, 3), the config needs (5, 3)"),
    ):
        with pytest.raises(CheckpointError) as raised:
            made.load(changed)
        assert words in str(raised.value)


def test_load_takes_what_fits_and_refuses_the_rest() -> None:
    plan = planned([LINEAR], (3,))
    tensors = {"layers.0.weight": np.ones((3, 6)), "layers.0.bias": np.full(6, 2.0), "optimizer.x": np.zeros(1)}
    made = network(plan)
    made.load(tensors)
    assert made.parameters.tolist() == [1.0] * 18 + [2.0] * 6
    for change, words in (
        ({"layers.0.bias": None}, "no tensor layers.0.bias"),
        ({"layers.1.weight": np.ones(1)}, "tensors that the config does not: layers.1.weight"),
        ({"layers.0.weight": np.ones((6, 3))}, "shape (6, 3), the config needs (3, 6)"),
    ):
        changed = {name: tensor for name, tensor in {**tensors, **change}.items() if tensor is not None}
        with pytest.raises(CheckpointError) as raised:
            made.load(changed)
        assert words in str(raised.value)
        assert raised.value.problems[0].help
