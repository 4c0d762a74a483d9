"""What a diagnosis is: a rule that reads a run's record, and says what is wrong, by which numbers, and what to do.

Each diagnosis is a file in this folder. Its docstring says the rule and its source.
"""

from __future__ import annotations

import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

from nnctl.beside import classes_beside
from nnctl.diagnoses.record import RunRecord
from nnctl.text import listed

MOST = 5  # findings that are told


@dataclass(frozen=True)
class Finding:
    """What a diagnosis found.

    name: of the diagnosis. what: a sentence without its full stop, with the most telling numbers. where: layers,
    columns or classes. epoch: from which on, or None. evidence: the numbers that it is read from, by name. remedy:
    KEY=VALUE texts that work together when they are typed behind the same command. advice: what cannot be typed, or
    what else helps. is_noted: whether a note of the run says it already.
    """

    name: str
    what: str
    where: tuple[str, ...] = ()
    epoch: int | None = None
    evidence: dict[str, Any] = field(default_factory=dict)
    remedy: tuple[str, ...] = ()
    advice: str = ""
    is_noted: bool = False

    @property
    def remedy_in_words(self) -> str:
        tried = f"try {shlex.join(self.remedy)}" if self.remedy else ""
        return ", or ".join(text for text in (tried, self.advice) if text)

    @property
    def in_words(self) -> str:
        """A sentence for people, without its full stop."""
        return "; ".join(text for text in (self.what, self.remedy_in_words) if text)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "what": self.what,
            "where": list(self.where),
            "epoch": self.epoch,
            "evidence": self.evidence,
            "remedy": list(self.remedy),
            "advice": self.advice,
        }


class Diagnosis(ABC):
    """Base of all diagnoses. Those in this folder are found, and take part in every run.

    is_early: whether it may be told while the run goes on: it looks at measurements alone, and is certain once it
    finds something. rank: the smallest is told first. makes_diverge: whether it may be why a run ends in NaN. explains:
    names of others that are its consequences, and are not told beside it.
    """

    name: ClassVar[str]
    is_early: ClassVar[bool] = False
    rank: ClassVar[int] = 2
    makes_diverge: ClassVar[bool] = False
    explains: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def find(self, run: RunRecord) -> Finding | None:
        """What is wrong; None where nothing is, or too little is known."""


def diagnose(run: RunRecord) -> list[Finding]:
    """What is wrong with a run, the worst first; of a run that goes on, only what is certain already."""
    found: list[tuple[Diagnosis, Finding]] = []
    for diagnosis in diagnoses():
        if run.ended is not None or diagnosis.is_early:
            finding = diagnosis.find(run)
            if finding is not None:
                found.append((diagnosis, finding))
    causes = [diagnosis for diagnosis, _ in found if diagnosis.name not in _explained(each for each, _ in found)]
    explained = _explained(causes)  # what a consequence would explain has another cause, which is told
    left = [(diagnosis.rank, finding) for diagnosis, finding in found if diagnosis.name not in explained]
    return [finding for _, finding in sorted(left, key=lambda each: each[0])][:MOST]


def _explained(causes: Iterable[Diagnosis]) -> set[str]:
    return {name for diagnosis in causes for name in diagnosis.explains}


@cache
def diagnoses() -> tuple[Diagnosis, ...]:
    """One of each kind in this folder, in the order of the files."""
    return tuple(kind() for kind in classes_beside(Diagnosis))


def shown(value: float) -> str:
    """A number in a sentence."""
    return f"{value:.2g}" if abs(value) < 100 else f"{value:,.0f}" if abs(value) < 1e6 else f"{value:.1e}"


def percent(share: float) -> str:
    """A share in a sentence, with two digits where it is small."""
    return f"{100 * share:.2g}%" if share < 0.1 else f"{share:.0%}"


def named(layers: tuple[str, ...]) -> str:
    """Layers in a sentence."""
    return listed(layers, 4)
