"""The update of the parameters: the optimizer's, with what layers say of their own weights."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels.device import Array
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.layers.norm import Norm
from nnctl.layers.operation import Shape, size_of
from nnctl.model.network import Network, ParameterSpan
from nnctl.optimizers.optimizer import Optimizer, Undecayed

LearningRates = Callable[[NDArray[np.int64]], Sequence[float]]
"""From steps, counted from 0 over the run, to its learning rate in each."""


@dataclass(frozen=True)
class _Group:
    """Neighbours in the flat vector that are updated alike. shapes: of the arrays in it."""

    part: slice
    shapes: tuple[Shape, ...]
    weight_decay: float
    learning_rate_scale: float
    frozen_epochs: int

    @property
    def rule(self) -> tuple[float, float, int]:
        return self.weight_decay, self.learning_rate_scale, self.frozen_epochs


class ParameterUpdate:
    """Records updates. slots: (number of slots, P). steps: in an epoch.

    What is frozen for some epochs counts its steps from the first one that trains it, as PyTorch does for parameters
    that get their first gradient later.
    """

    def __init__(
        self, network: Network, optimizer: Optimizer, slots: Array, learning_rates: LearningRates, steps: int
    ) -> None:
        self._network, self._slots = network, slots
        self._groups = list(_groups(network, optimizer))
        self._optimizers = {
            decay: optimizer if decay == optimizer.weight_decay else optimizer.with_weight_decay(decay)
            for decay in {group.weight_decay for group in self._groups}
        }

        def rates(scale: float) -> StepArgument:
            return StepArgument("float64", lambda epoch, at: scale * np.array(learning_rates(at)))

        def numbers(frozen: int) -> StepArgument:
            return StepArgument("int64", lambda epoch, at: at + (1 - frozen * steps))

        self._rates = {scale: rates(scale) for scale in {group.learning_rate_scale for group in self._groups}}
        self._numbers = {frozen: numbers(frozen) for frozen in {group.frozen_epochs for group in self._groups}}

    def record(self, part: slice, epoch: int) -> None:
        """While a step of this epoch is recorded: update a part of the parameters, as far as it is not frozen."""
        network = self._network
        for group in _within(self._groups, part):
            if group.frozen_epochs < epoch:
                self._optimizers[group.weight_decay].update(
                    network.parameters[group.part],
                    network.gradients[group.part],
                    self._slots[:, group.part],
                    group.shapes,
                    self._rates[group.learning_rate_scale],
                    self._numbers[group.frozen_epochs],
                    network.device,
                )


def _groups(network: Network, optimizer: Optimizer) -> Iterator[_Group]:
    """One for each array."""
    for span in network.spans().values():
        training, start = span.layer.training, span.part.start
        own = optimizer.weight_decay if training.weight_decay is None else training.weight_decay
        for name, shape in zip(span.names, span.shapes, strict=True):
            end = start + size_of(shape)
            excluded = _is_excluded(span, name, shape, optimizer.exclude_from_weight_decay)
            decay = 0.0 if excluded else own
            yield _Group(slice(start, end), (shape,), decay, training.learning_rate_scale, int(training.frozen_epochs))
            start = end


def _is_excluded(span: ParameterSpan, name: str, shape: Shape, excluded: Collection[Undecayed]) -> bool:
    is_bias = len(shape) == 1 and "bias" in name.split("_")
    return (is_bias and "bias" in excluded) or (isinstance(span.layer.layer, Norm) and "norm" in excluded)


def _within(groups: Sequence[_Group], part: slice) -> Iterator[_Group]:
    """Those in a part, which has whole ones; neighbours that are updated alike are one."""
    start, end, _ = part.indices(groups[-1].part.stop if groups else 0)
    merged: list[_Group] = []
    for group in groups:
        if not start <= group.part.start < end:
            continue
        if merged and merged[-1].rule == group.rule:
            before = merged[-1]
            merged[-1] = _Group(slice(before.part.start, group.part.stop), before.shapes + group.shapes, *group.rule)
        else:
            merged.append(group)
    return iter(merged)
