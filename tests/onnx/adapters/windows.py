"""Convolutions and pooling: windows that slide over images or steps, or see all of them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tests.onnx.case import Adapter, LayerCase, OperatorCase, channels_last, require, unless_biased


def conv(case: OperatorCase) -> LayerCase:
    weight, bias = case.input(1), case.optional(2)
    settings = {"out_channels": len(weight), "groups": case.attributes.get("group", 1), **unless_biased(bias)}
    settings |= {**_window(case, weight.shape), **_dilation(case)}
    parameters = {"weight": np.moveaxis(weight, (0, 1), (-1, -2))} | ({} if bias is None else {"bias": bias})
    return _channels_last(case, "conv", settings, parameters)


def conv_transpose(case: OperatorCase) -> LayerCase:
    weight, bias, size = case.input(1), case.optional(2), case.input(0).shape[2:]
    require(len(size) == 2, f"{len(size)}-dimensional windows that are transposed")
    kernel, stride, dilation = weight.shape[2:], _by_axis(case, "strides"), _by_axis(case, "dilations")
    require(case.attributes.get("auto_pad") != "SAME_LOWER", "`same` padding with the odd one in front")
    padding = _padding(case, size, [], [])
    added = list(case.attributes.get("output_padding", [0, 0]))
    if "output_shape" in case.attributes:  # in place of padding
        least = [(n - 1) * s + d * (k - 1) + 1 for n, s, d, k in zip(size, stride, dilation, kernel, strict=True)]
        added = [wanted - own for wanted, own in zip(case.attributes["output_shape"], least, strict=True)]
        require(padding == 0 and min(added) >= 0, "padding that follows from the shape of the outputs")
    groups = case.attributes.get("group", 1)
    settings = {
        "out_channels": weight.shape[1] * groups,
        "kernel_size": list(kernel),
        "stride": stride,
        "padding": padding,
        "output_padding": added,
        "groups": groups,
        **_dilation(case),
        **unless_biased(bias),
    }
    parameters = {"weight": weight.transpose(2, 3, 1, 0)} | ({} if bias is None else {"bias": bias})
    return _channels_last(case, "conv_transpose", settings, parameters)


def max_pool(case: OperatorCase) -> LayerCase:
    require(not _dilation(case), "dilation of a pooling window")
    return _channels_last(case, "max_pool", _window(case))


def average_pool(case: OperatorCase) -> LayerCase:
    require(not _dilation(case), "dilation of a pooling window")
    window = _window(case)
    is_padded = window["padding"] not in ("valid", 0)
    require(not (is_padded and case.attributes.get("count_include_pad", 0)), "padding that counts in the mean")
    return _channels_last(case, "avg_pool", window)


def global_pool(case: OperatorCase, kind: str) -> LayerCase:
    inputs, outputs = case.input(0), case.output()
    return LayerCase({"type": kind}, channels_last(inputs), outputs.reshape(outputs.shape[:2]))


def _channels_last(case: OperatorCase, kind: str, settings: dict[str, Any], parameters: Any = None) -> LayerCase:
    """A case of conv1d or conv2d for `conv`, and so on."""
    # integers are numbers like others here
    inputs, outputs = (channels_last(array).astype(np.float32) for array in (case.input(0), case.output()))
    return LayerCase({"type": f"{kind}{inputs.ndim - 2}d", **settings}, inputs, outputs, parameters or {})


def _window(case: OperatorCase, weight: tuple[int, ...] = ()) -> dict[str, Any]:
    """kernel_size, stride and padding. weight: the shape of the weight, which has the size if no attribute says it."""
    size = case.input(0).shape[2:]
    require(len(size) <= 2, f"{len(size)}-dimensional windows")
    kernel = list(case.attributes.get("kernel_shape", weight[2:]))
    stride, dilation = (_by_axis(case, name) for name in ("strides", "dilations"))
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = _padding(case, size, reach, stride)
    if case.attributes.get("ceil_mode", 0):
        both = 2 * padding if isinstance(padding, int) else 0
        whole = tuple((s + both - r) // t + 1 for s, r, t in zip(size, reach, stride, strict=True))
        require(case.output().shape[2:] == whole, "a last window that is cut off by the edge")
    return {"kernel_size": _setting(kernel), "stride": _setting(stride), "padding": padding}


def _by_axis(case: OperatorCase, name: str) -> list[int]:
    """An attribute that is 1 along every axis if it is not there."""
    return list(case.attributes.get(name, [1] * (case.input(0).ndim - 2)))


def _setting(sizes: list[int]) -> int | list[int]:
    """As a layer has it: over steps a number."""
    return sizes if len(sizes) > 1 else sizes[0]


def _padding(case: OperatorCase, size: tuple[int, ...], reach: list[int], stride: list[int]) -> str | int:
    automatic = case.attributes.get("auto_pad", "NOTSET")
    if automatic == "NOTSET":
        sides = set(case.attributes.get("pads", [0]))
        require(len(sides) == 1, "padding that differs from side to side")
        return int(sides.pop())
    if automatic == "SAME_LOWER":  # puts an odd one in front, `same` at the end
        added = [max((-(-s // t) - 1) * t + r - s, 0) for s, r, t in zip(size, reach, stride, strict=True)]
        require(not any(number % 2 for number in added), "`same` padding with the odd one in front")
    return "valid" if automatic == "VALID" else "same"


def _dilation(case: OperatorCase) -> dict[str, Any]:
    """The setting, if it is not 1."""
    dilation = _by_axis(case, "dilations")
    return {"dilation": _setting(dilation)} if set(dilation) != {1} else {}


ADAPTERS: dict[str, Adapter] = {
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": partial(global_pool, kind="global_avg_pool"),
    "GlobalMaxPool": partial(global_pool, kind="global_max_pool"),
}
