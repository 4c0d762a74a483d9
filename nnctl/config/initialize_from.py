"""`initialize_from`: the checkpoint whose weights a run starts with."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from nnctl.spec import ConfigPath, Spec

Name = Annotated[str, Field(min_length=1)]


class InitializeFrom(Spec):
    """Which weights of which checkpoint. Layers are named by their paths: `layers.0`, `layers.3.layers.1`."""

    checkpoint: ConfigPath = Field(min_length=1)
    """A run folder (its best checkpoint) or a checkpoint file; relative to the config."""
    layers: Annotated[list[Name], Field(min_length=1)] | Annotated[dict[Name, Name], Field(min_length=1)] | None = None
    """The layers that take their weights, each from the one of the same name, or from the one that a mapping gives:
    {layers.1: layers.0}. Unset: all, but the last may differ, and starts new then."""
    exclude: list[Name] = Field(default_factory=list)
    """Layers that start new though they would fit."""


def _shorthand(value: Any) -> Any:
    return {"checkpoint": value} if isinstance(value, str) else value


MaybeInitializeFrom = Annotated[InitializeFrom | None, BeforeValidator(_shorthand)]
"""A path alone is the checkpoint, with the defaults."""
