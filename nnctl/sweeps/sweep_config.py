"""The file of a sweep: every key with its default and its range."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from nnctl.config.run_config import FolderName
from nnctl.spec import OneOf, Spec
from nnctl.sweeps.duration import Duration
from nnctl.sweeps.methods.grid import Grid
from nnctl.sweeps.methods.method import Method
from nnctl.sweeps.pruners.pruner import Pruner
from nnctl.sweeps.space import MOST_TRIALS


class ParameterSettings(Spec):
    """The values of a parameter: a list, or numbers of a range."""

    values: list[Any] | None = Field(default=None, min_length=1)
    """The values, each of them whole: a number, a word, a mapping, a list of layers."""
    min: float | None = None
    """The lower end of a range."""
    max: float | None = None
    """The upper end of a range."""
    scale: Literal["linear", "log"] = "linear"
    """Whether the numbers of a range are spaced evenly on a linear or on a logarithmic scale."""
    integer: bool = False
    """Whole numbers only."""
    steps: int | None = Field(default=None, ge=2, le=MOST_TRIALS)
    """How many numbers of a range a grid tries."""
    when: dict[str, Any] = Field(default_factory=dict)
    """The parameter is used only where these keys of the config have these values, or one of a list of values."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.values is not None:
            for key in ("min", "max", "scale", "integer", "steps"):
                if key in self.model_fields_set:
                    raise ValueError(f"has values and {key}; keep the list of values, or min and max")
            return self
        if self.min is None or self.max is None:
            raise ValueError("has no values; give a list such as [0.1, 0.01], or {min: 0.001, max: 0.1}")
        if not self.min < self.max:
            raise ValueError(f"has min {self.min:g} and max {self.max:g}; give a max above min")
        if self.scale == "log" and self.min <= 0:
            raise ValueError(f"has scale log and min {self.min:g}; give a min above 0, or scale: linear")
        if self.integer and not (self.min.is_integer() and self.max.is_integer()):
            raise ValueError("has integer: true, but min or max is not a whole number; write them without a fraction")
        return self


class MetricSettings(Spec):
    """What the sweep optimizes."""

    name: str
    """loss, val_loss, <metric> or val_<metric>, as in the runs' metrics.jsonl."""
    direction: Literal["minimize", "maximize"] | None = None
    """Unset, the direction that is better for this metric."""


def _values(value: Any) -> Any:
    if not isinstance(value, list | dict):
        shown = "nothing" if value is None else f"a single value, {value!s:.40}"
        raise ValueError(
            f"expected several values, got {shown}; give a list such as [0.1, 0.01], or {{min: 0.001, max: 0.1}}"
        )
    return {"values": value} if isinstance(value, list) else value


def _name(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


class SweepConfig(Spec):
    """A sweep: runs of one config with other settings."""

    name: FolderName
    """Names the sweep's folder; unset, the file's name."""
    base: str | dict[str, Any]
    """The runs' config: its file, relative to this one, or the config itself."""
    parameters: dict[str, Annotated[ParameterSettings, BeforeValidator(_values)]] = Field(min_length=1)
    """By the dotted keys of the runs' config that they set; `key, key: [[a, b], …]` sets several together."""
    method: Annotated[Method, OneOf()] = Grid()
    """How combinations are chosen."""
    metric: Annotated[MetricSettings, BeforeValidator(_name)] | None = None
    """What decides the best trial; unset, what decides the best checkpoint of a run."""
    seeds: int = Field(default=1, ge=1, le=1_000)
    """Runs of each combination, with the config's seed, the next one, and so on."""
    trials: int | None = Field(default=None, ge=1, le=MOST_TRIALS)
    """The number of runs, including those for further seeds."""
    time_limit: Duration | None = None
    """Seconds, or text such as 2h, after which the sweep stops; the same command continues it."""
    prune: Annotated[Pruner, OneOf()] | None = None
    """What stops unpromising runs early."""
    parallel: int = Field(default=4, ge=1, le=MOST_TRIALS)
    """With tpe and prune: runs that may be active at a time. Each learns from those at least so many before it."""
