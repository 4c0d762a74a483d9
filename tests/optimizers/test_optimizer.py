"""The family of optimizers."""

from __future__ import annotations

from nnctl.optimizers.optimizer import Optimizer
from tests.support.kinds_have_tests import assert_kinds_have_tests
from tests.support.optimizer_check import OptimizerCheck


def test_every_optimizer_has_its_test() -> None:
    assert_kinds_have_tests(Optimizer, OptimizerCheck)
