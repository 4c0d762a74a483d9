"""A trained network's arrays as nnctl wrote them, in the layout that PyTorch and ONNX share: channels first."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.workloads import Conv, Dense, Placed, Workload

Array = NDArray[np.float32]


def weights(workload: Workload, folder: Path) -> list[tuple[Placed, dict[str, Array]]]:
    """The layers that have arrays, each with its own by name."""
    places = [place for place in workload.placed() if place.parameters]
    own: list[dict[str, Array]] = [{} for _ in places]
    with np.load(folder / "weights.npz") as arrays:
        for key in arrays:
            number, name = key.split(".", 1)
            own[int(number)][name] = channels_first(places[int(number)], arrays[key])
    return list(zip(places, own, strict=True))


def images_first(inputs: Array) -> Array:
    """(N, H, W, C) as (N, C, H, W); other samples as they are."""
    return np.ascontiguousarray(np.moveaxis(inputs, 3, 1)) if inputs.ndim == 4 else inputs


def channels_first(place: Placed, array: Array) -> Array:
    """A weight as (out, in) or (out, in, height, width), where an image is flattened channel by channel."""
    if isinstance(place.layer, Conv) and array.ndim == 4:
        return np.ascontiguousarray(array.transpose(3, 2, 0, 1))
    if isinstance(place.layer, Dense) and array.ndim == 2 and len(place.inputs) == 3:
        return array.reshape(*place.inputs, -1).transpose(3, 2, 0, 1).reshape(array.shape[1], -1)
    return np.ascontiguousarray(array.T)
