"""Multi-head self-attention: a reference of one score at a time, PyTorch's numbers, lengths."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnctl.layers.attention import Attention
from nnctl.layers.operation import StepContext
from tests.support.kind_check import Settings
from tests.support.layer_check import Built, Float64, a_step, build
from tests.support.pytorch_layer_check import PyTorchLayerCheck

FEATURES = 6
LENGTHS = np.array([5, 1, 3])
FORMS: tuple[Settings, ...] = ({"heads": 2}, {"heads": 3, "causal": True})


class TestAttention(PyTorchLayerCheck):
    kind = Attention
    cases = (
        {"inputs": [5, 6], "heads": 2},
        {"inputs": [5, 6], "heads": 3, "causal": True},
        {"inputs": [1, 4], "heads": 1, "bias": False},
        {"inputs": [19, 2], "heads": 1},
    )
    golden = (
        {"inputs": [7, 8], "heads": 2},
        {"inputs": [7, 8], "heads": 4, "causal": True},
        {"inputs": [3, 5], "heads": 1, "bias": False},
    )
    refused = ({}, {"heads": 0}, {"heads": 2, "causal": "yes"})

    @staticmethod
    def reference(layer: Attention, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return np.array([of_one(layer, sample, parameters) for sample in inputs])

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], **settings: Any) -> Any:
        import torch
        from torch.nn import functional

        wide = inputs.shape[1]
        sequence = inputs.permute(2, 0, 1)  # from (N, F, T)
        steps = len(sequence)
        mask = torch.triu(torch.ones(steps, steps, dtype=torch.bool), 1) if settings.get("causal") else None
        out, _ = functional.multi_head_attention_forward(
            sequence, sequence, sequence, wide, settings["heads"],
            parameters["in_proj_weight"].T, parameters.get("in_proj_bias"), None, None, False, 0.0,
            parameters["out_proj_weight"].T, parameters.get("out_proj_bias"), attn_mask=mask, need_weights=False,
        )  # fmt: skip
        return out.permute(1, 2, 0)


def of_one(layer: Attention, sample: Float64, parameters: Mapping[str, Float64]) -> Float64:
    """The outputs of one sample, (T, F), all of whose steps are real."""
    steps, features = sample.shape
    size = features // layer.heads
    none = np.zeros(3 * features)
    projected = sample @ parameters["in_proj_weight"] + parameters.get("in_proj_bias", none)
    queries, keys, values = np.split(projected, 3, axis=1)
    context = np.zeros((steps, features))
    for head in range(layer.heads):
        own = slice(head * size, (head + 1) * size)
        for t in range(steps):
            seen = range(t + 1) if layer.causal else range(steps)
            scores = [math.exp(float(queries[t, own] @ keys[s, own]) / math.sqrt(size)) for s in seen]
            for s, score in zip(seen, scores, strict=True):
                context[t, own] += score / sum(scores) * values[s, own]
    return np.asarray(context @ parameters["out_proj_weight"] + parameters.get("out_proj_bias", none[:features]))


def padded(layer: Attention, steps: int, filling: float) -> Built:
    """Samples of these lengths in so many steps; the same numbers whatever the padding."""
    built = build(layer, (steps, FEATURES), samples=len(LENGTHS), lengths=LENGTHS)
    random = np.random.default_rng(3)
    for array in (built.arrays.inputs, built.arrays.d_outputs):
        for number, length in enumerate(LENGTHS):
            array[number, :length] = random.normal(size=(length, FEATURES))
            array[number, length:] = 0.0
    for parameter in built.arrays.parameters.values():
        parameter[...] = random.normal(size=parameter.shape)
    for number, length in enumerate(LENGTHS):
        built.arrays.inputs[number, length:] = filling
    return built.both_ways(a_step())


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_padding_changes_no_bit(form: Settings) -> None:
    layer = Attention.model_validate(form)
    results = [padded(layer, steps, filling).arrays for steps, filling in ((5, 0.0), (5, 1e9), (8, -3.0), (40, 0.0))]
    first = results[0]
    assert first.d_inputs is not None
    for other in results[1:]:
        assert other.d_inputs is not None
        for number, length in enumerate(LENGTHS):
            for one, two in ((first.outputs, other.outputs), (first.d_inputs, other.d_inputs)):
                assert one[number, :length].tobytes() == two[number, :length].tobytes()
            assert not other.d_inputs[number, length:].any()
        for name, gradient in first.gradients.items():
            assert gradient.tobytes() == other.gradients[name].tobytes(), name


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_each_sample_has_its_own_length(form: Settings) -> None:
    layer = Attention.model_validate(form)
    arrays = padded(layer, 5, 7.0).arrays
    for number, length in enumerate(LENGTHS):
        expected = of_one(layer, arrays.inputs[number, :length], arrays.parameters)
        np.testing.assert_allclose(arrays.outputs[number, :length], expected, atol=1e-12)


def test_large_scores_do_not_overflow() -> None:
    layer = Attention(heads=1)
    built = build(layer, (4, 3))
    built.arrays.inputs[...] *= 1e4
    assert np.isfinite(built.both_ways(a_step()).arrays.outputs).all()


def test_a_causal_step_does_not_see_what_follows() -> None:
    layer = Attention(heads=2, causal=True)
    built, other = build(layer, (5, 4)), build(layer, (5, 4))
    other.arrays.inputs[:, 3:] += 1.0
    outputs, others = (each.forward(a_step()).arrays.outputs for each in (built, other))
    assert outputs[:, :3].tobytes() == others[:, :3].tobytes()
    assert (outputs[:, 3:] != others[:, 3:]).all()
