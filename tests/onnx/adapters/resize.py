"""Images made larger."""

from __future__ import annotations

from typing import Any

from tests.onnx.case import Adapter, LayerCase, OperatorCase, channels_last, require

# how an output's coordinate becomes one of the inputs, and how that becomes a pixel, where it is as the layer has it
NEAREST = (("half_pixel", "round_prefer_floor"), ("half_pixel", "round_prefer_ceil"), ("asymmetric", "floor"))
BILINEAR = ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel")  # one and the same for whole numbers


def upsample(case: OperatorCase) -> LayerCase:
    require(case.attributes.get("mode", "nearest") == "nearest", "coordinates that are no half pixels")
    return _enlarged(case, case.input(1).tolist(), "nearest")


def resize(case: OperatorCase) -> LayerCase:
    attributes, scales = case.attributes, case.optional(2)
    mode = attributes.get("mode", "nearest")
    require(mode != "cubic", "cubic interpolation")
    require(not attributes.get("antialias", 0), "a filter in front of sampling")
    coordinates = attributes.get("coordinate_transformation_mode", "half_pixel")
    if mode == "nearest":
        rounding = attributes.get("nearest_mode", "round_prefer_floor")
        require((coordinates, rounding) in NEAREST, f"{coordinates} coordinates and {rounding} for the nearest pixel")
    else:
        require(coordinates in BILINEAR, f"{coordinates} coordinates")
    if scales is None:  # sizes are given, which the outputs have
        return _enlarged(case, _ratios(case), mode)
    by_axis = dict(zip(attributes.get("axes", range(len(scales))), scales.tolist(), strict=True))
    return _enlarged(case, [by_axis.get(axis, 1.0) for axis in range(case.input(0).ndim)], mode)


def _enlarged(case: OperatorCase, scales: list[float], mode: str) -> LayerCase:
    """scales: (N, C, H, W)."""
    require(all(scale >= 1 for scale in scales), "a smaller image")
    require(all(scale == int(scale) for scale in scales), "a scale that is no whole number")
    assert scales[:2] == [1, 1]
    layer: dict[str, Any] = {"type": "upsample2d", "scale": [int(scale) for scale in scales[2:]]}
    layer["mode"] = "nearest" if mode == "nearest" else "bilinear"
    return LayerCase(layer, channels_last(case.input(0)), channels_last(case.output()))


def _ratios(case: OperatorCase) -> list[float]:
    return [after / before for after, before in zip(case.output().shape, case.input(0).shape, strict=True)]


ADAPTERS: dict[str, Adapter] = {"Upsample": upsample, "Resize": resize}
