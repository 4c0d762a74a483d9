"""PyTorch as a contestant: `python -m bench.peers.torch_products THREADS`."""

from __future__ import annotations

import sys
from functools import partial

import torch
from torch import Tensor

from bench.product_serve import Operands, Prepared, factors, repeated, serve, zeros
from bench.product_shapes import Convolution, Product

TRIALS = 3
MASKS = {"d_inputs": [True, False, False], "d_weight": [False, True, True]}


def prepare(row: Product | Convolution, operands: Operands) -> Prepared:
    """How images lie in memory is tried; the quicker is kept."""
    tensors = {name: torch.from_numpy(value) for name, value in operands.items()}
    if isinstance(row, Convolution):
        layouts = (torch.contiguous_format, torch.channels_last)
        return min((_convolution(row, tensors, layout) for layout in layouts), key=_least_seconds)
    left, right = factors(row, **tensors)
    out = torch.from_numpy(zeros((len(left), right.shape[1])))
    return Prepared(repeated(lambda: torch.mm(left, right, out=out)), lambda: [out.numpy()])


def _least_seconds(prepared: Prepared) -> float:
    repeats = prepared.repeats()
    return min(prepared.seconds(repeats) for _ in range(TRIALS))


def _convolution(row: Convolution, tensors: dict[str, Tensor], layout: torch.memory_format) -> Prepared:
    def laid(name: str, *axes: int) -> Tensor:
        return tensors[name].permute(axes).contiguous(memory_format=layout)

    inputs, d_outputs = laid("inputs", 0, 3, 1, 2), laid("d_outputs", 0, 3, 1, 2)
    weight, bias = laid("weight", 3, 2, 0, 1), tensors["bias"]
    around, ones, none = [row.padding] * 2, [1, 1], [0, 0]
    if row.direction == "forward":
        function = partial(torch.nn.functional.conv2d, inputs, weight, bias, padding=around)
    else:
        window = ([row.outputs], ones, around, ones, False, none, 1)
        backward = torch.ops.aten.convolution_backward
        function = partial(backward, d_outputs, inputs, weight, *window, MASKS[row.direction])

    def results() -> list[Tensor]:
        made = function()
        if row.direction == "forward":
            return [made.permute(0, 2, 3, 1)]
        d_inputs, d_weight, d_bias = made
        return [d_inputs.permute(0, 2, 3, 1)] if d_inputs is not None else [d_weight.permute(2, 3, 1, 0), d_bias]

    variant = str(layout).removeprefix("torch.")
    return Prepared(repeated(function), lambda: [result.numpy() for result in results()], variant)


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    serve(prepare, int(sys.argv[1]))
