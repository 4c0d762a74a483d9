"""PyTorch as a contestant, eager: `python -m bench.peers.torch_worker WORKLOAD FOLDER`.

How the optimizer goes over the parameters, how images lie in memory and the number of threads are tried first; the
quickest are kept.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor, nn

from bench.peers.samples import Samples, initial_weight, load
from bench.serve import answer, wanted
from bench.workloads import Conv, Dense, Dropout, Mean, Norm, Placed, Pool, Recurrent, Residual, Transformer, Workload

TRIAL_SECONDS = 0.5
PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
ACTIVATIONS = {"relu": lambda: nn.ReLU(inplace=True), "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


@dataclass(frozen=True)
class Variant:
    """optimizer: how it goes over the parameters. channels_last: how images lie in memory."""

    optimizer: str = "plain"
    channels_last: bool = False
    threads: int = PROCESSORS

    def __str__(self) -> str:
        layout = ", channels last" if self.channels_last else ""
        return f"{self.optimizer} optimizer{layout}, threads {self.threads}"


CHOICES = {"optimizer": ("plain", "foreach", "fused"), "channels_last": (True,), "threads": (1,)}


class Training:
    """A network with fresh weights, and its data in memory."""

    def __init__(self, samples: Samples, variant: Variant) -> None:
        workload = samples.workload
        torch.manual_seed(workload.seed)
        torch.set_num_threads(variant.threads)
        self._loss = workload.loss
        self._channels_last = variant.channels_last
        self._images = len(workload.inputs) == 3
        self._network = network(workload.placed())
        self._inputs = torch.from_numpy(samples.inputs)
        if variant.channels_last:
            self._network = self._network.to(memory_format=torch.channels_last)
        elif self._images:
            self._inputs = self._inputs.permute(0, 3, 1, 2).contiguous()
        self._targets = torch.from_numpy(samples.targets)
        self._optimizer = optimizer(workload, self._network, variant.optimizer)

    def step(self, rows: Tensor) -> Tensor:
        """One whole step. Returns the batch's loss."""
        inputs = self._inputs.index_select(0, rows)
        if self._channels_last:
            inputs = inputs.permute(0, 3, 1, 2)
        loss = self._measure(self._network(inputs), self._targets.index_select(0, rows))
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._optimizer.step()
        return loss.detach()

    def epoch(self, order: Tensor) -> tuple[float, float]:
        """Seconds and mean loss. order: (steps, batch)."""
        began = perf_counter()
        losses = [self.step(rows) for rows in order.unbind()]
        seconds = perf_counter() - began
        return seconds, float(torch.stack(losses).mean())

    def _measure(self, outputs: Tensor, targets: Tensor) -> Tensor:
        if self._loss == "cross_entropy":
            return nn.functional.cross_entropy(outputs, targets)
        loss = nn.functional.mse_loss(outputs, targets)
        return loss * (0.5 * outputs.shape[1]) if self._loss == "squared_error" else loss


class Block(nn.Module):
    """A residual block without its activation."""

    def __init__(self, placed: Placed, position: int) -> None:
        super().__init__()
        self.body = network(placed.body, position)
        self.shortcut = network(placed.projection, position + len(placed.body))

    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.body(inputs) + self.shortcut(inputs)
        return outputs


class LastStep(nn.Module):
    """What a recurrent layer puts out last, in each direction."""

    def __init__(self, layer: Recurrent, features: int) -> None:
        super().__init__()
        kind = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[layer.kind]
        self.layer = kind(features, layer.units, batch_first=True, bidirectional=layer.both)

    def forward(self, inputs: Tensor) -> Tensor:
        _, last = self.layer(inputs)
        hidden: Tensor = last[0] if isinstance(last, tuple) else last
        return hidden.transpose(0, 1).flatten(1)


