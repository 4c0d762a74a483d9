"""The family of averagings."""

from __future__ import annotations

from nnctl.averaging.averaging import Averaging
from tests.support.averaging_check import AveragingCheck
from tests.support.kinds_have_tests import assert_kinds_have_tests


def test_every_kind_is_checked() -> None:
    assert_kinds_have_tests(Averaging, AveragingCheck)
