"""nnctl's config of a workload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.workloads import Conv, Dense, Layer, Pool, Workload
from nnctl.config.dumper import dump

EPOCHS = 1_000_000  # the worker ends it when no more are asked for


def config_text(workload: Workload, source: Path) -> str:
    """YAML that trains the workload on the samples in `source`: all of them, no batch but full ones."""
    optimizer: dict[str, Any] = {"type": workload.optimizer}
    if workload.optimizer == "sgd":
        optimizer["momentum"] = workload.momentum
    return dump(
        {
            "seed": workload.seed,
            "data": {"source": str(source.absolute()), "shape": list(workload.inputs), "drop_last": True},
            "layers": _layers(workload),
            "loss": workload.loss,
            "optimizer": optimizer,
            "learning_rate": workload.learning_rate,
            "batch_size": workload.batch,
            "epochs": EPOCHS,
            "metrics": ["accuracy" if workload.loss == "cross_entropy" else "rmse"],  # one: none means the usual ones
        }
    )


def _layers(workload: Workload) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    for placed in workload.placed():
        if isinstance(placed.layer, Dense) and len(placed.inputs) > 1:
            layers.append({"type": "flatten"})
        layers.append(_layer(placed.layer))
    return layers


def _layer(layer: Layer) -> dict[str, Any]:
    if isinstance(layer, Dense):
        return _activated({"type": "linear", "out_features": layer.units}, layer.activation)
    if isinstance(layer, Conv):
        window = {"kernel_size": layer.kernel, "padding": layer.padding}
        return _activated({"type": "conv2d", "out_channels": layer.channels, **window}, layer.activation)
    if isinstance(layer, Pool):
        return {"type": "max_pool2d", "kernel_size": layer.size}
    return {"type": "dropout", "p": layer.p}


def _activated(layer: dict[str, Any], activation: str | None) -> dict[str, Any]:
    return layer if activation is None else {**layer, "activation": activation}
