"""A chain inside a layer that holds several: they read the same inputs, and the layer joins what they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from nnctl.layers.chain import Chain
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, ShapeError, StepContext


@dataclass(frozen=True)
class Branch:
    """name: of its scratch in the layer. has_own_gradient: whether its d_outputs are a part of the layer's, a copy."""

    name: str
    chain: Chain
    has_own_gradient: bool = False

    def specs(self) -> Iterator[ArraySpec]:
        """What it needs among the layer's arrays."""
        yield from self.chain.arrays
        if not self.chain.is_view:
            yield ArraySpec(f"{self.name}:outputs", self.chain.outputs, "per_sample")
            yield ArraySpec(f"{self.name}:d_inputs", self.chain.inputs, "per_sample")
        if self.has_own_gradient:
            yield ArraySpec(f"{self.name}:d_outputs", self.chain.outputs, "per_sample")

    def arrays(self, arrays: Arrays) -> Arrays:
        """The chain's, out of the layer's. Its outputs and d_inputs are its own: the layer joins them."""
        d_outputs = arrays.scratch[f"{self.name}:d_outputs"] if self.has_own_gradient else arrays.d_outputs
        if self.chain.is_view:
            outputs: Array = arrays.inputs.reshape(-1, *self.chain.outputs)
            d_inputs = None if arrays.d_inputs is None else d_outputs.reshape(arrays.inputs.shape)
        else:
            outputs = arrays.scratch[f"{self.name}:outputs"]
            d_inputs = None if arrays.d_inputs is None else arrays.scratch[f"{self.name}:d_inputs"]
        return replace(arrays, outputs=outputs, d_inputs=d_inputs, d_outputs=d_outputs)

    def forward(self, position: int, arrays: Arrays, step: StepContext) -> Array:
        """Its outputs. position: among the layer's branches; arrays: the layer's."""
        own = self.arrays(arrays)
        self.chain.forward(own, step.inner(position))
        return own.outputs

    def backward(self, position: int, arrays: Arrays, step: StepContext) -> Array | None:
        """Its d_inputs, None where the layer wants none."""
        own = self.arrays(arrays)
        self.chain.backward(own, step.inner(position))
        return own.d_inputs


class Joined(Operation):
    """Base of the operations that join the outputs of `branches`, whose sequences must have the same lengths."""

    def __init__(self, branches: list[Branch]) -> None:
        self.branches = tuple(branches)
        self.chains = tuple(branch.chain for branch in branches)
        self.arrays = tuple(spec for branch in branches for spec in branch.specs())
        self.multiply_adds = sum(branch.chain.multiply_adds for branch in branches)
        self.changes_lengths = any(branch.chain.changes_lengths for branch in branches)

    def steps(self, lengths: Array) -> Array:
        first, *others = [branch.chain.steps(lengths) for branch in self.branches]
        for branch, other in zip(self.branches[1:], others, strict=True):
            if len(self.outputs) > 1 and (unlike := np.flatnonzero(first != other)).size:
                at = unlike[-1]
                what = (
                    f"joins sequences of unlike lengths: of {lengths[at]} steps, {self.branches[0].name} leaves "
                    f"{first[at]} and {branch.name} {other[at]}"
                )
                raise ShapeError(what, "give their layers the same kernel_size, stride and padding, or `padding: same`")
        return first

    def notes_on(self, lengths: Mapping[str, Array]) -> Iterator[tuple[str, str]]:
        for branch in self.branches:
            yield from branch.chain.notes_on(lengths)

    def lengths_of_outputs(self, arrays: Arrays) -> Array | None:
        first = self.branches[0]
        return first.chain.lengths_of_outputs(first.arrays(arrays))

    def arrays_of_chains(self, arrays: Arrays) -> tuple[Arrays, ...]:
        return tuple(branch.arrays(arrays) for branch in self.branches)
