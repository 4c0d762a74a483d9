"""Channels chosen from those that a layer has: what the changed network computes and how it goes on learning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl import random
from nnctl.dynamics.select import ChannelsError, even_shares, select
from nnctl.dynamics.structure import Structure, by_name, flat
from nnctl.kernels.device import CPU
from nnctl.layers.operation import StepContext
from nnctl.model.network import Network
from nnctl.optimizers.optimizer import Optimizer
from nnctl.spec import kinds
from tests.support.changing_networks import filled, gradients_of, networks, outputs_of, samples_of
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.naive_chain import chain
from tests.support.specs import layers_of

CONVOLUTIONAL: list[Any] = [
    {"type": "conv2d", "out_channels": 3, "kernel_size": 3, "activation": "tanh"},
    "batch_norm",
    {"type": "avg_pool2d", "kernel_size": 2},
    "flatten",
    {"type": "linear", "out_features": 4, "activation": {"type": "prelu", "per_channel": True}},
    {"type": "linear", "out_features": 2},
]
IMAGE = (6, 4, 1)


def linear(out_features: int, **others: Any) -> dict[str, Any]:
    return {"type": "linear", "out_features": out_features, **others}


def free(structure: Structure) -> list[str]:
    return [name for name, channels in structure.channels.items() if not channels.bound]


def naive(structure: Structure, layer: str, sources: list[int], shares: list[float]) -> dict[str, NDArray[Any]]:
    """The arrays that are to be there, number by number."""
    channels = structure.channels[layer]
    found = {name: array.copy() for name, array in structure.arrays.items()}
    for name in channels.arrays:
        parts = np.split(structure.arrays[name], structure.arrays[name].shape[-1] // channels.count, -1)
        found[name] = np.concatenate([part[..., source][..., None] for part in parts for source in sources], -1)
    weight = structure.arrays[channels.reader]
    parts = np.split(weight, weight.shape[-2] // channels.count, -2)
    rows = [
        part[..., source, :][..., None, :] * share
        for part in parts
        for source, share in zip(sources, shares, strict=True)
    ]
    return found | {channels.reader: np.concatenate(rows, -2)}


@given(structure=networks(), data=st.data())
@settings(max_examples=40)
def test_copies_that_are_read_with_their_shares_change_nothing(structure: Structure, data: st.DataObject) -> None:
    inputs = samples_of(structure.inputs)
    expected, changed = outputs_of(structure, inputs), structure
    for layer in free(structure):
        count = changed.channels[layer].count
        copies = data.draw(st.lists(st.integers(0, count - 1), max_size=4))
        order = data.draw(st.permutations([*range(count), *copies]))
        changed = select(changed, layer, order, even_shares(order))
        assert changed.channels[layer].count == count + len(copies)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(outputs_of(changed, inputs), expected, rtol=0, atol=1e-12 * scale)
    narrow = replace(changed, arrays={name: array.astype(np.float32) for name, array in changed.arrays.items()})
    before = replace(structure, arrays={name: array.astype(np.float32) for name, array in structure.arrays.items()})
    difference = outputs_of(narrow, inputs) - outputs_of(before, inputs)
    assert np.abs(difference).max() <= 2e-6 * max(1.0, scale)


@given(structure=networks(), data=st.data())
@settings(max_examples=30)
def test_channels_that_nothing_reads_may_go(structure: Structure, data: st.DataObject) -> None:
    names = free(structure)
    if not names:
        return
    layer = data.draw(st.sampled_from(names))
    channels = structure.channels[layer]
    kept = sorted(data.draw(st.sets(st.integers(0, channels.count - 1), min_size=1)))
    weight = structure.arrays[channels.reader].copy()
    rows = np.arange(weight.shape[-2]) % channels.count
    weight[..., ~np.isin(rows, kept), :] = 0
    unread = replace(structure, arrays={**structure.arrays, channels.reader: weight})
    inputs = samples_of(structure.inputs)
    cut = select(unread, layer, kept)
    np.testing.assert_allclose(outputs_of(cut, inputs), outputs_of(unread, inputs), rtol=1e-11, atol=1e-12)


def test_channels_that_are_always_zero_may_go() -> None:
    layers = [{**CONVOLUTIONAL[0], "activation": "relu"}, *CONVOLUTIONAL[2:]]
    structure = filled(layers, IMAGE)
    arrays = {name: array.copy() for name, array in structure.arrays.items()}
    arrays["layers.0.weight"][..., 1] = arrays["layers.0.bias"][1] = 0
    dead, inputs = replace(structure, arrays=arrays), samples_of(IMAGE)
    cut = select(dead, "layers.0", [0, 2])
    np.testing.assert_allclose(outputs_of(cut, inputs), outputs_of(dead, inputs), rtol=1e-12)


@pytest.mark.parametrize(("layer", "sources"), [("layers.0", [2, 0, 2, 2]), ("layers.4", [3, 1]), ("layers.4", [1, 1])])
def test_arrays_number_by_number(layer: str, sources: list[int]) -> None:
    structure = filled(CONVOLUTIONAL, IMAGE)
    shares = [0.25 * (at + 1) for at in range(len(sources))]
    changed = select(structure, layer, sources, shares)
    expected = naive(structure, layer, sources, shares)
    assert changed.arrays.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(changed.arrays[name], array, err_msg=name)
    untouched = set(structure.arrays) - {*structure.channels[layer].arrays, structure.channels[layer].reader}
    assert all(changed.arrays[name] is structure.arrays[name] for name in untouched)


def test_what_it_computes_is_what_a_naive_network_of_its_layers_does() -> None:
    layers = [CONVOLUTIONAL[0], *CONVOLUTIONAL[2:4], linear(4), "tanh", linear(2)]
    structure = filled(layers, IMAGE)
    changed = select(select(structure, "layers.0", [2, 0, 1, 1]), "layers.3", [3, 0], [0.5, 2.0])
    inputs = samples_of(IMAGE)
    named = {name.removeprefix("layers."): array for name, array in changed.arrays.items()}
    expected = chain(changed.layers, "", inputs, named, StepContext())
    np.testing.assert_allclose(outputs_of(changed, inputs), expected, rtol=1e-10)


def test_gradients_of_a_changed_network() -> None:
    changed = select(filled(CONVOLUTIONAL, IMAGE), "layers.0", [0, 2, 2, 1], [1, 0.3, 0.7, 1])
    inputs, weights = samples_of(IMAGE), samples_of((2,), seed=3)
    arrays = {name: array.copy() for name, array in changed.arrays.items()}
    own = replace(changed, arrays=arrays)
    for name, gradient in gradients_of(changed, inputs, weights).items():
        numerical = numerical_gradient(lambda: float((outputs_of(own, inputs) * weights).sum()), arrays[name])
        assert relative_error(gradient, numerical) < 1e-7, name


OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"momentum": 0.9, "nesterov": True},
    "rmsprop": {"momentum": 0.5, "eps": 1e-30},
    "adadelta": {"eps": 1e-30},
    **{name: {"eps": 0.0} for name in ("adam", "adamw", "nadam", "adagrad", "lamb")},
}


def stepped(
    structure: Structure, optimizer: Optimizer, inputs: NDArray[Any], d_outputs: NDArray[Any], step: int
) -> Structure:
    """After one step of an optimizer, in evaluation; the structure's slots go on."""
    plan, gradients = structure.plan, gradients_of(structure, inputs, d_outputs)
    parameters = flat(plan, structure.arrays)
    slots = np.array([flat(plan, structure.slots[name]) for name in optimizer.slots])
    shapes = Network(plan, 1, "float64").shapes()
    optimizer.update(parameters, flat(plan, gradients), slots, shapes, 0.01, step, CPU())
    new = {name: by_name(plan, slot) for name, slot in zip(optimizer.slots, slots, strict=True)}
    return replace(structure, arrays={**structure.arrays, **by_name(plan, parameters)}, slots=new)


