"""What a check before training is: it looks at a run that has not begun, and says what would keep it from learning.

Source of the list of checks: Karpathy 2019, "A recipe for training neural networks". Each check is a file of this
folder; its limits are relative to the run itself, so that they hold for any data and any loss.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from nnctl.beside import classes_beside
from nnctl.preflight.subject import Subject


@dataclass(frozen=True)
class Finding:
    """name: what is wrong, in a word. where: a layer or a key of the config. evidence: the numbers that show it.
    remedy: `KEY=VALUE` where that would do, else what to do.
    """

    name: str
    where: str
    evidence: str
    remedy: str


class Check(ABC):
    """Base of all checks.

    order: those with smaller numbers come first, as causes come before what they cause. is_symptom: whether anything
    that others find explains what this one would, which is looked at only if they find nothing.
    """

    order: ClassVar[int]
    is_symptom: ClassVar[bool] = False

    @abstractmethod
    def findings(self, subject: Subject) -> Iterator[Finding]:
        """What is wrong; nothing where all is well."""


def examine(subject: Subject) -> list[Finding]:
    """What the checks of this folder find."""
    found: list[Finding] = []
    for check in _checks():
        if not (check.is_symptom and found):
            found += check.findings(subject)
    return found


def _checks() -> list[Check]:
    return sorted((kind() for kind in classes_beside(Check)), key=lambda check: check.order)
