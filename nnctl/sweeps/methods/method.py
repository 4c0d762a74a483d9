"""What a search method is: which combinations of settings are tried."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from nnctl.spec import Spec
from nnctl.sweeps.parameter import Settings
from nnctl.sweeps.space import Space


@dataclass(frozen=True)
class Tried:
    """A combination that a method learns from. value: the metric, as a mean over seeds; None where it has none: it
    failed, was pruned, or has not ended.

    ended: False where it may still be running. curve: of a pruned one the metric after each epoch, as far as it came.
    """

    settings: Settings
    value: float | None = None
    ended: bool = True
    curve: tuple[float, ...] = ()


class Method(Spec):
    """Base of all search methods. The same space and seed give the same combinations."""

    learns: ClassVar[bool] = False
    """Whether a combination depends on how good the ones before it were."""

    @abstractmethod
    def count(self, space: Space, asked: int | None) -> int:
        """How many combinations will be tried. asked: what the sweep's file wants. Raises ValueError with a text of the
        form `what; help`, where the space cannot give so many, or where the method needs a number and has none.
        """

    @abstractmethod
    def choose(
        self, space: Space, number: int, count: int, seed: int, tried: Sequence[Tried], higher: bool
    ) -> Settings:
        """The combination with this number, from 0, of `count`.

        tried: for methods that learn, all before it in their order; for others nothing. higher: whether a higher value
        is a better one.
        """

    def all(self, space: Space, count: int, seed: int) -> Iterator[Settings]:
        """All combinations of a method that does not learn, in their order: `choose`, in less time."""
        return (self.choose(space, number, count, seed, (), True) for number in range(count))
