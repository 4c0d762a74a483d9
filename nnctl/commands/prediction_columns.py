"""What a network's outputs say, as columns of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.source import Source
from nnctl.data.table.dates import written_date
from nnctl.data.table.source import TableSource
from nnctl.data.table.target_transform import TargetTransform
from nnctl.errors import UsageError
from nnctl.losses.loss import Loss
from nnctl.metrics.probabilities import sigmoid, softmax
from nnctl.model.conformal import Intervals, intervals
from nnctl.model.description import checkpoint_errors
from nnctl.model.trained_model import TrainedModel

Array = NDArray[Any]
DIGITS = {"float32": 9, "float64": 17}  # that count: so many tell any two numbers of the precision apart


@dataclass(frozen=True)
class PredictionColumns:
    """The columns of a file of predictions."""

    loss: Loss
    boundary: float
    """The output above which 1 is predicted; of two classes the second, where its output is larger by more."""
    classes: tuple[str, ...]
    """Their names; empty for other targets."""
    names: tuple[str, ...]
    """Of the columns of predictions, one an output; empty where there are classes."""
    probabilities: tuple[str, ...]
    """The names of the columns of probabilities, one an output; empty where the loss does not make any."""
    transform: TargetTransform | None
    """Of targets that are values."""
    dates: dict[str, str | None]
    """The formats of targets that are dates, by name."""
    digits: int
    """Of each number."""
    temperature: float = 1.0
    """What logits are divided by before they become probabilities."""
    intervals: Intervals | None = None
    """Around values, whose ends are columns beside them."""

    @classmethod
    def of(cls, trained: TrainedModel, interval: float | None = None) -> PredictionColumns:
        """For the outputs of a checkpoint's network. interval: the level of intervals around values; None: none.

        Raises CheckpointError where its parts do not fit together, and UsageError for intervals that there are not.
        """
        loss, classes, transform = trained.config.loss, trained.fitted.classes, trained.fitted.transform
        targets = tuple(trained.description.target_names)
        with checkpoint_errors(trained.path):
            if loss.targets == "values":
                _require_fit(trained.plan.outputs, [targets, transform.mean if transform else ()])
            else:
                _require_fit(trained.plan.outputs, [() if classes else targets])
        labels = classes or targets
        numbers = [f"_{number + 1}" for number in range(trained.plan.outputs[-1])]
        suffixes = [f"_{label}" for label in labels] or (numbers if len(numbers) > 1 else [""])
        made = cls(
            loss,
            trained.boundary,
            classes,
            () if classes else targets or tuple(f"prediction{suffix}" for suffix in suffixes),
            tuple(f"probability{suffix}" for suffix in suffixes) if loss.makes_probabilities else (),
            transform if loss.targets == "values" else None,
            _date_formats(trained.config.data, targets),
            DIGITS[trained.config.precision],
            trained.temperature or 1.0,
            None if interval is None else intervals(trained, interval),
        )
        twice = [name for name, count in Counter(made.header).items() if count > 1]
        if made.intervals is not None and twice:
            what = f"--interval would write two columns {twice[0]}: of the target, and the end of an interval"
            raise UsageError(what, help="leave --interval out, or train with the target under another name")
        return made

    @property
    def header(self) -> list[str]:
        """The names of the columns that `texts` gives."""
        if self.classes:
            return ["prediction", *self.probabilities]
        if self.probabilities:
            return [name for pair in zip(self.names, self.probabilities, strict=True) for name in pair]
        if self.intervals is not None:
            return [f"{name}{end}" for name in self.names for end in ("", "_low", "_high")]
        return list(self.names)

    def notes(self) -> Iterator[str]:
        """What to tell of intervals."""
        if self.intervals is not None and len(self.names) > 1:
            level = f"{self.intervals.level:g}"
            yield f"intervals cover a share of {level} of each column by itself, and less of all columns at once"

    def in_own_units(self, outputs: Array) -> Array:
        """Values in the targets' own units, others as they are. outputs: (N, K), limited where they are to be."""
        if self.transform is not None:
            return self.transform.inverse_transform(outputs)
        if self.loss.inside != "exp":
            return outputs
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(outputs.astype(np.float64)))

    def limit(self, outputs: Array) -> int:
        """Clip values to what training supports, in place. Returns in how many rows. outputs: (N, K)."""
        return 0 if self.transform is None else int(np.count_nonzero(self.transform.limit(outputs)))

    def texts(self, outputs: Array) -> list[Sequence[str]]:
        """A column each of N texts: of a class its name, of a 0 or 1 that, of a value the number.

        outputs: (N, K), in the targets' own units. Where NaN or infinity leaves no choice the text is empty.
        """
        if self.loss.targets == "values":
            shown_with = (outputs,) if self.intervals is None else (outputs, *self.intervals.around(outputs))
            names = zip(self.names, *(values.T for values in shown_with), strict=True)
            return [self._values(name, values) for name, *columns in names for values in columns]
        shown = [self._numbers(values) for values in self.probabilities_of(outputs).T]
        if self.classes:
            largest = np.where(np.isfinite(outputs).all(axis=1), self.largest(outputs), -1)
            return [_chosen(largest, self.classes), *shown]
        ones: Array = np.where(np.isfinite(outputs), self.are_ones(outputs), -1)
        chosen = [_chosen(values, ("0", "1")) for values in ones.T]
        return [column for pair in zip(chosen, shown, strict=True) for column in pair] if shown else list(chosen)

    def are_ones(self, outputs: Array) -> Array:
        """Which outputs are predicted to be 1, where targets are 0 or 1. outputs: (N, K)."""
        return np.asarray(outputs.astype(np.float64) > self.boundary)

    def probabilities_of(self, outputs: Array) -> Array:
        """One an output, (N, K) float64; (N, 0) where the loss does not make any. outputs: (N, K)."""
        if not self.probabilities:
            return outputs[:, :0]
        logits = outputs.astype(np.float64) / self.temperature
        return sigmoid(logits) if self.loss.inside == "sigmoid" else softmax(logits)

    def largest(self, outputs: Array) -> Array:
        """The class that is predicted for each row, (N,). outputs: (N, K)."""
        if len(self.classes) != 2:
            return np.asarray(outputs.argmax(axis=1))
        with np.errstate(invalid="ignore"):
            difference = outputs[:, 1].astype(np.float64) - outputs[:, 0].astype(np.float64)
        return np.asarray(difference > self.boundary, np.int64)

    def _values(self, name: str, values: Array) -> list[str]:
        if name in self.dates:
            return [written_date(value, self.dates[name]) for value in values.tolist()]
        return self._numbers(values)

    def _numbers(self, values: Array) -> list[str]:
        return list(map(f"{{:.{self.digits}g}}".format, values.tolist()))


def _date_formats(source: Source, targets: Sequence[str]) -> dict[str, str | None]:
    if not isinstance(source, TableSource):
        return {}
    own = {name: source.columns[name] for name in targets if name in source.columns}
    return {name: settings.format for name, settings in own.items() if settings.type == "date"}


def _require_fit(outputs: tuple[int, ...], parts: Sequence[Sequence[object]]) -> None:
    """Raises ValueError where a part is there and has not one entry an output."""
    if len(outputs) > 2 or any(part and len(part) != outputs[-1] for part in parts):
        raise ValueError(f"its network gives {outputs} outputs for {max(map(len, parts))} targets")


def _chosen(positions: Array, names: Sequence[str]) -> list[str]:
    """The names at these positions; -1 is none."""
    named = (*names, "")
    return [named[position] for position in positions.tolist()]
