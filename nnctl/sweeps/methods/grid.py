"""Grid search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal

from nnctl.sweeps.methods.method import Method, Tried
from nnctl.sweeps.parameter import Settings
from nnctl.sweeps.space import MOST_TRIALS, Space


class Grid(Method):
    """Every combination of the parameters' values, once. Of a range it tries `steps` numbers."""

    type: Literal["grid"] = "grid"

    def count(self, space: Space, asked: int | None) -> int:
        if asked is not None:
            raise ValueError(
                "is set, and a grid tries all of its combinations; leave trials out, or use method: random"
            )
        for parameter in space.parameters:
            if parameter.range is not None and parameter.range.steps is None:
                raise ValueError(f"{parameter.name} is a range, and a grid tries some of its numbers; add steps: 5")
        found = sum(1 for _ in islice(space.grid(), MOST_TRIALS + 1))
        if found > MOST_TRIALS:
            help = "remove values, or use method: random with trials: 100"
            raise ValueError(
                f"the grid has up to {space.size():,} combinations, at most {MOST_TRIALS:,} can be tried; {help}"
            )
        return found

    def all(self, space: Space, count: int, seed: int) -> Iterator[Settings]:
        return space.grid()

    def choose(
        self, space: Space, number: int, count: int, seed: int, tried: Sequence[Tried], higher: bool
    ) -> Settings:
        return next(islice(space.grid(), number, None))
