"""Products with a matrix."""

from __future__ import annotations

import numpy as np

from tests.onnx.case import Adapter, LayerCase, OperatorCase, require, unless_biased


def gemm(case: OperatorCase) -> LayerCase:
    """alpha a b + beta c: both factors are parts of the parameters."""
    attributes = case.attributes
    inputs, weight, bias = case.input(0), case.input(1), case.optional(2)
    inputs = inputs.T if attributes.get("transA", 0) else inputs
    weight = weight.T if attributes.get("transB", 0) else weight
    parameters = {"weight": np.float32(attributes.get("alpha", 1.0)) * weight}
    if bias is not None:
        require(bias.ndim < 2 or len(bias) == 1, "a bias for each sample")
        scaled = np.float32(attributes.get("beta", 1.0)) * bias
        parameters["bias"] = np.broadcast_to(scaled, (1, weight.shape[1]))[0]
    return _linear(inputs, parameters, case.output())


def mat_mul(case: OperatorCase) -> LayerCase:
    inputs, weight = case.input(0), case.input(1)
    require(weight.ndim <= 2, "a weight for each sample")
    require(inputs.ndim <= 2, "more than two axes")
    inputs = inputs.reshape(-1, inputs.shape[-1])
    weight = weight.reshape(inputs.shape[1], -1)
    return _linear(inputs, {"weight": weight}, case.output().reshape(len(inputs), weight.shape[1]))


def _linear(inputs: np.ndarray, parameters: dict[str, np.ndarray], outputs: np.ndarray) -> LayerCase:
    layer = {"type": "linear", "out_features": parameters["weight"].shape[1], **unless_biased(parameters.get("bias"))}
    return LayerCase(layer, inputs, outputs, parameters)


ADAPTERS: dict[str, Adapter] = {"Gemm": gemm, "MatMul": mat_mul}
