"""Layers that are frozen for some epochs, so many that they, or all of them, would not train."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nnctl.config.load import LoadedConfig
from nnctl.errors import Problem
from nnctl.layers.freezable import frozen_epochs
from nnctl.model.plan import NetworkPlan
from nnctl.text import counted


def frozen_problems(loaded: LoadedConfig, plan: NetworkPlan) -> Iterator[Problem]:
    """What is wrong with `freeze`, now that the layers with weights are known."""
    epochs = loaded.config.epochs
    for layer in plan.layers:
        own = frozen_epochs(layer.layer)
        if epochs <= own < math.inf:
            path = tuple(int(part) if part.isdigit() else part for part in layer.name.split("."))
            what = f"is {counted(int(own), 'epoch')}, and the run has {epochs:,}"
            help = "make it shorter than the run, or write `freeze: true`"
            yield loaded.problem((*path, "freeze"), what, help)
    least = min((layer.training.frozen_epochs for layer in plan.layers if layer.trainable), default=math.inf)
    if 0 < least < epochs:
        what = f"all layers with weights are frozen for {counted(int(least), 'epoch')}: nothing would train in them"
        yield loaded.problem(("layers",), what, "leave `freeze` out in the last layer that has weights")
