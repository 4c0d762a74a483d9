"""The gradients of recurrent layers by step of their sequences, which two diagnoses read."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.diagnoses.record import RECENT, RunRecord
from nnctl.diagnoses.statistics import Series, series


def gradients_over_time(run: RunRecord) -> Iterator[tuple[str, Series]]:
    """The recurrent layers, each with its gradients by step, the first step first: medians of the last measurements.

    Steps at the end that no sample of the batches has are left out.
    """
    recent = run.measured[-RECENT:]
    for layer, own in (recent[-1]["layers"] if recent else {}).items():
        if "by_step" in own:
            gradients = np.median([series(row["layers"][layer]["by_step"]) for row in recent], axis=0)
            real = np.flatnonzero(gradients)
            yield layer, gradients[: real[-1] + 1 if len(real) else 0]
