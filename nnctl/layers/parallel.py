"""Branches that read the same inputs, joined again."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.branch import Branch, Joined
from nnctl.layers.chain import Chain, in_words, plan_chain
from nnctl.layers.freezable import Freezable
from nnctl.layers.layer import ChangeLayers, Layer
from nnctl.layers.operation import Array, Arrays, Operation, Shape, ShapeError, StepContext
from nnctl.spec import OneOf

Layers = Annotated[list[Annotated[Layer, OneOf()]], Field(max_length=1_000)]


class Parallel(Freezable):
    """Each branch of layers gets the inputs; outputs are their outputs side by side, or added up.

    Source of `concat`: Szegedy et al. 2015, "Going deeper with convolutions".
    """

    type: Literal["parallel"] = "parallel"
    branches: list[Layers] = Field(min_length=2, max_length=100)
    """Lists of layers; an empty one is the inputs as they are."""
    join: Literal["concat", "add"] = "concat"
    """`concat`: side by side along the last axis, the channels or features. `add`: element by element."""
    activation: MaybeActivation = None
    """Applied to what is joined."""

    def with_layers(self, change: ChangeLayers, after: Layer | None) -> Layer:
        return self.model_copy(
            update={"branches": [change(branch, self.activation or after) for branch in self.branches]}
        )

    def plan(self, inputs: Shape, device: Device) -> Operation:
        chains = [
            plan_chain([(f"branches.{number}.{at}", layer) for at, layer in enumerate(branch)], inputs, device)
            for number, branch in enumerate(self.branches)
        ]
        first = chains[0].outputs
        for number, chain in enumerate(chains):
            unlike = chain.outputs != first if self.join == "add" else chain.outputs[:-1] != first[:-1]
            if unlike:
                what = (
                    f"cannot {self.join} {in_words(first)} of branch 0 and {in_words(chain.outputs)} of branch {number}"
                )
                same = "the same shape" if self.join == "add" else "the same shape but for the last axis"
                raise ShapeError(what, f"give all branches outputs of {same}")
        return (_Added if self.join == "add" else _Concatenated)(chains, device)


class _Branches(Joined):
    has_own_gradients: bool  # whether a branch gets a part of d_outputs, not all of it

    def __init__(self, chains: list[Chain], device: Device) -> None:
        super().__init__(
            [Branch(f"branch.{number}", chain, self.has_own_gradients) for number, chain in enumerate(chains)]
        )
        self.outputs = chains[0].outputs
        self._device = device

    def _backward(self, arrays: Arrays, step: StepContext) -> None:
        """Through all branches; their d_inputs are added up in order."""
        d_inputs = [branch.backward(at, arrays, step) for at, branch in enumerate(self.branches)]
        if arrays.d_inputs is not None:
            self._add([part for part in d_inputs if part is not None], arrays.d_inputs)

    def _add(self, parts: list[Array], out: Array) -> None:
        add = self._device.kernels.add.add
        add(parts[0].ravel(), parts[1].ravel(), out.ravel())
        for part in parts[2:]:
            add(out.ravel(), part.ravel(), out.ravel())


class _Added(_Branches):
    has_own_gradients = False

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self._add([branch.forward(at, arrays, step) for at, branch in enumerate(self.branches)], arrays.outputs)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        self._backward(arrays, step)


class _Concatenated(_Branches):
    has_own_gradients = True

    def __init__(self, chains: list[Chain], device: Device) -> None:
        super().__init__(chains, device)
        self.outputs = (*chains[0].outputs[:-1], sum(chain.outputs[-1] for chain in chains))

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        first = 0
        for at, branch in enumerate(self.branches):
            outputs = branch.forward(at, arrays, step)
            self._device.kernels.concat.write(_rows(outputs), _rows(arrays.outputs), first)
            first += outputs.shape[-1]

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        first = 0
        for own in self.arrays_of_chains(arrays):
            self._device.kernels.concat.read(_rows(arrays.d_outputs), _rows(own.d_outputs), first)
            first += own.d_outputs.shape[-1]
        self._backward(arrays, step)


def _rows(array: Array) -> Array:
    """A view (rows, last axis)."""
    return array.reshape(-1, array.shape[-1])
