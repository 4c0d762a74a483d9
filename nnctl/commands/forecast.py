"""`nnctl predict --steps`: the rows behind the last ones of a series."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.commands.prediction_columns import PredictionColumns
from nnctl.data.reading import source_for
from nnctl.data.table.future import Future
from nnctl.data.table.series_preprocessing import SeriesPreprocessing
from nnctl.data.table.source import TableSource
from nnctl.data.table.unfamiliar import refuse_all_unseen
from nnctl.data.table.window_samples import WindowSamples
from nnctl.errors import UsageError
from nnctl.model.trained_model import TrainedModel
from nnctl.regular_file import shown
from nnctl.text import share

Array = NDArray[Any]

MOST_STEPS = 1_000_000


@dataclass(frozen=True)
class Forecast:
    """columns: the header. rows: a line each, those of a series together, in the order of time."""

    columns: list[str]
    rows: list[tuple[str, ...]]
    notes: tuple[str, ...]


class Forecaster:
    """The series of a file, ready to be predicted."""

    def __init__(
        self,
        trained: TrainedModel,
        path: Path,
        steps: int,
        interval: float | None = None,
        *,
        allow_unseen: bool = False,
    ) -> None:
        """interval: the level of intervals around values; None: none.

        Raises UsageError where the network is none of a series and where there are no such intervals, DataError as
        reading.
        """
        source = source_for(path, trained.config.data, trained.plan.inputs)
        preprocessing = trained.fitted.preprocessing
        made_of = source.made_of if isinstance(source, TableSource) else None
        if not isinstance(made_of, WindowSamples) or not isinstance(preprocessing, SeriesPreprocessing):
            what = "--steps predicts the rows behind a series, and this network was trained on single samples"
            raise UsageError(what, help="leave --steps out, or train with `series` in `data`")
        if not 1 <= steps <= MOST_STEPS:
            raise UsageError(f"--steps is {steps:,}", help=f"use a number from 1 to {MOST_STEPS:,}")
        settings = made_of.settings
        self._trained, self._steps, self._horizon = trained, steps, settings.horizon
        self._predicted = PredictionColumns.of(trained, interval)
        most = (settings.gap // settings.horizon + 1) * settings.horizon
        if interval is not None and steps > most:
            what = f"--steps {steps:,} feeds predictions back, and there are no errors to make intervals of for that"
            help = f"use --steps {most:,} at most, or train with a longer `horizon`; or leave --interval out"
            raise UsageError(what, help=help)
        self._rows, self._notes = made_of.rows_to_predict_from(path, preprocessing)
        self._targets = made_of.source.target
        self._future = Future(self._rows, settings, preprocessing, trained.config.precision, self._targets, steps)
        if not allow_unseen:
            refuse_all_unseen(self._future.unfamiliar, preprocessing.columns, shown(path))

    def __call__(self, network: Callable[[Array], Array]) -> Forecast:
        """Predict all steps. network: outputs (G, K) for inputs (G, window, F)."""
        predicted, future = self._predicted, self._future
        own = self._of_one_row(predicted)
        limited = broken = 0
        texts: list[list[tuple[str, ...]]] = [[] for _ in future.groups]
        while not future.is_complete:
            outputs = network(future.inputs())
            limited += predicted.limit(outputs)
            values = predicted.in_own_units(outputs)
            broken += int(np.count_nonzero(~np.isfinite(values).all(axis=1)))
            steps = values.reshape(len(values), -1, 1 if predicted.classes else self._horizon)
            flat = steps.swapaxes(1, 2).reshape(-1, steps.shape[1])  # (G * horizon, targets)
            columns = own.texts(flat)
            for number, row in enumerate(zip(*columns, strict=True)):
                texts[number // self._horizon].append(row)
            future.add(_fed_back(predicted, steps, columns))
        rows = self._rows
        names = [*([rows.time] if self._has_times else []), *([rows.group] if rows.group else []), "step", *own.header]
        return Forecast(
            [name for name in names if name is not None],
            list(chain.from_iterable(map(self._lines, range(len(texts)), texts))),
            (
                *self._notes,
                *future.notes,
                *future.unfamiliar.notes(),
                *predicted.notes(),
                *self._on_outputs(limited, broken),
            ),
        )

    @property
    def _has_times(self) -> bool:
        return self._rows.time is not None and self._rows.spacing.unit != "row"

    def _lines(self, group: int, texts: list[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
        future = self._future
        own = (future.groups[group],) if self._rows.group else ()
        for step, (time, row) in enumerate(zip(future.times[group], texts, strict=False), 1):
            yield (*((time,) if self._has_times else ()), *own, str(step), *row)

    def _of_one_row(self, predicted: PredictionColumns) -> PredictionColumns:
        """The columns for the targets of a single row."""
        if predicted.classes or self._horizon == 1:
            return predicted
        names = tuple(self._targets)
        made = predicted.intervals
        if made is not None:  # of each step its own, in the order of the rows
            errors = np.tile(made.errors.reshape(-1, self._horizon).T, (len(self._future.groups), 1))
            made = replace(made, errors=errors)
        probabilities = tuple(f"probability_{name}" for name in names) if predicted.probabilities else ()
        return replace(predicted, names=names, probabilities=probabilities, intervals=made)

    def _on_outputs(self, limited: int, broken: int) -> Iterator[str]:
        transform = self._trained.fitted.transform
        rows = len(self._future.groups) * self._steps
        if limited and transform is not None:
            yield transform.limit_note(limited, rows, self._trained.description.target_names)
        if broken:
            yield f"{share(broken, rows, 'predictions')} {'is' if broken == 1 else 'are'} NaN or infinite"


def _fed_back(predicted: PredictionColumns, steps: Array, texts: list[Any]) -> Array:
    """What is predicted as the past has it, (G, targets, horizon): a number, 0 or 1, or the name of a class."""
    if predicted.classes:
        return np.array(texts[0], dtype=object).reshape(len(steps), 1, 1)
    return steps if predicted.loss.targets == "values" else predicted.are_ones(steps).astype(np.float64)