class MeanStep(nn.Module):
    """The mean of all steps."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs.mean(1)


def network(places: Sequence[Placed], first: int = 0) -> nn.Sequential:
    """Layers in a row, their weights from `initial_weight`. first: the position of the first."""
    layers: list[nn.Module] = []
    for position, placed in enumerate(places, first):
        if isinstance(placed.layer, Dense) and len(placed.inputs) > 1:
            layers.append(nn.Flatten())
        layers.append(module(placed, position))
        activation = getattr(placed.layer, "activation", None)
        if activation is not None:
            layers.append(ACTIVATIONS[activation]())
    return nn.Sequential(*layers)


def module(placed: Placed, position: int) -> nn.Module:
    """A layer without its activation."""
    layer = placed.layer
    if isinstance(layer, Pool):
        return nn.MaxPool2d(layer.size)
    if isinstance(layer, Mean):
        return nn.AdaptiveAvgPool2d(1) if len(placed.inputs) == 3 else MeanStep()
    if isinstance(layer, Norm):
        channels = placed.inputs[-1]
        return nn.BatchNorm2d(channels) if len(placed.inputs) == 3 else nn.BatchNorm1d(channels)
    if isinstance(layer, Dropout):
        return nn.Dropout(layer.p)
    if isinstance(layer, Residual):
        return Block(placed, 100 * position)
    if isinstance(layer, Recurrent):
        return LastStep(layer, placed.inputs[-1])
    if isinstance(layer, Transformer):
        sizes = placed.inputs[-1], layer.heads, layer.hidden
        return nn.TransformerEncoderLayer(*sizes, 0.0, "gelu", batch_first=True, norm_first=True)
    weight = torch.from_numpy(initial_weight(placed, position))
    made: nn.Linear | nn.Conv2d
    if isinstance(layer, Conv):
        made = nn.Conv2d(placed.inputs[-1], layer.channels, layer.kernel, stride=layer.stride, padding=layer.padding)
        weight = weight.permute(3, 2, 0, 1)
    else:
        made = nn.Linear(weight.shape[0], layer.units)
        weight = weight.T
    with torch.no_grad():
        made.weight.copy_(weight)
        nn.init.zeros_(made.bias)
    return made


def optimizer(workload: Workload, network: nn.Module, how: str) -> torch.optim.Optimizer:
    options = {"foreach": how == "foreach", "fused": how == "fused"}
    if workload.optimizer == "adam":
        return torch.optim.Adam(network.parameters(), lr=workload.learning_rate, **options)
    momentum = workload.momentum
    return torch.optim.SGD(network.parameters(), lr=workload.learning_rate, momentum=momentum, **options)


def quickest(samples: Samples, orders: Tensor) -> Variant:
    """Each choice is tried for a moment with a network of its own, one after the other, and the best is kept."""
    best, least = Variant(), float("inf")
    for name, values in CHOICES.items():
        if name == "channels_last" and len(samples.workload.inputs) != 3:
            continue
        for value in values:
            variant = replace(best, **{name: value})
            seconds = _step_seconds(Training(samples, variant), orders)
            if seconds < least:
                best, least = variant, seconds
    return best


def _step_seconds(training: Training, orders: Tensor) -> float:
    rows, times = itertools.cycle(orders[0].unbind()), []
    training.step(next(rows))
    deadline = perf_counter() + TRIAL_SECONDS
    while len(times) < 3 or perf_counter() < deadline:
        began = perf_counter()
        training.step(next(rows))
        times.append(perf_counter() - began)
    return sorted(times)[len(times) // 4]  # others' noise only adds


def main(name: str, folder: Path) -> None:
    samples = load(name, folder)
    orders = torch.from_numpy(samples.orders)
    variant = quickest(samples, orders)
    training = Training(samples, variant)
    for epoch in itertools.count():
        seconds, loss = training.epoch(orders[epoch % len(orders)])
        answer(seconds, samples.steps, loss, variant=str(variant), version=torch.__version__)
        if not wanted():
            return


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
