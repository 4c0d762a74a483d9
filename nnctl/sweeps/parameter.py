"""A parameter of a sweep: the keys of the runs' config that it sets, and the values that it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnctl.config.document import Document, Place
from nnctl.config.overrides import set_value, value_at
from nnctl.spec import Spec

Setting = int | float  # of a parameter in one trial: the index of a choice, or a number of a range
Settings = dict[str, Setting]  # by the names of the parameters that are in use, in their order


@dataclass(frozen=True)
class Choice:
    """One value of a parameter. values: one for each of its keys, with its place in the sweep's file."""

    values: tuple[Document, ...]

    @property
    def json(self) -> Any:
        """The value; of linked keys the list of their values."""
        trees = [value.tree for value in self.values]
        return trees[0] if len(trees) == 1 else trees


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both among them. log: as many below their geometric mean as above.

    steps: how many of them a grid takes, evenly spaced.
    """

    low: float
    high: float
    log: bool = False
    integer: bool = False
    steps: int | None = None

    def at(self, fraction: float) -> Setting:
        """The number at a fraction of the way from `low` (0) to `high` (1)."""
        low, high = float(self.low), float(self.high)
        if self.integer:  # each whole number has a part of the way of its own, and all are of the same length
            low, high = low - 0.5, high + 0.5
        value = low * (high / low) ** fraction if self.log else low + (high - low) * fraction
        return self.rounded(value)

    def rounded(self, value: float) -> Setting:
        """The number of the range that is meant: a whole one, or one of as many digits as people can read."""
        if self.integer:
            return min(max(round(value), int(self.low)), int(self.high))
        narrow = max(abs(self.low), abs(self.high)) / (self.high - self.low)
        digits = 6 + max(0, int(math.log10(narrow)))
        return min(max(float(f"{value:.{digits}g}"), float(self.low)), float(self.high))

    def grid(self) -> list[Setting]:
        """`steps` numbers from `low` to `high`; fewer where whole numbers would come twice."""
        steps = self.steps or 2
        low, high = float(self.low), float(self.high)
        spaced = np.geomspace(low, high, steps) if self.log else np.linspace(low, high, steps)
        return list(dict.fromkeys(self.rounded(value) for value in spaced))


@dataclass(frozen=True)
class Parameter:
    """name: as the file has it. keys: of the runs' config, which are set together. place: of the name in the file.

    choices or range: what it takes; the other is empty. when: it is in use only where each of these keys of the runs'
    config has one of these values, as the parameters before it leave them.
    """

    name: str
    keys: tuple[str, ...]
    place: Place
    choices: tuple[Choice, ...] = ()
    range: Range | None = None
    when: dict[str, list[Any]] = field(default_factory=dict)

    def is_used(self, tree: Any) -> bool:
        """Whether its conditions hold in the tree of a run's config."""
        return all(any(_is(value_at(tree, key), wanted) for wanted in values) for key, values in self.when.items())

    def set(self, document: Document, setting: Setting) -> None:
        """Write a setting into a run's config. Raises ConfigError where there is no such place."""
        for key, value in zip(self.keys, self._values(setting), strict=True):
            set_value(document, key, value, self.place)

    def json(self, setting: Setting) -> Any:
        """The value that a setting means, as a config has it; of linked keys the list of their values."""
        return self.choices[int(setting)].json if self.range is None else setting

    def grid(self) -> list[Setting]:
        """All settings that a grid tries."""
        return list(range(len(self.choices))) if self.range is None else self.range.grid()

    def draw(self, stream: np.random.Generator) -> Setting:
        """A random setting, each as likely as the others."""
        return int(stream.integers(len(self.choices))) if self.range is None else self.range.at(stream.random())

    def _values(self, setting: Setting) -> tuple[Document, ...]:
        if self.range is None:
            return tuple(value.copy() for value in self.choices[int(setting)].values)  # others may change them
        return (Document(self.place.file, setting, values={(): self.place}),)


def _is(value: Any, wanted: Any) -> bool:
    """Whether a value of a config is the wanted one; a word also means a mapping of that `type`."""
    if isinstance(value, dict) and isinstance(wanted, str):
        value = value.get(Spec.tag)
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    return bool(value == wanted)
