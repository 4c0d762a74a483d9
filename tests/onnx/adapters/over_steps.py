"""Sums and means over the steps of sequences (N, T, F)."""

from __future__ import annotations

from functools import partial

from tests.onnx.case import Adapter, LayerCase, OperatorCase, require


def over_steps(case: OperatorCase, kind: str) -> LayerCase:
    inputs, axes = case.input(0), case.optional(1)
    reduced = [] if axes is None else [int(axis) % inputs.ndim for axis in axes]
    require(reduced == [1], "other axes than the second of three")
    require(inputs.size > 0, "sequences without steps")
    return LayerCase({"type": kind}, inputs, case.output().reshape(inputs.shape[0], inputs.shape[2]))


ADAPTERS: dict[str, Adapter] = {
    "ReduceMean": partial(over_steps, kind="mean_over_steps"),
    "ReduceSum": partial(over_steps, kind="sum_over_steps"),
}
