"""A test case of ONNX for one of its operators, and the same as a layer of nnctl would have it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.onnx import adapters

Array = NDArray[Any]


@dataclass(frozen=True)
class OperatorCase:
    """What ONNX has: images are (N, C, H, W). attributes: as in the file, not those that the operator fills in.

    inputs, outputs: in the operator's order; None for an optional one that is not there.
    """

    operator: str
    name: str
    attributes: Mapping[str, Any]
    inputs: tuple[Array | None, ...]
    outputs: tuple[Array | None, ...]

    def input(self, index: int) -> Array:
        """An input that must be there."""
        array = self.inputs[index]
        assert array is not None, f"{self.name} has no input {index}"
        return array

    def optional(self, index: int) -> Array | None:
        """An input that need not be there."""
        return self.inputs[index] if index < len(self.inputs) else None

    def output(self, index: int = 0) -> Array:
        """An output that must be there."""
        array = self.outputs[index]
        assert array is not None, f"{self.name} has no output {index}"
        return array


@dataclass(frozen=True)
class LayerCase:
    """What nnctl has: images are (N, H, W, C). layer: as a config would say it.

    outputs: NaN where the operator says nothing.
    parameters, buffers: by their names, before the step. buffers_after: those that a training step changes.
    """

    layer: Mapping[str, Any]
    inputs: Array
    outputs: Array
    parameters: Mapping[str, Array] = field(default_factory=dict)
    buffers: Mapping[str, Array] = field(default_factory=dict)
    buffers_after: Mapping[str, Array] = field(default_factory=dict)
    lengths: Array | None = None
    training: bool = False


class InapplicableError(Exception):
    """No layer does what this case asks for; the message says what that is."""


Adapter = Callable[[OperatorCase], LayerCase]


def all_adapters() -> dict[str, Adapter]:
    """What turns the cases of an operator into those of a layer, by operator; each file of adapters/ has some."""
    found: dict[str, Adapter] = {}
    for module in pkgutil.iter_modules(adapters.__path__):
        found |= importlib.import_module(f"{adapters.__name__}.{module.name}").ADAPTERS
    return dict(sorted(found.items()))


def channels_last(array: Array) -> Array:
    """(N, C, ...) as (N, ..., C)."""
    return np.moveaxis(array, 1, -1)


def unless_biased(bias: Array | None) -> dict[str, bool]:
    """What a layer's settings say where the operator has no bias."""
    return {"bias": False} if bias is None else {}


def require(holds: bool, what: str) -> None:
    """Raises InapplicableError unless it holds. what: the case asks for, if it does not."""
    if not holds:
        raise InapplicableError(what)
