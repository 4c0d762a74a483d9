"""Inputs that are far from the size that initial weights are made for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nnctl.data.table.source import TableSource
from nnctl.layers.norm import Norm
from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject
from nnctl.text import counted, listed

LARGE, SMALL = 10.0, 0.01  # root mean squares; initial weights are drawn for inputs of about 1


class UnscaledInputs(Check):
    """Columns with a root mean square far above 1, or no column anywhere near it."""

    order = 0

    def findings(self, subject: Subject) -> Iterator[Finding]:
        if subject.embeds or isinstance(subject.plan.layers[0].layer, Norm):
            return
        inputs = subject.inputs.astype(np.float64)
        columns = inputs.reshape(-1, inputs.shape[-1])
        columns = columns[:, : columns.shape[1] - len(subject.dataset.preprocessing.embeddings)]
        sizes = np.sqrt((columns**2).mean(axis=0))
        large = np.flatnonzero(sizes > LARGE)
        if len(large):
            what = f"{len(large):,} of {counted(len(sizes), 'column')}"
            evidence = f"values of {what} are around {sizes[large].max():.3g}, and initial weights are drawn for 1"
            yield Finding("unscaled_inputs", _where(subject, large), evidence, _remedy(subject))
        elif len(sizes) and 0 < sizes.max() < SMALL:
            evidence = f"no input has values above {sizes.max():.3g}, and initial weights are drawn for 1"
            yield Finding("unscaled_inputs", "data", evidence, _remedy(subject))


def _where(subject: Subject, columns: NDArray[np.int64]) -> str:
    names = subject.dataset.preprocessing.output_names
    return f"data ({listed(names[column] for column in columns)})" if names else "data"


def _remedy(subject: Subject) -> str:
    data = subject.config.data
    if isinstance(data, TableSource):
        return "data.numbers.scale=standard"
    return "data.standardize=true" if hasattr(data, "standardize") else "scale them"
