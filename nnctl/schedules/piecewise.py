"""Steps of any height, at any time."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nnctl.schedules.schedule import Schedule
from nnctl.text import counted


class Piecewise(Schedule):
    """After each of some epochs the learning rate is another share of the config's; until the first it is all of it."""

    type: Literal["piecewise"] = "piecewise"
    epochs: list[Annotated[float, Field(ge=0.0)]] = Field(min_length=1)
    """After how many epochs it changes, e.g. [30, 60]."""
    factors: list[Annotated[float, Field(gt=0.0)]] = Field(min_length=1)
    """The shares from then on, e.g. [0.1, 0.01]."""

    @model_validator(mode="after")
    def _alike(self) -> Self:
        if len(self.epochs) != len(self.factors):
            found = f"{counted(len(self.epochs), 'epoch')}, but {counted(len(self.factors), 'factor')}"
            raise ValueError(f"piecewise has {found}; give a factor for each epoch")
        if any(before >= after for before, after in pairwise(self.epochs)):
            raise ValueError("epochs are not in rising order; sort them, each once, with their factors")
        return self

    def share(self, epoch: float, epochs: float, step: float) -> float:
        number = bisect_right(self.epochs, epoch + 1e-9)  # as in `whole_epochs`
        return self.factors[number - 1] if number else 1.0
