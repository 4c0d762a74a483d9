"""`nnctl check` as a function: everything but the training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnctl.config.load import load_config
from nnctl.data.describe import describe
from nnctl.model.preparation import prepare


def check(config: str | Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """What training would do: layers with shapes, parameters and multiply-adds, memory, and the data examined.

    layers: those inside a layer follow it, and its counts include theirs; depth is how many layers hold it. trainable:
    of the parameters, those that are not frozen.
    memory: bytes, without the data. multiply_adds: of the forward pass of one sample. Raises ConfigError, DataError.
    """
    prepared = prepare(load_config(config, overrides))
    plan = prepared.plan
    layers = [
        {
            "name": layer.name,
            "depth": layer.depth,
            "type": layer.kind,
            "outputs": list(layer.operation.outputs),
            "parameters": layer.parameters,
            "trainable": layer.trainable,
            "buffers": layer.buffers,
            "multiply_adds": layer.operation.multiply_adds,
        }
        for layer in plan.layers
    ]
    return {
        "name": prepared.config.name,
        "inputs": list(plan.inputs),
        "layers": layers,
        "parameters": plan.parameters,
        "trainable": plan.trainable,
        "buffers": plan.buffers,
        "multiply_adds": plan.multiply_adds,
        "memory": prepared.memory,
        "data": describe(prepared.dataset),
        "notes": list(prepared.notes),
    }
