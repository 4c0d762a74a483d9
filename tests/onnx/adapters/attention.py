"""Attention. ONNX's has queries, keys and values as its inputs; nnctl's makes them of one input by projections."""

from __future__ import annotations

import numpy as np

from tests.onnx.case import Adapter, Array, LayerCase, OperatorCase, require


def attention(case: OperatorCase) -> LayerCase:
    """The input holds all three, head by head, and the projections pick them out.

    A head is as wide as the three together; what each leaves of that is 0. There are as many queries as keys: those
    that are added have no counterpart in ONNX's outputs.
    """
    require(case.input(0).dtype == np.float32, "half precision")
    require(case.optional(3) is None, "a mask that is not the causal one")
    require(case.optional(4) is None, "keys and values of earlier steps")
    require(not case.attributes.get("softcap", 0.0), "a soft limit of the scores")
    queries = _by_head(case.input(0), case.attributes.get("q_num_heads"))
    samples, asked, heads, width = queries.shape
    keys, values = (_by_head(case.input(at), case.attributes.get("kv_num_heads")) for at in (1, 2))
    keys, values = (np.repeat(array, heads // array.shape[2], axis=2) for array in (keys, values))
    steps, wide = keys.shape[1], 2 * width + values.shape[3]
    require(asked <= steps, "more queries than keys")
    queries = np.pad(queries, ((0, 0), (0, steps - asked), (0, 0), (0, 0)))
    inputs = np.concatenate([queries, keys, values], axis=3).reshape(samples, steps, heads * wide)

    scale = case.attributes.get("scale", 1 / np.sqrt(width)) * np.sqrt(wide)  # nnctl's own is 1 / sqrt(wide)
    of_one = np.zeros((wide, 3, wide))  # from a head of the input to its query, key and value
    for at, (first, size, factor) in enumerate(
        ((0, width, scale), (width, width, 1), (2 * width, wide - 2 * width, 1))
    ):
        of_one[first : first + size, at, :size] = factor * np.eye(size)
    projection = np.einsum("gh,ipj->giphj", np.eye(heads), of_one)
    parameters = {
        "in_proj_weight": projection.reshape(heads * wide, 3 * heads * wide),
        "out_proj_weight": np.eye(heads * wide),
    }
    outputs = np.full((samples, steps, heads, wide), np.nan, np.float32)
    outputs[:, :asked] = 0
    outputs[:, :asked, :, : values.shape[3]] = _by_head(case.output(), heads)
    layer = {"type": "attention", "heads": heads, "causal": bool(case.attributes.get("is_causal", 0)), "bias": False}
    return LayerCase(layer, inputs, outputs.reshape(inputs.shape), parameters)


def _by_head(array: Array, heads: int | None) -> Array:
    """(N, heads, T, width), or (N, T, heads x width) of so many heads, as (N, T, heads, width)."""
    if array.ndim == 4:
        return array.transpose(0, 2, 1, 3)
    assert heads is not None
    return array.reshape(*array.shape[:2], heads, -1)


ADAPTERS: dict[str, Adapter] = {"Attention": attention}
