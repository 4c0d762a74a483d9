"""Finding where numbers broke: the first layer whose output or gradient is NaN or infinite."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.device import Array
from nnctl.model.network import Network


def first_non_finite(network: Network, n: int, *, loss_is_finite: bool = False) -> str:
    """In words, the first place that is not finite: forwards through the outputs, then backwards through the gradients.

    n: the samples of the batch in the network's buffers. loss_is_finite: then all outputs are, and the parameters may
    have been updated with the gradients already.
    """

    def is_broken(array: Array | None) -> bool:
        return array is not None and not np.isfinite(network.device.to_host(array)).all()

    layers = list(network.walk(n))
    for name, link, arrays in () if loss_is_finite else layers:
        if not link.operation.chains:  # a layer that holds others has their parameters
            for parameter, values in {**arrays.parameters, **arrays.buffers}.items():
                if is_broken(values):
                    return f"the {parameter} of {name} ({link.layer.kind})"
        if is_broken(arrays.outputs):
            return f"the output of {name} ({link.layer.kind})"
    if is_broken(network.d_outputs(n)):
        return "the loss"
    for name, link, arrays in reversed(layers):
        if not link.operation.chains:
            for parameter, gradient in arrays.gradients.items():
                if is_broken(gradient):
                    return f"the gradient of the {parameter} of {name} ({link.layer.kind})"
        if is_broken(arrays.d_inputs):
            return f"the gradient of the inputs of {name} ({link.layer.kind})"
    return "the loss"
