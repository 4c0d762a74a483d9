"""Layers that change the shape alone, or in evaluation nothing."""

from __future__ import annotations

from tests.onnx.case import Adapter, LayerCase, OperatorCase, require


def flatten(case: OperatorCase) -> LayerCase:
    inputs = case.input(0)
    require(case.attributes.get("axis", 1) % inputs.ndim == 1, "an axis that joins samples, or leaves more than one")
    return LayerCase({"type": "flatten"}, inputs, case.output())


def reshape(case: OperatorCase) -> LayerCase:
    """Of each sample where their number stays, else of the whole as one sample."""
    inputs, outputs, shape = case.input(0), case.output(), case.input(1).tolist()
    require(inputs.size > 0, "arrays without numbers")
    # 0 is the size that the inputs have there
    settings = [size or inputs.shape[axis] for axis, size in enumerate(shape)]
    if len(outputs) == len(inputs) and len(settings) > 1:
        return LayerCase({"type": "reshape", "shape": settings[1:]}, inputs, outputs)
    return LayerCase({"type": "reshape", "shape": settings}, inputs[None], outputs[None])


def permute(case: OperatorCase) -> LayerCase:
    """Of each sample where the first axis stays, else of the whole as one sample."""
    inputs, outputs = case.input(0), case.output()
    axes = list(case.attributes.get("perm", reversed(range(inputs.ndim))))
    if axes[0] == 0:
        return LayerCase({"type": "permute", "axes": axes[1:]}, inputs, outputs)
    return LayerCase({"type": "permute", "axes": [axis + 1 for axis in axes]}, inputs[None], outputs[None])


def dropout(case: OperatorCase) -> LayerCase:
    is_training = case.optional(2)
    ratio = case.optional(1)
    p = float(case.attributes.get("ratio", 0.5 if ratio is None else ratio))
    require(is_training is None or not is_training or p == 0.0, "the random numbers of another generator")
    inputs, outputs = (array.reshape(1, -1) if array.ndim == 1 else array for array in (case.input(0), case.output()))
    return LayerCase({"type": "dropout", "p": p}, inputs, outputs, training=bool(is_training))


ADAPTERS: dict[str, Adapter] = {
    "Flatten": flatten,
    "Reshape": reshape,
    "Transpose": permute,
    "Dropout": dropout,
}
