"""nnctl as a contestant: `python -m bench.product_worker THREADS` computes what its layers do in one direction."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from bench.product_serve import Operands, Prepared, serve, zeros
from bench.product_shapes import Convolution, Product
from nnctl.kernels import cpu
from nnctl.kernels.runtime.program import Program
from nnctl.kernels.runtime.recording import recording_to
from nnctl.kernels.runtime.workers import set_threads
from nnctl.layers.conv2d import Conv2D
from nnctl.layers.layer import Arrays, Layer, Pass
from nnctl.layers.linear import Linear


class _Calls(list[Any]):
    """Takes what is recorded."""

    def add(self, call: Any) -> None:
        self.append(call)


def prepare(row: Product | Convolution, operands: Operands) -> Prepared:
    layer, run = _layer(row), Pass(cpu, training=True)
    plan = layer.plan(operands["inputs"].shape[1:])
    parameters = {one.name: operands[one.name] for one in plan.parameters}
    gradients = {name: zeros(value.shape) for name, value in parameters.items()}
    outputs, d_inputs = zeros(operands["d_outputs"].shape), zeros(operands["inputs"].shape)
    arrays = Arrays(
        inputs=operands["inputs"],
        outputs=outputs,
        d_inputs=d_inputs if row.direction == "d_inputs" else None,
        d_outputs=operands["d_outputs"],
        parameters=parameters,
        gradients=gradients,
        scratch={one.name: zeros((row.batch, *one.shape) if one.per_sample else one.shape) for one in plan.scratch},
    )
    layer.forward(arrays, run)  # leaves what the other way needs in the scratch
    program = Program(row.batch)
    for call in _calls(layer, arrays, run, row.direction):
        program.add(call)
    results = {"forward": [outputs], "d_weight": list(gradients.values()), "d_inputs": [d_inputs]}[row.direction]
    return Prepared(program.run, lambda: results)


def _layer(row: Product | Convolution) -> Layer:
    if isinstance(row, Product):
        return Linear(out_features=row.outputs, bias=None)
    return Conv2D(out_channels=row.outputs, kernel_size=row.kernel, padding=row.padding)


def _calls(layer: Layer, arrays: Arrays, run: Pass, direction: str) -> list[Any]:
    """A layer's calls in one direction. What d_inputs needs is what a first layer leaves out, at either end."""
    calls, without = _Calls(), _Calls()
    with recording_to(calls):
        (layer.forward if direction == "forward" else layer.backward)(arrays, run)
    if direction == "d_inputs":
        with recording_to(without):
            layer.backward(replace(arrays, d_inputs=None), run)
        others = [call.name for call in without]
        if [call.name for call in calls[: len(others)]] == others:
            return calls[len(others) :]
        assert [call.name for call in calls[-len(others) :]] == others
        return calls[: -len(others)]
    return calls


if __name__ == "__main__":
    set_threads(int(sys.argv[1]))
    serve(prepare, int(sys.argv[1]))
