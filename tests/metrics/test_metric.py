"""The family of metrics."""

from __future__ import annotations

from nnctl.metrics.metric import Metric
from tests.support.kinds_have_tests import assert_kinds_have_tests
from tests.support.metric_check import MetricCheck


def test_every_metric_has_its_test() -> None:
    assert_kinds_have_tests(Metric, MetricCheck)
