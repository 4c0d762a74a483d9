"""What every layer computes, written as plainly as can be: one number at a time, in float64.

`REFERENCES` gives for each kind a function (layer, inputs, parameters, step) -> outputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.layers.operation import StepContext

Float64 = NDArray[np.float64]
Reference = Callable[[Any, Float64, Mapping[str, Float64], StepContext], Float64]


def both(size: int | list[int]) -> list[int]:
    return [size, size] if isinstance(size, int) else size


def padding_along(size: int, kernel: int, stride: int, dilation: int, padding: str | int) -> tuple[int, int]:
    """Padding before and after: `same` is found by adding one at a time, first at the end, until it is enough."""
    if padding != "same":
        number = padding if isinstance(padding, int) else 0
        return number, number
    before = after = 0
    while (before + size + after - (kernel - 1) * dilation - 1) // stride + 1 < math.ceil(size / stride):
        if after > before:
            before += 1
        else:
            after += 1
    return before, after


def patches(
    image: Float64, kernel: list[int], stride: list[int], dilation: list[int], padding: str | int, fill: float
) -> Iterator[tuple[int, int, Float64]]:
    """Each window of an image (H, W, C): its row, its column, and (KH, KW, C) with `fill` outside the image."""
    edges = [padding_along(image.shape[axis], kernel[axis], stride[axis], dilation[axis], padding) for axis in (0, 1)]
    padded = np.pad(image, [*edges, (0, 0)], constant_values=fill)
    reach = [(kernel[axis] - 1) * dilation[axis] + 1 for axis in (0, 1)]
    for row, top in enumerate(range(0, padded.shape[0] - reach[0] + 1, stride[0])):
        for column, left in enumerate(range(0, padded.shape[1] - reach[1] + 1, stride[1])):
            yield (
                row,
                column,
                padded[top : top + reach[0] : dilation[0], left : left + reach[1] : dilation[1]],
            )


def assembled(windows: list[tuple[int, int, Float64]]) -> Float64:
    """An image (rows, columns, channels) of one vector a window."""
    rows, columns = windows[-1][0] + 1, windows[-1][1] + 1
    return np.array([values for _, _, values in windows]).reshape(rows, columns, -1)


def conv2d(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
    weight = parameters["weight"]
    bias = parameters.get("bias", np.zeros(weight.shape[3]))
    sizes = both(layer.kernel_size), both(layer.stride), both(layer.dilation)
    return np.array(
        [
            assembled(
                [
                    (row, column, bias + sum(patch[place] * weight[place] for place in np.ndindex(patch.shape)))
                    for row, column, patch in patches(image, *sizes, layer.padding, 0.0)
                ]
            )
            for image in inputs
        ]
    )


def pool2d(layer: Any, inputs: Float64, reduce: Callable[..., Float64]) -> Float64:
    kernel = both(layer.kernel_size)
    stride = kernel if layer.stride is None else both(layer.stride)
    return np.array(
        [
            assembled(
                [
                    (row, column, reduce(patch, axis=(0, 1)))
                    for row, column, patch in patches(image, kernel, stride, [1, 1], layer.padding, math.nan)
                ]
            )
            for image in inputs
        ]
    )


def linear(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
    weight = parameters["weight"]
    bias = parameters.get("bias", np.zeros(weight.shape[1]))
    return np.array(
        [
            [bias[j] + sum(sample[i] * weight[i, j] for i in range(len(sample))) for j in range(len(bias))]
            for sample in inputs
        ]
    )


def embed_columns(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
    others = inputs.shape[1] - len(layer.columns)
    rows = []
    for sample in inputs:
        row = list(sample[:others])
        for number, column in zip(sample[others:], layer.columns, strict=True):
            slot = round(number) if 0 <= round(number) < column.slots else 0
            row += list(parameters[column.name][slot])
        rows.append(row)
    return np.array(rows)


def splitmix64(seed: int, number: int) -> int:
    """The reference generator: output `number` (from 0) of the stream that starts at seed."""
    mask = 2**64 - 1
    z = (seed + (number + 1) * 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def dropout(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
    if not step.training:
        return inputs.copy()
    key = int(step.key("dropout"))
    outputs = [
        0.0 if (splitmix64(key, number) >> 11) / 2**53 < layer.p else value / (1 - layer.p)
        for number, value in enumerate(inputs.ravel())
    ]
    return np.array(outputs).reshape(inputs.shape)


def softmax(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
    powers = np.exp(inputs)
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def each(function: Callable[[Any, float], float]) -> Reference:
    """The reference of a layer that works element by element."""
    return lambda layer, inputs, parameters, step: np.array(
        [function(layer, float(value)) for value in inputs.ravel()]
    ).reshape(inputs.shape)


def chain(layers: Sequence[Any], prefix: str, inputs: Float64, parameters: Mapping[str, Float64], step: Any) -> Float64:
    """Layers in a row; the parameters of the first are those whose names begin with `<prefix>0.`."""
    for number, layer in enumerate(layers):
        own = f"{prefix}{number}."
        inner = {name.removeprefix(own): array for name, array in parameters.items() if name.startswith(own)}
        inputs = REFERENCES[layer.type](layer, inputs, inner, step)
        activation = getattr(layer, "activation", None)
        if activation is not None:
            inputs = REFERENCES[activation.type](activation, inputs, {}, step)
    return inputs


def residual(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: Any) -> Float64:
    outputs = chain(layer.layers, "layers.", inputs, parameters, step)
    if "shortcut.weight" not in parameters:
        return outputs + inputs
    weight, bias = parameters["shortcut.weight"], parameters["shortcut.bias"]
    if inputs.ndim == 2:
        return np.asarray(outputs + inputs @ weight + bias)
    strides = [math.ceil(inputs.shape[axis] / outputs.shape[axis]) for axis in (1, 2)]
    return np.asarray(outputs + inputs[:, :: strides[0], :: strides[1]] @ weight[0, 0] + bias)


def parallel(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: Any) -> Float64:
    branches = [
        chain(branch, f"branches.{number}.", inputs, parameters, step) for number, branch in enumerate(layer.branches)
    ]
    return np.asarray(sum(branches) if layer.join == "add" else np.concatenate(branches, axis=-1))


def repeat(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: Any) -> Float64:
    for number in range(layer.repeat):
        inputs = chain(layer.layers, f"{number}.layers.", inputs, parameters, step)
    return inputs


REFERENCES: dict[str, Reference] = {
    "sum_over_steps": lambda layer, inputs, parameters, step: inputs.sum(axis=1),
    "mean_over_steps": lambda layer, inputs, parameters, step: inputs.mean(axis=1),
    "residual": residual,
    "parallel": parallel,
    "repeat": repeat,
    "linear": linear,
    "conv2d": conv2d,
    "max_pool2d": lambda layer, inputs, parameters, step: pool2d(layer, inputs, np.nanmax),
    "avg_pool2d": lambda layer, inputs, parameters, step: pool2d(layer, inputs, np.nanmean),
    "flatten": lambda layer, inputs, parameters, step: np.array([sample.ravel() for sample in inputs]),
    "dropout": dropout,
    "embed_columns": embed_columns,
    "relu": each(lambda layer, x: max(0.0, x)),
    "leaky_relu": each(lambda layer, x: x if x > 0 else layer.slope * x),
    "elu": each(lambda layer, x: x if x > 0 else layer.alpha * (math.exp(x) - 1)),
    "gelu": each(lambda layer, x: x * (1 + math.erf(x / math.sqrt(2))) / 2),
    "silu": each(lambda layer, x: x / (1 + math.exp(-x))),
    "sigmoid": each(lambda layer, x: 1 / (1 + math.exp(-x))),
    "tanh": each(lambda layer, x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x))),
    "softplus": each(lambda layer, x: math.log(1 + math.exp(x))),
    "softmax": softmax,
    "step": each(lambda layer, x: 1.0 if x >= 0 else 0.0),
}
