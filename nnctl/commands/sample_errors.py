"""Which samples a network is wrong on, for `nnctl eval --worst` and `--slices`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.commands.picture_sheet import WORST, arranged, as_bytes
from nnctl.commands.prediction_columns import PredictionColumns
from nnctl.commands.sample_names import sample_names
from nnctl.commands.slice_columns import slice_classes, slice_columns
from nnctl.commands.slices import find_slices
from nnctl.commands.worst import worst_rows, worst_samples
from nnctl.data.dataset import Selection, Split
from nnctl.data.reading import source_for
from nnctl.errors import UsageError
from nnctl.files import write_atomically
from nnctl.model.network import Network
from nnctl.model.objective import Measure
from nnctl.model.sample_losses import SampleLosses, sample_losses
from nnctl.model.trained_model import TrainedModel
from nnctl.png import png
from nnctl.text import share

Rows = NDArray[np.int64]
PICTURES_A_ROW = 10


@dataclass(frozen=True)
class SampleErrors:
    """split: the samples that are measured. selection: the same as their file holds them. path: the file, or folder."""

    trained: TrainedModel
    network: Network
    split: Split
    selection: Selection
    path: Path

    @cached_property
    def _losses(self) -> SampleLosses:
        """Of all samples; with outputs where these are one a sample."""
        return sample_losses(self.network, self.trained.config.loss, self.split, keep_outputs=not self.split.steps)

    def worst(self, count: int, pictures: Path | None) -> dict[str, Any]:
        """{"worst": [rows]} of so many samples, those of the largest loss, as `worst_samples` makes them.

        pictures: the PNG file for a sheet of them, which is "worst_pictures" then. Raises StorageError.
        """
        rows = worst_rows(self._losses.of_samples, self.split.weights, count)
        samples, own = self.selection.samples, self.selection.rows[rows]
        found = sample_losses(self.network, self.trained.config.loss, self.split.take(rows))
        names = sample_names(samples, own, self._ids(own))
        report: dict[str, Any] = {
            "worst": worst_samples(found, self.selection.targets[own], names, PredictionColumns.of(self.trained))
        }
        if pictures is not None:
            self._write_pictures(rows, pictures)
            report["worst_pictures"] = str(pictures)
        return report

    def _ids(self, rows: Rows) -> tuple[str, ...]:
        """What the column `id` of the config has for these rows of the file, if there is one."""
        lines = self.selection.samples.lines
        if lines is None:
            return ()
        return source_for(self.path, self.trained.config.data).for_other_files().ids(self.path, lines[rows])

    def _write_pictures(self, rows: Rows, file: Path) -> None:
        """These samples, which are images, in rows from left to right."""
        config, preprocessing = self.trained.config, self.trained.fitted.preprocessing
        (pictures,) = as_bytes([self.split.scaled(rows)], preprocessing.scaling(config.precision))
        columns = [pictures[column::PICTURES_A_ROW] for column in range(min(PICTURES_A_ROW, len(pictures)))]
        write_atomically(file, png(arranged(columns)), f"{WORST} FILE")

    def slices(self, measure: Callable[[Split], Measure]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
        """The parts of the samples whose loss stands out, and notes.

        [{"where": [conditions], "text":, "samples":, "loss":, "metrics":}]. measure: makes what measures some samples.
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
            values = measure(split.take(kept[part.rows])).values()
            where = [condition.to_json() for condition in part.conditions]
            own = {"where": where, "text": part.text, "samples": int(part.rows.sum()), "loss": values["loss"]}
            slices.append(own | {"metrics": values})
        lost = int(np.count_nonzero(~finite))
        of = share(lost, len(split), "samples")
        return slices, (f"--slices leaves out samples whose loss is NaN or infinite: {of}",) if lost else ()
