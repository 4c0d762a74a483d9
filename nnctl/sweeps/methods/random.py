"""Random search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Literal

from nnctl.random import generator
from nnctl.sweeps.methods.method import Method, Tried
from nnctl.sweeps.parameter import Parameter, Setting, Settings
from nnctl.sweeps.space import MOST_TRIALS, Space

DRAWS = 100  # that give nothing new, one after the other, show that little is left


class Random(Method):
    """Combinations drawn at random, none twice: of a parameter each value, of a range each number, is as likely.

    A longer search begins with the combinations of a shorter one.
    Source: Bergstra and Bengio 2012, "Random search for hyper-parameter optimization".
    """

    type: Literal["random"] = "random"

    def count(self, space: Space, asked: int | None) -> int:
        return enough(space, asked)

    def all(self, space: Space, count: int, seed: int) -> Iterator[Settings]:
        return islice(draws(space, seed), count)

    def choose(
        self, space: Space, number: int, count: int, seed: int, tried: Sequence[Tried], higher: bool
    ) -> Settings:
        return next(islice(draws(space, seed), number, None))


def enough(space: Space, asked: int | None) -> int:
    """How many combinations are asked for. Raises ValueError where there are not so many, or the number is missing."""
    if asked is None:
        raise ValueError("needs the number of combinations to try; add trials: 20")
    if any(_is_endless(parameter) for parameter in space.parameters):
        return asked
    found = sum(1 for _ in islice(_whole(space).grid(), asked))
    if found < asked:
        raise ValueError(f"asks for {asked:,} combinations, and there are only {found:,}; use fewer, or method: grid")
    return asked


def draws(space: Space, seed: int) -> Iterator[Settings]:
    """Random combinations, none twice, until there are no more: at least as many as `enough` finds."""
    seen: set[tuple[tuple[str, Setting], ...]] = set()
    while True:
        stream = generator(seed, "sweep", len(seen))
        drawn = (space.walk(lambda parameter: parameter.draw(stream)) for _ in range(DRAWS))  # noqa: B023 - used up here
        settings = next((settings for settings in drawn if _key(settings) not in seen), None)
        if settings is None:
            break
        seen.add(_key(settings))
        yield settings
    rest = list(islice((settings for settings in _whole(space).grid() if _key(settings) not in seen), MOST_TRIALS))
    yield from (rest[index] for index in generator(seed, "sweep").permutation(len(rest)))


def _key(settings: Settings) -> tuple[tuple[str, Setting], ...]:
    return tuple(settings.items())


def _is_endless(parameter: Parameter) -> bool:
    return not parameter.when and parameter.range is not None and not parameter.range.integer


def _whole(space: Space) -> Space:
    """The same, with all numbers of its integer ranges in the grid, and as many as can be tried of others."""

    def whole(parameter: Parameter) -> Parameter:
        if parameter.range is None:
            return parameter
        low, high, integer = parameter.range.low, parameter.range.high, parameter.range.integer
        steps = min(int(high) - int(low) + 1, MOST_TRIALS) if integer else MOST_TRIALS
        return replace(parameter, range=replace(parameter.range, steps=steps, log=False))

    return replace(space, parameters=tuple(whole(parameter) for parameter in space.parameters))
