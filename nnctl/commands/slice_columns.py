"""What the samples of a slice have in common: columns as the user has them, or properties of what has no columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.commands.conditions import MISSING
from nnctl.commands.prediction_columns import PredictionColumns
from nnctl.commands.slices import Classes
from nnctl.data.dataset import Selection, Split
from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.table.table import Column, Table
from nnctl.data.table.windows import Windows
from nnctl.model.trained_model import TrainedModel

Array = NDArray[Any]
Rows = NDArray[np.int64]


def slice_columns(trained: TrainedModel, selection: Selection, split: Split) -> list[Column]:
    """Columns of as many values as the split has samples.

    Of a table those that are inputs, in the units of the file; of the windows of a series their values in the last row
    that is known. Of pictures their brightness and contrast, and what a list says of them; of sequences their length.
    """
    inputs, rows = selection.samples.inputs, selection.rows
    preprocessing = trained.fitted.preprocessing
    if isinstance(inputs, Table | Windows):
        assert isinstance(preprocessing, TablePreprocessing)
        table, own = (inputs, rows) if isinstance(inputs, Table) else (inputs.table, inputs.last_rows[rows])
        return [_by_label(table[column.name].take(own)) for column in preprocessing.columns]
    if isinstance(inputs, np.ndarray) and preprocessing.input_ranges:
        return [_numbers(f"column {name}", inputs[rows, int(name)]) for name in preprocessing.input_ranges]
    found: list[Column] = []
    if isinstance(inputs, np.ndarray) and preprocessing.slots is None:
        found += _properties(inputs, rows, split.lengths, preprocessing.shape)
    if split.lengths is not None:
        found.append(_numbers("length", split.lengths))
    if selection.samples.table is not None:
        targets = selection.samples.target_names
        listed = (column for column in selection.samples.table.columns if column.name not in targets)
        found += [_by_label(column.take(rows)) for column in listed]
    return found


def slice_classes(trained: TrainedModel, split: Split, outputs: Array | None) -> list[Classes]:
    """The true and the predicted classes of samples; none where there is not one a sample. outputs: (N, K), or None."""
    loss, names = trained.config.loss, trained.description.target_names
    if outputs is None or loss.targets == "values" or (loss.targets == "binary" and outputs.shape[1] > 1):
        return []
    own, name = split.targets.reshape(-1), names[0] if names else "class"
    predicted = PredictionColumns.of(trained)
    labels = trained.fitted.classes or ("0", "1")
    chosen = predicted.largest(outputs) if trained.fitted.classes else predicted.are_ones(outputs)[:, 0]
    return [
        Classes(Column(name, "category", own.astype(np.int32), labels), are_true=True),
        Classes(Column(f"predicted {name}", "category", chosen.astype(np.int32), labels), are_true=False),
    ]


def _properties(inputs: Array, rows: Rows, lengths: Array | None, shape: tuple[int, ...]) -> list[Column]:
    """Mean and standard deviation of the numbers of each sample, as its file has them; beyond a length there are none.

    inputs: (M, ...). rows: (N,). lengths: (N,), or None. shape: of a sample as the network sees it.
    """
    means, deviations = np.empty(len(rows)), np.empty(len(rows))
    for place, row in enumerate(rows):
        numbers = inputs[row].reshape(shape)
        if lengths is not None:
            numbers = numbers[: lengths[place]]
        means[place], deviations[place] = numbers.mean(dtype=np.float64), numbers.std(dtype=np.float64)
    names = ("brightness", "contrast") if len(shape) == 3 else ("mean", "standard deviation")
    return [_numbers(name, values) for name, values in zip(names, (means, deviations), strict=True)]


def _numbers(name: str, values: Array) -> Column:
    return Column(name, "number", values.astype(np.float64))


def _by_label(column: Column) -> Column:
    """No and yes as the two categories that they are."""
    if column.kind != "yes_no":
        return column
    positions = np.where(np.isnan(column.values), MISSING, column.values).astype(np.int32)
    return replace(column, kind="category", values=positions, labels=column.labels or ("no", "yes"))
