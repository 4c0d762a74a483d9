"""The search space: the runs' config and the parameters that change it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from math import prod

from nnctl.config.document import Document
from nnctl.sweeps.parameter import Parameter, Setting, Settings

MOST_TRIALS = 10_000  # of a sweep
MOST_CORNERS = 1_000


@dataclass(frozen=True)
class Space:
    """base: the runs' config as far as the parameters leave it. parameters: in the order in which they are set."""

    base: Document
    parameters: tuple[Parameter, ...]

    def walk(self, choose: Callable[[Parameter], Setting]) -> Settings:
        """Ask for a setting of each parameter in its order, except those that are not in use then."""
        document, settings = self.base.copy(), Settings()
        for parameter in self.parameters:
            if parameter.is_used(document.tree):
                settings[parameter.name] = choose(parameter)
                parameter.set(document, settings[parameter.name])
        return settings

    def document(self, settings: Settings) -> Document:
        """The config of a run with these settings."""
        document = self.base.copy()
        for parameter in self.parameters:
            if parameter.name in settings:
                parameter.set(document, settings[parameter.name])
        return document

    def grid(self) -> Iterator[Settings]:
        """Every combination; the last parameter changes fastest."""
        yield from self._grid(self.base, Settings(), 0)

    def size(self) -> int:
        """How many combinations a grid has at most: conditions may make it fewer."""
        return prod(len(parameter.grid()) for parameter in self.parameters)

    def corners(self) -> Iterator[Settings]:
        """Every combination of the choices and the ends of ranges, or the first of them where they are many: where
        these can run, what lies between them most often can.
        """
        ends = [p if p.range is None else replace(p, range=replace(p.range, steps=2)) for p in self.parameters]
        yield from islice(replace(self, parameters=tuple(ends)).grid(), MOST_CORNERS)

    def json(self, settings: Settings) -> dict[str, object]:
        """Settings as people wrote them: the values by the names of the parameters."""
        return {
            parameter.name: parameter.json(settings[parameter.name])
            for parameter in self.parameters
            if parameter.name in settings
        }

    def _grid(self, document: Document, settings: Settings, position: int) -> Iterator[Settings]:
        if position == len(self.parameters):
            yield dict(settings)
            return
        parameter = self.parameters[position]
        if not parameter.is_used(document.tree):
            yield from self._grid(document, settings, position + 1)
            return
        for setting in parameter.grid():
            changed = document.copy()
            parameter.set(changed, setting)
            yield from self._grid(changed, settings | {parameter.name: setting}, position + 1)
