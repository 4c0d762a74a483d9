"""Recurrent layers. ONNX has sequences (T, N, F), or (N, T, F) with layout 1, and weights (directions, out, in)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.onnx.case import Adapter, Array, LayerCase, OperatorCase, require, unless_biased

# where nnctl's gates, which are in PyTorch's order, are among ONNX's
RNN, GRU, LSTM = [0], [1, 0, 2], [0, 2, 3, 1]  # h; z r h; i o f c


def rnn(case: OperatorCase) -> LayerCase:
    activations = set(case.attributes.get("activations", ["Tanh"]))
    require(activations in ({"Tanh"}, {"Relu"}), "other activations")
    return _recurrent(case, {"type": "rnn", "nonlinearity": activations.pop().lower()}, RNN)


def gru(case: OperatorCase) -> LayerCase:
    bias = case.optional(3)
    # without it, the reset gate is in front of the product; that is the same where both are 0 but for the inputs
    is_first_step = _sequences(case).shape[1] == 1 and case.optional(5) is None
    has_recurrent_bias = bias is not None and bias[:, bias.shape[1] // 2 :].any()
    is_same = is_first_step and not has_recurrent_bias
    require(bool(case.attributes.get("linear_before_reset", 0)) or is_same, "the reset gate in front of the product")
    return _recurrent(case, {"type": "gru"}, GRU)


def lstm(case: OperatorCase) -> LayerCase:
    require(case.optional(7) is None, "peepholes")
    require(case.optional(6) is None, "an initial state")
    return _recurrent(case, {"type": "lstm"}, LSTM)


def _recurrent(case: OperatorCase, settings: dict[str, Any], order: list[int]) -> LayerCase:
    require(case.optional(5) is None, "an initial state")
    direction = case.attributes.get("direction", "forward")
    require(direction != "reverse", "the reverse direction alone")
    require("clip" not in case.attributes, "clipped cells")
    weight, recurrent, bias = case.input(1), case.input(2), case.optional(3)
    parameters: dict[str, Array] = {}
    for index, suffix in enumerate(("l0", "l0_reverse")[: len(weight)]):
        parameters[f"weight_ih_{suffix}"] = _gates(weight[index], order).T
        parameters[f"weight_hh_{suffix}"] = _gates(recurrent[index], order).T
        if bias is not None:
            of_inputs, of_hidden = np.split(bias[index], 2)
            parameters[f"bias_ih_{suffix}"] = _gates(of_inputs, order)
            parameters[f"bias_hh_{suffix}"] = _gates(of_hidden, order)
    settings |= {"hidden_size": recurrent.shape[2], "bidirectional": len(weight) == 2, **unless_biased(bias)}
    returns, outputs = _outputs(case)
    return LayerCase(settings | {"return": returns}, _sequences(case), outputs, parameters, lengths=case.optional(4))


def _gates(array: Array, order: list[int]) -> Array:
    """The blocks of the first axis in another order."""
    blocks = np.split(array, len(order))
    return np.concatenate([blocks[gate] for gate in order])


def _by_sample(case: OperatorCase) -> bool:
    return bool(case.attributes.get("layout", 0))


def _sequences(case: OperatorCase) -> Array:
    """The inputs, (N, T, F)."""
    inputs = case.input(0)
    return inputs if _by_sample(case) else inputs.swapaxes(0, 1)


def _outputs(case: OperatorCase) -> tuple[str, Array]:
    """What is to be returned, and that: Y as (N, T, directions x hidden), or Y_h as (N, directions x hidden)."""
    if case.outputs[0] is not None:
        sequence = case.output(0)  # (T, directions, N, hidden), or by sample (N, T, directions, hidden)
        sequence = sequence if _by_sample(case) else sequence.transpose(2, 0, 1, 3)
        return "sequence", sequence.reshape(*sequence.shape[:2], -1)
    last = case.output(1)  # (directions, N, hidden), or by sample (N, directions, hidden)
    last = last if _by_sample(case) else last.swapaxes(0, 1)
    return "last", last.reshape(len(last), -1)


ADAPTERS: dict[str, Adapter] = {"RNN": rnn, "GRU": gru, "LSTM": lstm}