def started(structure: Structure, optimizer: Optimizer) -> Structure:
    """With slots as if it had been trained: positive ones, so that roots have something to take."""
    generator, size = random.generator(4, "slots"), structure.plan.trainable
    slots = {name: by_name(structure.plan, 0.5 + generator.random(size)) for name in optimizer.slots}
    return replace(structure, slots=slots, degrees=optimizer.slots)


@pytest.mark.parametrize("name", kinds(Optimizer))
def test_slots_are_as_gradients_of_the_changed_network_make_them(name: str) -> None:
    """To change a network and take a step leads to the same slots as to take the step and change it then."""
    made: Any = {"weight_decay": 0.0} | OPTIMIZERS.get(name, {})
    optimizer = kinds(Optimizer)[name].model_validate({"type": name, **made})
    structure = started(filled(CONVOLUTIONAL, IMAGE), optimizer)
    inputs, d_outputs = samples_of(IMAGE), samples_of((2,), seed=3)
    order = [1, 0, 2, 1, 1]
    shares = np.array([0.2, 1, 1, 0.5, 0.3])  # those of a channel add to 1, so that the function is the same
    first = stepped(select(structure, "layers.0", order, shares), optimizer, inputs, d_outputs, step=7)
    then = select(stepped(structure, optimizer, inputs, d_outputs, step=7), "layers.0", order, shares)
    assert first.slots.keys() == then.slots.keys() == optimizer.slots.keys()
    for slot in optimizer.slots:
        for parameter, array in then.slots[slot].items():
            np.testing.assert_allclose(first.slots[slot][parameter], array, rtol=1e-9, err_msg=f"{slot} {parameter}")


