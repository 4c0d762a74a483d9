"""A sweep that ran before, read from its folder alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnctl.errors import Problem, UsageError
from nnctl.sweeps.combination import SweepMetric
from nnctl.sweeps.record import TrialRecord
from nnctl.sweeps.summary import report_of
from nnctl.sweeps.trial import read_record

SIZE_LIMIT = 2**28  # bytes of sweep.json


def read_sweep(folder: Path) -> dict[str, Any]:
    """The report of a sweep as its run folders tell it now; its plan is in sweep.json. Raises UsageError."""
    try:
        with (folder / "sweep.json").open("rb") as file:
            stored = json.loads(file.read(SIZE_LIMIT))
        metric = SweepMetric(str(stored["metric"]), stored["direction"] == "maximize")
        records = [_record(folder, trial, metric) for trial in stored["trials"]]
        combinations: dict[str, int] = {}
        for number, record in enumerate(records):
            key = json.dumps(record.parameters, sort_keys=True)
            records[number] = replace(record, combination=combinations.setdefault(key, len(combinations)))
        return report_of(
            folder=folder,
            name=str(stored["name"]),
            method=str(stored["method"]),
            metric=metric.name,
            higher=metric.higher_is_better,
            seeds=int(stored["seeds"]),
            records=records,
            stopped=stored["stopped"],
            seconds=float(stored["seconds"]),
            notes=[str(note) for note in stored.get("notes", ())],
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        help = "give the folder of a sweep (it has a sweep.json), or a sweep's file"
        raise UsageError(Problem("is not the folder of a sweep", str(folder), help=help)) from None


def _record(folder: Path, stored: dict[str, Any], metric: SweepMetric) -> TrialRecord:
    path = folder / Path(stored["run"]).name  # wherever the sweep is now
    return read_record(path, metric, int(stored["trial"]), 0, int(stored["seed"]), dict(stored["parameters"]))
