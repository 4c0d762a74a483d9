"""An input that tells the target, so that a score says nothing about new samples."""

from __future__ import annotations

from typing import ClassVar

from nnctl.data.table.source import TableSource
from nnctl.diagnoses.diagnosis import Diagnosis, Finding
from nnctl.diagnoses.record import RunRecord
from nnctl.files import to_json
from nnctl.text import listed


class LeakingFeature(Diagnosis):
    """The examination of the data found columns that alone tell the target in (nearly) all samples.

    Source: Kaufman et al. 2012, "Leakage in data mining".
    """

    name: ClassVar[str] = "leaking_feature"
    rank: ClassVar[int] = 0

    def find(self, run: RunRecord) -> Finding | None:
        columns, data = tuple(run.facts.get("leaks", ())), run.config.data
        if not columns or not isinstance(data, TableSource):
            return None
        best = run.best
        scores = {} if best is None else {metric.name: best.get(metric.name) for metric in run.config.metrics}
        tell = "tell" if len(columns) > 1 else "tells"
        excluded = [*data.features.exclude, *columns]
        return Finding(
            self.name,
            f"leaking feature: {listed(columns)} {tell} the target, so that the score says little about new samples "
            "where it is not known beforehand",
            where=columns,
            evidence=scores,
            remedy=(f"data.features.exclude={to_json(excluded)}",),
            is_noted=True,
        )
