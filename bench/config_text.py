"""nnctl's config of a workload."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.workloads import Conv, Dense, Mean, Norm, Placed, Pool, Recurrent, Residual, Transformer, Workload
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
            "layers": _layers(workload.placed()),
            "loss": workload.loss,
            "optimizer": optimizer,
            "learning_rate": workload.learning_rate,
            "batch_size": workload.batch,
            "epochs": EPOCHS,
            "metrics": ["accuracy" if workload.loss == "cross_entropy" else "rmse"],  # one: none means the usual ones
        }
    )


def _layers(places: Sequence[Placed]) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    for place in places:
        if isinstance(place.layer, Dense) and len(place.inputs) > 1:
            layers.append({"type": "flatten"})
        layers += _block(place) if isinstance(place.layer, Transformer) else [_layer(place)]
    return layers


def _block(place: Placed) -> list[dict[str, Any]]:
    assert isinstance(place.layer, Transformer)
    norm = {"type": "layer_norm"}
    hidden = {"type": "linear", "out_features": place.layer.hidden, "activation": "gelu"}
    back = {"type": "linear", "out_features": place.inputs[-1]}
    attention = {"type": "attention", "heads": place.layer.heads}
    return [{"type": "residual", "layers": layers} for layers in ([norm, attention], [norm, hidden, back])]


def _layer(place: Placed) -> dict[str, Any]:
    layer = place.layer
    if isinstance(layer, Dense):
        return _activated({"type": "linear", "out_features": layer.units}, layer.activation)
    if isinstance(layer, Conv):
        window = {"kernel_size": layer.kernel, "stride": layer.stride, "padding": layer.padding}
        return _activated({"type": "conv2d", "out_channels": layer.channels, **window}, layer.activation)
    if isinstance(layer, Recurrent):
        return {"type": layer.kind, "hidden_size": layer.units, "bidirectional": layer.both}
    if isinstance(layer, Norm):
        return _activated({"type": "batch_norm"}, layer.activation)
    if isinstance(layer, Residual):
        return _activated({"type": "residual", "layers": _layers(place.body)}, layer.activation)
    if isinstance(layer, Pool):
        return {"type": "max_pool2d", "kernel_size": layer.size}
    if isinstance(layer, Mean) and len(place.inputs) == 2:
        return {"type": "mean_over_steps"}
    if isinstance(layer, Mean):
        return {"type": "avg_pool2d", "kernel_size": list(place.inputs[:2])}
    return {"type": "dropout", "p": layer.p}


def _activated(layer: dict[str, Any], activation: str | None) -> dict[str, Any]:
    return layer if activation is None else {**layer, "activation": activation}
