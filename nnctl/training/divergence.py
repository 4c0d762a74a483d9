"""Finding where numbers broke: the first layer whose output or gradient is NaN or infinite."""

from __future__ import annotations

from types import ModuleType

from nnctl.layers.layer import Array
from nnctl.model.network import Network


def first_broken(network: Network, n: int, kernels: ModuleType, *, loss_is_finite: bool = False) -> str:
    """In words, the first place that is not finite: forwards through the outputs, then backwards through the gradients.

    n: the samples of the batch in the network's buffers. loss_is_finite: then all outputs are, and the parameters may
    have been updated with the gradients already.
    """

    def broken(array: Array | None) -> bool:
        return array is not None and kernels.vector.first_non_finite(array.reshape(-1)) >= 0

    layers = list(network.arrays(n))
    for planned, arrays in () if loss_is_finite else layers:
        for name, parameter in arrays.parameters.items():
            if broken(parameter):
                return f"the {name} of {planned.name} ({planned.kind})"
        if broken(arrays.outputs):
            return f"the output of {planned.name} ({planned.kind})"
    if broken(network.d_outputs(n)):
        return "the loss"
    for planned, arrays in reversed(layers):
        for name, gradient in arrays.gradients.items():
            if broken(gradient):
                return f"the gradient of the {name} of {planned.name} ({planned.kind})"
        if broken(arrays.d_inputs):
            return f"the gradient of the inputs of {planned.name} ({planned.kind})"
    return "the loss"
