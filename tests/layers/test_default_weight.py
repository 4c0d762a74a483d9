"""A weight that the config leaves open starts as it is usual for the activation behind it."""

from __future__ import annotations

from typing import Any

import pytest

from nnctl.layers.default_weight import with_default_weights
from tests.support.specs import layers_of


def weight_of(*layers: Any) -> str | None:
    """The kind of the first layer's weight once defaults are filled in."""
    weight = getattr(with_default_weights(layers_of(list(layers)))[0], "weight", None)
    return weight and str(weight.type)


LINEAR = {"type": "linear", "out_features": 2}


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("relu", "he_normal"),
        ("leaky_relu", "he_normal"),
        ("elu", "he_normal"),
        ("tanh", "xavier_uniform"),
        ("sigmoid", "xavier_uniform"),
        ("softmax", "xavier_uniform"),
    ],
)
def test_by_the_activation_of_its_own_or_the_layer_right_behind(activation: str, expected: str) -> None:
    convolution = {"type": "conv2d", "out_channels": 2, "kernel_size": 3}
    for layer in (LINEAR, convolution):
        assert weight_of({**layer, "activation": activation}) == expected
        assert weight_of(layer, activation) == expected


def test_its_own_activation_counts_before_the_next_layer() -> None:
    assert weight_of({**LINEAR, "activation": "tanh"}, "relu") == "xavier_uniform"
    assert weight_of({**LINEAR, "activation": "relu"}, "tanh") == "he_normal"


def test_without_an_activation() -> None:
    assert weight_of(LINEAR) == "xavier_uniform"
    assert weight_of(LINEAR, LINEAR) == "xavier_uniform"


def test_what_the_config_says_stays() -> None:
    assert weight_of({**LINEAR, "weight": "zeros", "activation": "relu"}) == "zeros"
    assert weight_of({**LINEAR, "weight": 0.5}, "relu") == "constant"


def test_layers_without_a_weight_stay_as_they_are_and_twice_is_once() -> None:
    layers = layers_of(["flatten", LINEAR, "relu", {"type": "dropout"}])
    once = with_default_weights(layers)
    assert once[0] is layers[0]
    assert once[2:] == layers[2:]
    assert with_default_weights(once) == once
    assert weight_of("flatten") is None
