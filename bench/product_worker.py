"""nnctl as a contestant: `python -m bench.product_worker THREADS` computes what its layers do in one direction."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from bench.product_serve import Operands, Prepared, serve, zeros
from bench.product_shapes import Convolution, Product
from nnctl.kernels.cpu import sizes
from nnctl.kernels.device import CPU
from nnctl.kernels.runtime.program import Program
from nnctl.kernels.runtime.recording import recording_to
from nnctl.kernels.runtime.workers import set_threads
from nnctl.layers.conv2d import Conv2D
from nnctl.layers.layer import Layer
from nnctl.layers.linear import Linear
from nnctl.layers.operation import Arrays, Operation, StepContext


class _Calls(list[Any]):
    """Takes what is recorded."""

    def add(self, call: Any) -> None:
        self.append(call)


def prepare(row: Product | Convolution, operands: Operands) -> Prepared:
    operation, step = planned(row), StepContext(training=True)
    parameters = {spec.name: operands[spec.name] for spec in operation.arrays if spec.role == "parameter"}
    gradients = {name: zeros(value.shape) for name, value in parameters.items()}
    outputs, d_inputs = zeros(operands["d_outputs"].shape), zeros(operands["inputs"].shape)
    arrays = Arrays(
        inputs=operands["inputs"],
        outputs=outputs,
        d_inputs=d_inputs if row.direction == "d_inputs" else None,
        d_outputs=operands["d_outputs"],
        parameters=parameters,
        gradients=gradients,
        scratch={spec.name: zeros(spec.allocated_shape(row.batch)) for spec in operation.arrays if not spec.is_kept},
    )
    operation.forward(arrays, step)  # leaves what the other way needs in the scratch
    program = Program(row.batch)
    for call in _calls(operation, arrays, step, row.direction):
        program.add(call)
    results = {"forward": [outputs], "d_weight": list(gradients.values()), "d_inputs": [d_inputs]}[row.direction]
    return Prepared(program.run, lambda: results)


def planned(row: Product | Convolution) -> Operation:
    """What the layer decides on; by the taps where the row says so, whatever is faster."""
    taps = patch.object(sizes, "winograd_is_faster", return_value=False)
    with taps if isinstance(row, Convolution) and row.by_taps else nullcontext():
        return _layer(row).plan(row.shapes["inputs"][1:], CPU())


def _layer(row: Product | Convolution) -> Layer:
    if isinstance(row, Product):
        return Linear(out_features=row.outputs, bias=None)
    return Conv2D(out_channels=row.outputs, kernel_size=row.kernel, padding=row.padding)


def _calls(operation: Operation, arrays: Arrays, step: StepContext, direction: str) -> list[Any]:
    """An operation's calls in one direction. What d_inputs needs is what a first layer leaves out, at either end."""
    calls, without = _Calls(), _Calls()
    with recording_to(calls):
        (operation.forward if direction == "forward" else operation.backward)(arrays, step)
    if direction == "d_inputs":
        with recording_to(without):
            operation.backward(replace(arrays, d_inputs=None), step)
        others = [call.name for call in without]
        if [call.name for call in calls[: len(others)]] == others:
            return calls[len(others) :]
        assert [call.name for call in calls[-len(others) :]] == others
        return calls[: -len(others)]
    return calls


if __name__ == "__main__":
    set_threads(int(sys.argv[1]))
    serve(prepare, int(sys.argv[1]))
