"""The family of schedules."""

from __future__ import annotations

from nnctl.schedules.schedule import Schedule
from tests.support.kinds_have_tests import assert_kinds_have_tests
from tests.support.schedule_check import ScheduleCheck


def test_every_schedule_has_its_test() -> None:
    assert_kinds_have_tests(Schedule, ScheduleCheck)
