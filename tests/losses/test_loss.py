"""The family of losses."""

from __future__ import annotations

from nnctl.losses.loss import Loss
from tests.support.kinds_have_tests import assert_kinds_have_tests
from tests.support.loss_check import LossCheck


def test_every_loss_has_its_test() -> None:
    assert_kinds_have_tests(Loss, LossCheck)
