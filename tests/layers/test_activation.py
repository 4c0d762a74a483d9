"""The family of activations."""

from __future__ import annotations

from nnctl.layers.activation import Activation
from nnctl.layers.layer import Layer
from nnctl.spec import kinds
from tests.support.activation_check import ActivationCheck
from tests.support.kinds_have_tests import assert_kinds_have_tests


def test_every_activation_has_its_test() -> None:
    assert_kinds_have_tests(Activation, ActivationCheck)


def test_every_activation_is_a_layer() -> None:
    assert kinds(Activation).items() <= kinds(Layer).items()
