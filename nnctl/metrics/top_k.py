"""Top-k accuracy."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from numpy.typing import NDArray
from pydantic import Field

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import RANKS, Tally


class TopK(Metric):
    """The fraction of samples whose class is among the `k` largest outputs. Equal outputs count against the class."""

    type: Literal["top_k"] = "top_k"
    k: int = Field(default=5, ge=1)
    """How many outputs may be named."""
    tally: ClassVar[Tally] = RANKS
    fits: ClassVar[tuple[str, ...]] = ("classes",)

    @property
    def name(self) -> str:
        return f"top_{self.k}"

    def compute(self, tally: NDArray[Any]) -> float:
        return float(tally[: self.k].sum() / tally.sum()) if tally.sum() else float("nan")
