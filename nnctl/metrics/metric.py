"""What a metric is: a number read off a tally."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Self

from numpy.typing import NDArray

from nnctl.metrics.tally import Tally
from nnctl.spec import Spec


class Metric(Spec):
    """Base of all metrics."""

    tally: ClassVar[Tally]
    fits: ClassVar[tuple[str, ...]] = ("classes", "binary", "values")
    """The kinds of targets (a loss's `targets`) that it can be computed for."""
    higher_is_better: ClassVar[bool] = True
    needs_probabilities: ClassVar[bool] = False
    """Whether outputs must be logits, so that there are probabilities of them."""
    needs_naive_forecasts: ClassVar[bool] = False
    """Whether it compares with the forecast of the last value, which only samples of a series have."""

    @property
    def name(self) -> str:
        """Its name in tables, in `metrics.jsonl` and in `monitor`."""
        return str(type(self).model_fields["type"].default)

    def beside(self, last_value: float) -> Self:
        """The metric of samples for which the forecast of the last value has this RMSE; NaN where there is none."""
        return self

    @abstractmethod
    def compute(self, tally: NDArray[Any]) -> float:
        """The metric of all samples in the tally; NaN where it is undefined (no samples)."""