def test_a_step_of_sgd_with_momentum() -> None:
    """A copy moves by its share of the original's step, the weight that reads it by all of the original's."""
    optimizer = kinds(Optimizer)["sgd"].model_validate({"type": "sgd", "momentum": 0.9})
    structure = started(filled(CONVOLUTIONAL, IMAGE), optimizer)
    inputs, d_outputs = samples_of(IMAGE), samples_of((2,), seed=3)
    order, shares = [0, 1, 2, 0, 1, 2], np.full(6, 0.5)
    wide = select(structure, "layers.0", order, shares)
    step, of_wide = stepped(structure, optimizer, inputs, d_outputs, 1), stepped(wide, optimizer, inputs, d_outputs, 1)

    def moved(before: Structure, behind: Structure, name: str) -> NDArray[Any]:
        return np.asarray(behind.arrays[name] - before.arrays[name])

    channels = structure.channels["layers.0"]
    for name in set(structure.slots["velocity"]) - {*channels.arrays, channels.reader}:
        np.testing.assert_allclose(moved(wide, of_wide, name), moved(structure, step, name), rtol=1e-10)
    for name in set(channels.arrays) & set(structure.slots["velocity"]):
        of_originals = moved(structure, step, name)[..., order]
        np.testing.assert_allclose(moved(wide, of_wide, name), 0.5 * of_originals, rtol=1e-10)
    own, other = moved(wide, of_wide, channels.reader), moved(structure, step, channels.reader)
    np.testing.assert_allclose(own.reshape(2, 2, 3, -1)[:, 0], other.reshape(2, 3, -1), rtol=1e-10)
    np.testing.assert_allclose(own.reshape(2, 2, 3, -1)[:, 1], other.reshape(2, 3, -1), rtol=1e-10)


def test_frozen_layers_change_and_have_no_slots() -> None:
    frozen = {**CONVOLUTIONAL[0], "freeze": True}
    optimizer = kinds(Optimizer)["adam"].model_validate({"type": "adam"})
    structure = started(filled([frozen, *CONVOLUTIONAL[1:]], IMAGE), optimizer)
    changed, inputs = select(structure, "layers.0", [0, 1, 2, 2], [1, 1, 0.5, 0.5]), samples_of(IMAGE)
    np.testing.assert_allclose(outputs_of(changed, inputs), outputs_of(structure, inputs), rtol=1e-12)
    assert "layers.0.weight" not in changed.slots["exp_avg"]
    assert flat(changed.plan, changed.slots["exp_avg"]).size == changed.plan.trainable


