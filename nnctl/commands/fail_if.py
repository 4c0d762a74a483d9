"""Conditions on metrics, as `--fail-if 'accuracy<0.97'` states them."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nnctl.errors import Problem, UsageError
from nnctl.text import did_you_mean

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
FORM = re.compile(r"\s*(\w+)\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*")


@dataclass(frozen=True)
class Condition:
    """metric, comparison, number; text as it was given."""

    text: str
    metric: str
    comparison: str
    number: float

    def holds(self, metrics: Mapping[str, float]) -> bool:
        """Whether it is met. An undefined metric (NaN) meets every condition, so that nothing passes by it."""
        value = metrics[self.metric]
        return math.isnan(value) or COMPARISONS[self.comparison](value, self.number)


def parse_conditions(texts: Iterable[str], known: Sequence[str]) -> tuple[Condition, ...]:
    """The conditions, checked against the names of the metrics. Raises UsageError with every mistake."""
    conditions: list[Condition] = []
    problems: list[Problem] = []
    for text in texts:
        match = FORM.fullmatch(text)
        number = _number(match[3]) if match else None
        if match is None or number is None:
            problems.append(
                Problem(
                    f"--fail-if {text!r} cannot be read", help="write a metric, a comparison, a number: 'accuracy<0.97'"
                )
            )
        elif match[1] not in known:
            help = did_you_mean(match[1], known) or f"this checkpoint has: {', '.join(known)}"
            problems.append(Problem(f"--fail-if {text!r}: unknown metric {match[1]}", help=help))
        else:
            conditions.append(Condition(text, match[1], match[2], number))
    if problems:
        raise UsageError(*problems)
    return tuple(conditions)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
