"""What is done to targets that are values before the loss sees them, and undone in every metric and prediction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, ValidationError

from nnctl.data.table.table import Array
from nnctl.errors import DataError, Problem
from nnctl.spec import Spec
from nnctl.text import listed, share, shown_number

TargetStep = Literal["log", "standard"]


def _steps(value: Any) -> Any:
    if isinstance(value, str):
        value = [] if value == "none" else [value]
    if value in (["standard", "log"], ["standard", "standard"], ["log", "log"]):
        raise ValueError(f"is [{', '.join(value)}]; use [log, standard]")
    return value


Steps = Annotated[
    list[TargetStep],
    Field(max_length=2),
    BeforeValidator(_steps, json_schema_input_type=Literal["none", "log", "standard"] | list[TargetStep]),
]
"""The steps as a config has them: one word, or a list of them in their order; none of them is an empty list."""

Numbers = Annotated[tuple[float, ...], Field(strict=False, min_length=1)]
Deviations = Annotated[tuple[Annotated[float, Field(gt=0.0)], ...], Field(strict=False, min_length=1)]


class TargetTransform(Spec):
    """y = (x - mean) / std, or (log x - mean) / std, in float64. mean, std: one a target column.

    least, largest: of the training targets' logarithms; None without them, and in older checkpoints.
    """

    log: bool
    mean: Numbers
    std: Deviations
    least: Numbers | None = None
    largest: Numbers | None = None

    @classmethod
    def fit(
        cls, values: Array, rows: Array, steps: list[TargetStep], problem: Callable[[int, str, str], Problem]
    ) -> TargetTransform:
        """From these training rows and no others. values: (M, K) float64, finite; rows: (N,).

        problem: the mistake in the sample of a row, with what is wrong and the help. Where a column is constant its std
        is 1. Raises DataError for what has no logarithm, and for values too large.
        """
        log = "log" in steps
        chosen = _logarithms(values[rows], rows, problem) if log else values[rows]
        width = values.shape[1]
        least, largest = (tuple(bound.tolist()) for bound in (chosen.min(axis=0), chosen.max(axis=0)))
        bounds = {"least": least, "largest": largest} if log else {}
        if "standard" not in steps:
            return cls(log=log, mean=(0.0,) * width, std=(1.0,) * width, **bounds)
        with np.errstate(over="ignore", invalid="ignore"):
            low, high = chosen.min(axis=0), chosen.max(axis=0)
            mean = np.where(low == high, low, chosen.mean(axis=0))  # exact where constant
            std = np.sqrt(np.square(chosen - mean).mean(axis=0))
        if not (np.isfinite(mean).all() and np.isfinite(std).all()):
            what = "the targets are too large for their mean and their spread to be computed"
            row = int(rows[np.argmax(np.abs(chosen).max(axis=1))])
            raise DataError(problem(row, what, "give them in a larger unit"))
        std[std == 0] = 1.0
        return cls(log=log, mean=tuple(mean.tolist()), std=tuple(std.tolist()), **bounds)

    def transform(self, values: Array, problem: Callable[[int, str, str], Problem]) -> Array:
        """Targets as the loss takes them. values: (N, K) float64. Raises DataError for what has no logarithm."""
        values = _logarithms(values, np.arange(len(values)), problem) if self.log else values
        transformed: Array = (values - np.array(self.mean)) / np.array(self.std)
        return transformed

    def inverse_transform(self, values: Array) -> Array:
        """Targets or outputs in the targets' own units, (N, K) float64; what is too large becomes infinite."""
        with np.errstate(over="ignore"):
            linear: Array = values.astype(np.float64) * np.array(self.std) + np.array(self.mean)
            return np.asarray(np.exp(linear)) if self.log else linear

    def limits(self) -> tuple[Array, Array] | None:
        """The least and the largest output of the network that is believed, (K,) each; None where all are.

        An exponential makes a little too much into absurdly much: beyond the training targets' range and half its width
        in logarithms on either side, at least a factor of 2, nothing that training saw supports a prediction.
        """
        if self.least is None or self.largest is None:
            return None
        least, largest, mean, std = map(np.array, (self.least, self.largest, self.mean, self.std))
        margin = np.maximum((largest - least) / 2, np.log(2))
        return (least - margin - mean) / std, (largest + margin - mean) / std

    def limit(self, outputs: Array) -> Array:
        """Clip a network's outputs, (N, K), to the limits, in place. Returns which rows had one beyond, (N,)."""
        limits = self.limits()
        if limits is None:
            return np.zeros(len(outputs), bool)
        low, high = (limit.astype(outputs.dtype) for limit in limits)
        beyond = ((outputs < low) | (outputs > high)).any(axis=1)
        np.clip(outputs, low, high, out=outputs)
        return np.asarray(beyond)

    def limit_note(self, count: int, rows: int, names: Sequence[str]) -> str:
        """What to tell of so many rows with clipped outputs, of so many. names: of the target columns."""
        limits = self.limits()
        assert limits is not None
        low, high = (self.inverse_transform(limit[np.newaxis])[0].tolist() for limit in limits)
        ranges = (
            f"{name} to {shown_number(float(f'{least:.3g}'))} … {shown_number(float(f'{most:.3g}'))}"
            for name, least, most in zip(names, low, high, strict=True)
        )
        lie, are = ("lies", "is") if count == 1 else ("lie", "are")
        of = share(count, rows, "predictions")
        return f"{of} {lie} far beyond the targets that training saw and {are} clipped: {listed(ranges)}"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; floats keep every bit."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TargetTransform:
        """The inverse of `to_json`. Raises ValueError where the value cannot be one."""
        try:
            made = cls.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            raise ValueError(f"invalid target transform: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        if any(part is not None and len(part) != len(made.mean) for part in (made.std, made.least, made.largest)):
            raise ValueError("invalid target transform: its numbers do not fit together")
        return made


def _logarithms(values: Array, rows: Array, problem: Callable[[int, str, str], Problem]) -> Array:
    """rows: where the values stand, for messages."""
    wrong = ~(values > 0)
    if wrong.any():
        row, column = divmod(int(np.argmax(wrong)), values.shape[1])
        which = f"target {column + 1}" if values.shape[1] > 1 else "the target"
        what = f"{which} is {values[row, column]:g}, which has no logarithm"
        raise DataError(problem(int(rows[row]), what, "leave `log` out of `target_transform`"))
    return np.log(values)