def test_initial_values_that_are_given_number_by_number_are_left_out() -> None:
    slopes = {"type": "prelu", "per_channel": True, "slope": [1, 2, 3]}
    penalty = {"activity_l2": 0.1}
    first = linear(3, bias=[1, 2, 3], activation=slopes, regularization=penalty)
    changed = select(filled([first, linear(1, weight=[[1], [2], [3]], bias=[4])], (2,)), "layers.0", [0, 2])
    usual = linear(2, activation={**slopes, "slope": 0.25}, regularization=penalty)
    assert list(changed.layers) == layers_of([usual, linear(1)])


REPEATED = {"type": "repeat", "repeat": 2, "layers": [linear(3), linear(3)]}
RESIDUAL = {"type": "residual", "layers": [linear(5), linear(2)], "shortcut": "projection"}


@pytest.mark.parametrize(
    ("layers", "layer", "what"),
    [
        ([linear(2)], "layers.0", "its outputs are the network's"),
        ([linear(2), "softmax", linear(2)], "layers.0", "layers.1 (softmax) reads them"),
        ([linear(2), "layer_norm", linear(2)], "layers.0", "layers.1 (layer_norm) reads them"),
        ([REPEATED], "layers.0.0.layers.0", "layers.0 repeats it"),
        ([RESIDUAL], "layers.0.layers.1", "added to the shortcut of layers.0"),
        ([RESIDUAL], "layers.0.shortcut", "added to the shortcut of layers.0"),
        ([linear(4), RESIDUAL], "layers.0", "layers.1 (residual) reads them"),
        ([{"type": "parallel", "branches": [[linear(3)], []]}], "layers.0.branches.0.0", "joined by layers.0"),
        ([linear(3), linear(1)], "layers.2", "makes no channels; those that do: layers.0, layers.1"),
    ],
)
def test_what_cannot_change_is_refused_and_why(layers: list[Any], layer: str, what: str) -> None:
    with pytest.raises(ChannelsError, match=layer) as raised:
        select(filled(layers, (3,)), layer, [0])
    assert what in str(raised.value)


CONV: dict[str, Any] = {"type": "conv2d", "out_channels": 4, "kernel_size": 1}
DEPTHWISE = {"type": "depthwise_conv2d", "kernel_size": 1, "multiplier": 2}


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        (CONV, CONV | {"groups": 2}, "layers.1 (conv2d) reads them in groups"),
        (CONV | {"groups": 2}, CONV, "it makes them in groups"),
        (CONV, DEPTHWISE, "layers.1 (depthwise_conv2d) makes several of each"),
    ],
)
def test_groups_are_refused(first: dict[str, Any], second: dict[str, Any], what: str) -> None:
    with pytest.raises(ChannelsError) as raised:
        select(filled([first, second, CONV], (2, 2, 2)), "layers.0", [0])
    assert what in str(raised.value)


@pytest.mark.parametrize(("sources", "shares"), [([], None), ([3], None), ([-1], None), ([[0]], None), ([0, 1], [1.0])])
def test_choices_that_are_none(sources: Any, shares: Any) -> None:
    with pytest.raises(ChannelsError, match=r"layers\.0: expected"):
        select(filled(CONVOLUTIONAL, IMAGE), "layers.0", sources, shares)


@given(structure=networks())
@settings(max_examples=20)
def test_flat_vectors_and_their_parts(structure: Structure) -> None:
    vector = np.arange(structure.plan.trainable)
    named = by_name(structure.plan, vector)
    np.testing.assert_array_equal(flat(structure.plan, named), vector)
    shapes = {spec.name: spec.shape for spec in structure.plan.chain.arrays if spec.role == "parameter"}
    assert {name: array.shape for name, array in named.items()} == shapes
