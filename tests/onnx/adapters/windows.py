"""Convolutions and pooling: windows that slide over an image."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.onnx.case import Adapter, LayerCase, OperatorCase, channels_last, require, unless_biased


def conv(case: OperatorCase) -> LayerCase:
    weight, bias = case.input(1), case.optional(2)
    require(case.attributes.get("group", 1) == 1, "groups of channels")
    settings = {"type": "conv2d", "out_channels": len(weight), **unless_biased(bias), **_window(case, weight.shape)}
    parameters = {"weight": weight.transpose(2, 3, 1, 0)} | ({} if bias is None else {"bias": bias})
    return _images(case, settings | _dilation(case), parameters)


def max_pool(case: OperatorCase) -> LayerCase:
    require(not _dilation(case), "dilation of a pooling window")
    return _images(case, {"type": "max_pool2d", **_window(case)})


def average_pool(case: OperatorCase) -> LayerCase:
    require(not _dilation(case), "dilation of a pooling window")
    window = _window(case)
    is_padded = window["padding"] not in ("valid", 0)
    require(not (is_padded and case.attributes.get("count_include_pad", 0)), "padding that counts in the mean")
    return _images(case, {"type": "avg_pool2d", **window})


def _images(case: OperatorCase, settings: dict[str, Any], parameters: Any = None) -> LayerCase:
    # integers are numbers like others here
    inputs, outputs = (channels_last(array).astype(np.float32) for array in (case.input(0), case.output()))
    return LayerCase(settings, inputs, outputs, parameters or {})


def _window(case: OperatorCase, weight: tuple[int, ...] = ()) -> dict[str, Any]:
    """kernel_size, stride and padding. weight: the shape of the weight, which has the size if no attribute says it."""
    size = case.input(0).shape[2:]
    require(len(size) == 2, f"{len(size)}-dimensional windows")
    kernel = list(case.attributes.get("kernel_shape", weight[2:]))
    stride, dilation = (list(case.attributes.get(name, [1, 1])) for name in ("strides", "dilations"))
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = _padding(case, size, reach, stride)
    if case.attributes.get("ceil_mode", 0):
        both = 2 * padding if isinstance(padding, int) else 0
        whole = tuple((s + both - r) // t + 1 for s, r, t in zip(size, reach, stride, strict=True))
        require(case.output().shape[2:] == whole, "a last window that is cut off by the edge")
    return {"kernel_size": kernel, "stride": stride, "padding": padding}


def _padding(case: OperatorCase, size: tuple[int, ...], reach: list[int], stride: list[int]) -> str | int:
    automatic = case.attributes.get("auto_pad", "NOTSET")
    if automatic == "NOTSET":
        sides = set(case.attributes.get("pads", [0, 0, 0, 0]))
        require(len(sides) == 1, "padding that differs from side to side")
        return int(sides.pop())
    if automatic == "SAME_LOWER":  # puts an odd one in front, `same` at the end
        added = [max((-(-s // t) - 1) * t + r - s, 0) for s, r, t in zip(size, reach, stride, strict=True)]
        require(not any(number % 2 for number in added), "`same` padding with the odd one in front")
    return "valid" if automatic == "VALID" else "same"


def _dilation(case: OperatorCase) -> dict[str, Any]:
    """The setting, if it is not 1."""
    dilation = list(case.attributes.get("dilations", [1]))
    return {"dilation": dilation} if set(dilation) != {1} else {}


ADAPTERS: dict[str, Adapter] = {"Conv": conv, "MaxPool": max_pool, "AveragePool": average_pool}
