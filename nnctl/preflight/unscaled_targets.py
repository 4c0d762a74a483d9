"""Targets that are far from the size that outputs start with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.data.table.source import TableSource
from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject

LARGE = 10.0  # root mean square; outputs start around 1


class UnscaledTargets(Check):
    """Values with a root mean square far above 1, which outputs take many steps to grow to."""

    order = 0

    def findings(self, subject: Subject) -> Iterator[Finding]:
        if subject.config.loss.targets != "values" or subject.config.loss.inside:
            return
        size = float(np.sqrt((subject.targets.astype(np.float64) ** 2).mean(axis=0)).max())
        if size > LARGE:
            evidence = f"targets are around {size:.3g}, and outputs start around 1"
            is_table = isinstance(subject.config.data, TableSource)
            remedy = "data.target_transform=standard" if is_table else "give them in a larger unit"
            yield Finding("unscaled_targets", "data", evidence, remedy)
