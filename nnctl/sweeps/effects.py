"""What each parameter of a sweep does to its metric, over all that the others do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnctl.sweeps.label import key_of, labels
from nnctl.sweeps.record import TrialRecord

MOST_NUMBERS = 6  # different ones that are shown one by one
GROUPS = 4  # of more than that
NOT_USED = "not used"


@dataclass(frozen=True)
class Group:
    """The ended trials with one value of a parameter, or with its numbers from one to another."""

    label: str
    value: Any
    records: list[TrialRecord]

    @property
    def values(self) -> list[float]:
        """The metric of those that have it; of a pruned one as far as it came."""
        return [float(record.value) for record in self.records if record.value is not None and has_value(record)]


def effects(records: Sequence[TrialRecord], higher: bool) -> list[dict[str, Any]]:
    """Each parameter with its values, the one that explains most first.

    share: the part of the metric's variance that lies between the values (eta squared); null where nothing varies.
    trials: those that have a metric, pruned ones among them. deviation: of a sample (ddof=1), null for a single trial.
    """
    ended = [record for record in records if record.status != "unfinished"]
    names = dict.fromkeys(name for record in ended for name in record.parameters)
    found = [_effect(name, groups_of(name, ended), higher) for name in names]
    return sorted(found, key=lambda effect: -1.0 if effect["share"] is None else effect["share"], reverse=True)


def has_value(record: TrialRecord) -> bool:
    """Whether it has ended with a metric that is a number."""
    ended = record.status in ("finished", "early", "pruned")
    return ended and record.value is not None and math.isfinite(record.value)


def mean_and_deviation(values: Sequence[float]) -> tuple[float | None, float | None]:
    """Of a sample (ddof=1); None where there are too few values, or where they are too large to add up."""
    numbers = np.array(values, float)
    with np.errstate(all="ignore"):
        mean = _finite(numbers.mean()) if len(numbers) else None
        return mean, _finite(numbers.std(ddof=1)) if len(numbers) > 1 else None


def groups_of(name: str, records: Sequence[TrialRecord]) -> list[Group]:
    """Trials by their value of a parameter: numbers by their size, many of them in quarters; others as they come."""
    used = [record for record in records if name in record.parameters]
    by_key: dict[str, list[TrialRecord]] = {}
    for record in used:
        by_key.setdefault(key_of(record.parameters[name]), []).append(record)
    texts = labels(record.parameters[name] for record in used)
    groups = [Group(texts[key], own[0].parameters[name], own) for key, own in by_key.items()]
    if all(_is_number(group.value) for group in groups):
        groups.sort(key=lambda group: float(group.value))
        if len(groups) > MOST_NUMBERS:
            groups = _quarters(groups, len(used))
    others = [record for record in records if name not in record.parameters]
    return [*groups, Group(NOT_USED, None, others)] if others else groups


def _quarters(groups: list[Group], trials: int) -> list[Group]:
    """Neighbours together, so that each quarter has about as many trials; equal numbers stay together."""
    parts: list[list[Group]] = [[] for _ in range(GROUPS)]
    before = 0
    for group in groups:
        middle = before + len(group.records) / 2
        parts[int(GROUPS * middle / trials)].append(group)
        before += len(group.records)
    bounds = [(part[0].value, part[-1].value) for part in parts if part]
    texts: list[str] = []
    for digits in (2, 3, 6, 17):  # as few as tell them apart
        texts = [_between(low, high, digits) for low, high in bounds]
        if len(set(texts)) == len(bounds):
            break
    return [
        Group(text, {"min": low, "max": high}, [record for group in part for record in group.records])
        for text, (low, high), part in zip(texts, bounds, filter(None, parts), strict=True)
    ]


def _between(low: float, high: float, digits: int) -> str:
    ends = [
        f"{value:.{digits if abs(value) < 10 else max(4, digits)}g}" if isinstance(value, float) else str(value)
        for value in (low, high)
    ]
    return ends[0] if low == high else " – ".join(ends)


def _effect(name: str, groups: list[Group], higher: bool) -> dict[str, Any]:
    return {
        "parameter": name,
        "share": _eta_squared([group.values for group in groups]),
        "values": [
            {"value": group.value, "label": group.label}
            | _measured(group.values, higher)
            | {how: sum(record.status == how for record in group.records) for how in ("pruned", "failed")}
            for group in groups
        ],
    }


def _measured(values: list[float], higher: bool) -> dict[str, Any]:
    mean, deviation = mean_and_deviation(values)
    best = (max if higher else min)(values, default=None)
    return {"trials": len(values), "mean": mean, "deviation": deviation, "best": best}


def _eta_squared(groups: list[list[float]]) -> float | None:
    """The sum of squares between the groups, as a fraction of the total."""
    measured = [np.array(values, float) for values in groups if values]
    if len(measured) < 2:
        return None
    everything = np.concatenate(measured)
    if everything.min() == everything.max():
        return None
    with np.errstate(all="ignore"):
        mean = everything.mean()
        between = sum(len(values) * (values.mean() - mean) ** 2 for values in measured)
        share = _finite(between / ((everything - mean) ** 2).sum())
    return None if share is None else min(share, 1.0)


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
