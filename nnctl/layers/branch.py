"""A chain inside a layer that holds several: they read the same inputs, and the layer joins what they give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nnctl.layers.chain import Chain
from nnctl.layers.operation import Array, Arrays, ArraySpec, StepContext


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
