"""The trials of a sweep as a table for other programs: trials.csv."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Any

from nnctl.sweeps.record import TrialRecord

_FIRST = ("trial", "run", "status", "seed")
_LAST = ("epochs", "seconds", "error")


def trials_csv(records: Sequence[TrialRecord]) -> str:
    """A row a trial, with a column for each parameter and each metric; empty where it is not in use, or not known.

    What is no text and no number is JSON. A parameter with the name of another column is `parameters.<name>`.
    """
    parameters = dict.fromkeys(name for record in records for name in record.parameters)
    metrics = dict.fromkeys(name for record in records for name in record.metrics)
    taken = {*_FIRST, *metrics, *_LAST}
    names = [f"parameters.{name}" if name in taken else name for name in parameters]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_FIRST, *names, *metrics, *_LAST])
    for record in records:
        writer.writerow(
            [
                *(record.number, record.folder.name, record.status, record.seed),
                *(_cell(record.parameters[name]) if name in record.parameters else "" for name in parameters),
                *(_number(record.metrics.get(name)) for name in metrics),
                *(record.epochs, record.seconds, record.error),
            ]
        )
    return text.getvalue()


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _number(value: float | None) -> float | str:
    return "" if value is None or not math.isfinite(value) else value
