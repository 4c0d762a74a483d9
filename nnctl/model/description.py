"""What a checkpoint says of its run, checked before it is believed.

The hashes of a checkpoint tell damage from chance; a file that somebody made up has right hashes as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nnctl.errors import CheckpointError, ConfigError, Problem
from nnctl.model.checkpoint import Checkpoint

HELP = "use the nnctl that wrote it, or train again"


class Counts(BaseModel):
    """How far the run is: training.state.Counters."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    epoch: int = Field(ge=0)
    step: int = Field(ge=0)
    step_in_epoch: int = Field(ge=0)


class Seen(BaseModel):
    """The best value of a monitored number, and its epoch."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    best: float | None
    epoch: int = Field(ge=0)


class InitializedFrom(BaseModel):
    """The weights that a run started with: a hash of all that the checkpoint had, and by a layer the one there."""

    model_config = ConfigDict(strict=True, frozen=True)

    weights: str
    layers: dict[str, str]


class Changed(BaseModel):
    """What rules did to the network, whose layers `config` has as they are now: training.history.History."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    layers: list[Any]
    asked: int = Field(ge=0)
    changes: list[dict[str, Any]]


class Description(BaseModel):
    """What `training.state.State` writes beside the tensors."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    config: dict[str, Any]
    counters: Counts
    best: Seen
    early: Seen | None
    threshold: float | None = Field(default=None, gt=0.0, lt=1.0)
    temperature: float | None = Field(default=None, gt=0.0)
    preprocessing: dict[str, Any]
    target_transform: dict[str, Any] | None = None
    classes: list[str]
    target_names: list[str]
    data: dict[str, str]
    initialized_from: InitializedFrom | None = None
    dynamics: Changed | None = None


def description_of(checkpoint: Checkpoint, path: Path) -> Description:
    """The description of the checkpoint in this file. Raises CheckpointError."""
    with checkpoint_errors(path):
        return Description.model_validate(checkpoint.description)


@contextmanager
def checkpoint_errors(path: Path) -> Iterator[None]:
    """What turns out to be wrong with the contents of a checkpoint becomes a CheckpointError that names its file."""
    file = str(path)
    try:
        yield
    except CheckpointError as error:
        raise CheckpointError(*(replace(problem, file=problem.file or file) for problem in error.problems)) from None
    except ConfigError as error:
        problems = [Problem(problem.what, file, path=f"config.{problem.path}", help=HELP) for problem in error.problems]
        raise CheckpointError(*problems) from None
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in found["loc"])
        what = f"its description does not fit: {found['msg'][:1].lower()}{found['msg'][1:]}"
        raise CheckpointError(Problem(what, file, path=where, help=HELP)) from None
    except ValueError as error:
        raise CheckpointError(Problem(f"its description does not fit: {error}", file, help=HELP)) from None
