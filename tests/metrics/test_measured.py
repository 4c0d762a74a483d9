"""The names of what a run measures, and which values are better."""

from __future__ import annotations

from typing import Literal

import pytest

from nnctl.metrics.accuracy import Accuracy
from nnctl.metrics.measured import higher_is_better, measured_names
from nnctl.metrics.metric import Metric
from nnctl.metrics.top_k import TopK
from nnctl.spec import kinds


def test_the_names_are_those_of_a_row() -> None:
    names = measured_names([Accuracy(), TopK(k=3)])
    assert names == ["loss", "accuracy", "top_3", "val_loss", "val_accuracy", "val_top_3"]


@pytest.mark.parametrize("before", ["", "val_"])
def test_the_direction_is_that_of_the_kind(before: str) -> None:
    assert not higher_is_better(f"{before}loss")
    for name, kind in kinds(Metric).items():
        assert higher_is_better(f"{before}{name}") is kind.higher_is_better
    assert higher_is_better(f"{before}top_5")


def test_a_metric_may_have_a_name_of_its_own() -> None:
    class Named(TopK):
        type: Literal["top_k"] = "top_k"
        higher_is_better = False

        @property
        def name(self) -> str:
            return "misses"

    assert not higher_is_better("val_misses", [Named()])
