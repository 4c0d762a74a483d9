"""Branches side by side."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnctl.layers.operation import StepContext
from nnctl.layers.parallel import Parallel
from tests.support.layer_check import Float64, LayerCheck
from tests.support.naive_chain import chain

CONV = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": "same"}
IMAGE = [3, 4, 2]


class TestParallel(LayerCheck):
    kind = Parallel
    cases = (
        {"inputs": IMAGE, "branches": [[CONV, "tanh"], [], ["sigmoid"]]},
        {"inputs": IMAGE, "branches": [["tanh"], [], [CONV]], "join": "add"},
        {"inputs": IMAGE, "branches": [["flatten"], ["flatten", {"type": "linear", "out_features": 3}]]},
    )
    refused = ({}, {"branches": [["tanh"]]}, {"branches": [["tanh"], []], "join": "multiply"})
    without_pytorch = "it has no such layer; those inside have numbers of their own"

    @staticmethod
    def reference(layer: Parallel, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        branches = [
            chain(branch, f"branches.{number}.", inputs, parameters, step)
            for number, branch in enumerate(layer.branches)
        ]
        return np.asarray(sum(branches) if layer.join == "add" else np.concatenate(branches, axis=-1))
