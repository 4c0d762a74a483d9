"""The family of layers."""

from __future__ import annotations

from nnctl.layers.layer import Layer
from nnctl.spec import kinds
from tests.support.kind_check import GOLDEN
from tests.support.kinds_have_tests import assert_kinds_have_tests, check_of
from tests.support.layer_check import LayerCheck
from tests.support.pytorch_layer_check import PyTorchLayerCheck


def checks() -> list[type[LayerCheck]]:
    return [check_of(kind, LayerCheck) for kind in kinds(Layer).values()]


def test_every_layer_has_its_test() -> None:
    assert_kinds_have_tests(Layer, LayerCheck)


def test_each_is_compared_with_pytorch_or_says_why_not() -> None:
    for check in checks():
        assert issubclass(check, PyTorchLayerCheck) != bool(check.without_pytorch), check


def test_every_stored_file_is_read() -> None:
    readers = {check.golden_file() for check in checks() if issubclass(check, PyTorchLayerCheck)}
    assert set((GOLDEN / "layers").iterdir()) == readers
