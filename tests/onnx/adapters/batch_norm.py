"""Batch normalization."""

from __future__ import annotations

from tests.onnx.case import Adapter, LayerCase, OperatorCase, channels_last


def batch_norm(case: OperatorCase) -> LayerCase:
    """ONNX's momentum is of the old statistics, nnctl's of the new ones."""
    inputs, weight, bias, mean, variance = (case.input(index) for index in range(5))
    kept, training = case.attributes.get("momentum", 0.9), bool(case.attributes.get("training_mode", 0))
    layer = {"type": "batch_norm", "eps": case.attributes.get("epsilon", 1e-5), "momentum": 1 - kept}
    after = {}
    if training:
        # ONNX's running variance follows the biased one of the batch, nnctl's the unbiased one
        values = inputs.size // inputs.shape[1]
        biased = (case.output(2) - kept * variance) / (1 - kept)
        unbiased = biased * values / (values - 1)
        after = {"running_mean": case.output(1), "running_var": kept * variance + (1 - kept) * unbiased}
    return LayerCase(
        layer,
        channels_last(inputs),
        channels_last(case.output()),
        parameters={"weight": weight, "bias": bias},
        buffers={"running_mean": mean, "running_var": variance},
        buffers_after=after,
        training=training,
    )


ADAPTERS: dict[str, Adapter] = {"BatchNormalization": batch_norm}
