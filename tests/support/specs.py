"""Layers from what a YAML file would say."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import TypeAdapter

from nnctl.layers.layer import Layer
from nnctl.spec import OneOf


def layers_of(described: list[Any]) -> list[Layer]:
    return TypeAdapter(list[Annotated[Layer, OneOf()]]).validate_python(described)
