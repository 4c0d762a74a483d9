"""Which samples a network is wrong on, for `nnctl eval --worst` and `--slices`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.commands.picture_sheet import arranged, as_bytes
from nnctl.commands.prediction_columns import PredictionColumns
from nnctl.commands.sample_names import sample_names
from nnctl.commands.slice_columns import slice_classes, slice_columns
from nnctl.commands.slices import find_slices
from nnctl.commands.worst import worst_rows, worst_samples
from nnctl.data.dataset import Selection, Split
from nnctl.errors import UsageError
from nnctl.files import write_atomically
from nnctl.model.network import Network
from nnctl.model.sample_losses import SampleLosses, sample_losses
from nnctl.model.trained_model import TrainedModel
from nnctl.png import png
from nnctl.text import share

Rows = NDArray[np.int64]
PICTURES_A_ROW = 10


@dataclass(frozen=True)
class SampleErrors:
    """split: the samples that are measured. selection: the same as their file holds them."""

    trained: TrainedModel
    network: Network
    split: Split
    selection: Selection

    @cached_property
    def _losses(self) -> SampleLosses:
        """Of all samples; with outputs where these are one a sample."""
        return sample_losses(self.network, self.trained.config.loss, self.split, keep_outputs=not self.split.steps)

    def worst_rows(self, count: int) -> Rows:
        """The samples of the largest loss, the worst first."""
        return worst_rows(self._losses.of_samples, self.split.weights, count)

    def worst(self, rows: Rows, ids: Callable[[Rows], tuple[str, ...]]) -> list[dict[str, Any]]:
        """What is to be told of these samples. ids: their cells in the column `id`, by their lines."""
        samples, own = self.selection.samples, self.selection.rows[rows]
        found = sample_losses(self.network, self.trained.config.loss, self.split.take(rows))
        known = ids(samples.lines[own]) if samples.lines is not None else ()
        names, targets = sample_names(samples, own, known), self.selection.targets[own]
        return worst_samples(found, targets, names, PredictionColumns.of(self.trained))

    def write_pictures(self, rows: Rows, file: Path, option: str) -> None:
        """These samples, which are images, in rows from left to right. Raises StorageError."""
        config, preprocessing = self.trained.config, self.trained.fitted.preprocessing
        (pictures,) = as_bytes([self.split.scaled(rows)], preprocessing.scaling(config.precision))
        columns = [pictures[column::PICTURES_A_ROW] for column in range(min(PICTURES_A_ROW, len(pictures)))]
        write_atomically(file, png(arranged(columns)), option)

    def slices(self, measured: Callable[[Split], dict[str, float]]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        """The parts of the samples whose loss stands out, and notes.

        [{"where": [conditions], "text":, "samples":, "loss":, "metrics":}]. measured: loss and metrics of some samples.
        """
        losses, split = self._losses, self.split
        columns = slice_columns(self.trained, self.selection, split)
        classes = slice_classes(self.trained, split, losses.outputs)
        if not columns and not classes:
            what = "--slices tells samples apart by columns, and the samples of this network are parts of a text"
            raise UsageError(what, help="leave --slices out")
        counted = np.ones(len(split), bool) if split.weights is None else split.weights > 0
        finite = np.isfinite(losses.of_samples)
        kept = np.flatnonzero(counted & finite)
        found = find_slices(
            losses.of_samples[kept],
            [column.take(kept) for column in columns],
            [own.take(kept) for own in classes],
            self.trained.config.seed,
            is_ordered=self.trained.config.data.is_ordered,
        )
        slices = []
        for part in found:
            values = measured(split.take(kept[part.rows]))
            where = [condition.to_json() for condition in part.conditions]
            own = {"where": where, "text": part.text, "samples": int(part.rows.sum()), "loss": values["loss"]}
            slices.append(own | {"metrics": values})
        lost = int(np.count_nonzero(~finite))
        of = share(lost, len(split), "samples")
        return slices, (f"--slices leaves out samples whose loss is NaN or infinite: {of}",) if lost else ()
