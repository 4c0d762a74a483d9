"""The one check for every layer: is it right, in both directions, and does it keep the contract of Operation?"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnctl.kernels.device import CPU
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, StepContext
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.kind_check import KindCheck, Settings
from tests.support.threads import threads

Array = NDArray[Any]
Float64 = NDArray[np.float64]
Reference = Callable[[Any, Float64, Mapping[str, Float64], StepContext], Float64]
"""What a layer computes, written as plainly as can be, in float64: (layer, inputs, parameters, step) -> outputs."""


class LayerCheck(KindCheck, ABC):
    """Outputs against a naive reference, gradients against finite differences, and the contract of Operation.

    Cases hold the shape of one sample, `inputs`, beside the layer's own settings.
    """

    without_pytorch: ClassVar[str] = ""
    """Why this is no PyTorchLayerCheck: there is nothing to compare with, or the file compares in its own way."""
    float32_error: ClassVar[float] = 1e-6
    """How far float32 may be from float64, relative to it."""

    @staticmethod
    @abstractmethod
    def reference(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        """The outputs, one number at a time: what the kernels are checked against. See `Reference`."""

    def layer(self, settings: Settings) -> Layer:
        made: Layer = self.make({key: value for key, value in settings.items() if key != "inputs"})
        return made

    def test_outputs(self, case: Settings) -> None:
        check_outputs(self.layer(case), tuple(case["inputs"]), self.reference, a_step(), self.float32_error)

    def test_gradients(self, case: Settings) -> None:
        check_gradients(self.layer(case), tuple(case["inputs"]), a_step())

    def test_the_contract(self, case: Settings) -> None:
        check_contract(self.layer(case), tuple(case["inputs"]), a_step())
        check_channels(self.layer(case), tuple(case["inputs"]))


def a_step(*, training: bool = True, step: int = 3) -> StepContext:
    return StepContext(training=training, seed=1, epoch=2, step=step, path=(4,))


@dataclass(frozen=True)
class Built:
    """An operation with arrays to work on."""

    operation: Operation
    arrays: Arrays

    def forward(self, step: StepContext) -> Built:
        self.operation.forward(self.arrays, step)
        return self

    def both_ways(self, step: StepContext) -> Built:
        """Forward and backward."""
        self.forward(step)
        self.operation.backward(self.arrays, step)
        return self

    def results(self) -> dict[str, Array]:
        """Everything that the operation computes, by name."""
        arrays = self.arrays
        gradients = {f"d_{name}": gradient for name, gradient in arrays.gradients.items()}
        d_inputs = {} if arrays.d_inputs is None else {"d_inputs": arrays.d_inputs}
        return {"outputs": arrays.outputs, **d_inputs, **gradients, **_of_floats(arrays.buffers)}


def build(
    layer: Layer,
    shape: Shape,
    samples: int = 3,
    dtype: DTypeLike = np.float64,
    seed: int = 0,
    lengths: Array | None = None,
) -> Built:
    """A layer's operation on inputs of this shape (one sample), with the arrays that it asks for.

    Inputs, parameters and d_outputs are random; buffers are as they start; NaN is wherever it must write. The numbers
    depend on the seed alone, not on dtype.
    """
    operation = layer.plan(shape, CPU())
    random = np.random.default_rng(seed)

    def normal(*size: int) -> Array:
        return random.normal(size=size).astype(dtype)

    inputs, d_outputs = normal(samples, *shape), normal(samples, *operation.outputs)
    d_inputs = np.full_like(inputs, np.nan)
    if operation.is_view:
        d_inputs = d_outputs.reshape(inputs.shape)
    by_role: dict[str, list[ArraySpec]] = {"parameter": [], "buffer": [], "scratch": [], "per_sample": []}
    for spec in operation.arrays:
        by_role[spec.role].append(spec)
    arrays = Arrays(
        inputs=inputs,
        outputs=inputs.reshape(d_outputs.shape) if operation.is_view else np.full_like(d_outputs, np.nan),
        d_inputs=d_inputs,
        d_outputs=d_outputs,
        lengths=lengths,
        parameters={spec.name: normal(*spec.shape) for spec in by_role["parameter"]},
        gradients={spec.name: np.full(spec.shape, np.nan, dtype) for spec in by_role["parameter"]},
        buffers={spec.name: _start(spec, dtype) for spec in by_role["buffer"]},
        scratch={spec.name: _scratch(spec, samples, dtype) for spec in by_role["scratch"] + by_role["per_sample"]},
    )
    return Built(operation, arrays)


def _of_floats(buffers: Mapping[str, Array]) -> dict[str, Array]:
    """Those that an operation may change: integers are places in other arrays."""
    return {name: buffer for name, buffer in buffers.items() if buffer.dtype.kind == "f"}


def _start(spec: ArraySpec, dtype: DTypeLike) -> Array:
    assert spec.initializer is not None, f"{spec.name}: a buffer must say how it starts"
    return spec.initializer.fill(spec.shape, *spec.fans, np.random.default_rng(0)).astype(spec.dtype or dtype)


def _scratch(spec: ArraySpec, samples: int, dtype: DTypeLike) -> Array:
    kept = np.dtype(spec.dtype or dtype)
    unlikely = np.nan if kept.kind == "f" else np.iinfo(kept).min
    return np.full(spec.allocated_shape(samples), unlikely, kept)


def check_layer(layer: Layer, shape: Shape, reference: Reference, *, training: bool = True) -> None:
    """Everything that holds for every layer, on inputs of this shape (one sample)."""
    step = a_step(training=training)
    check_outputs(layer, shape, reference, step)
    check_gradients(layer, shape, step)
    check_contract(layer, shape, step)


def check_outputs(
    layer: Layer, shape: Shape, reference: Reference, step: StepContext, float32_error: float = 1e-6
) -> None:
    """float64 gives the naive reference's numbers; float32 gives the same to its accuracy, in both directions."""
    built = build(layer, shape)
    expected = reference(layer, built.arrays.inputs, built.arrays.parameters, step)
    results = built.both_ways(step).results()
    assert results["outputs"].shape == expected.shape
    np.testing.assert_allclose(results["outputs"], expected, rtol=1e-11, atol=1e-12)
    single = build(layer, shape, dtype=np.float32).both_ways(step)
    for name, result in single.results().items():
        assert result.dtype == np.float32
        error = relative_error(result, results[name])
        assert error < float32_error, f"{name}: {error}"


def check_gradients(layer: Layer, shape: Shape, step: StepContext) -> None:
    """Every gradient is that of sum(d_outputs * outputs), by finite differences; nothing that was there is added."""
    arrays = build(layer, shape).both_ways(step).arrays
    gradients = {"inputs": arrays.d_inputs, **arrays.gradients}
    probe = build(layer, shape)
    with CPU().record(len(arrays.inputs)) as program:
        probe.forward(step)

    def objective() -> float:
        program.run(1, step.epoch, step.step)
        return float(np.sum(arrays.d_outputs * probe.arrays.outputs))

    for name, at in {"inputs": probe.arrays.inputs, **probe.arrays.parameters}.items():
        gradient = gradients[name]
        assert gradient is not None
        error = relative_error(gradient, numerical_gradient(objective, at))
        assert error < 1e-6, f"d_{name}: relative error {error}"


def check_channels(layer: Layer, shape: Shape) -> None:
    """Of a layer that says that it keeps channels: others chosen in front of it are the same ones behind it."""
    built = build(layer, shape)
    if not layer.keeps_channels or not (built.operation.is_view or built.operation.outputs[-1] == shape[-1]):
        return
    built.forward(a_step(training=False))
    sources = [*reversed(range(shape[-1])), 0]
    chosen = build(layer, (*shape[:-1], len(sources)))
    chosen.arrays.inputs[...] = built.arrays.inputs[..., sources]
    for own, before in (
        (chosen.arrays.parameters, built.arrays.parameters),
        (chosen.arrays.buffers, built.arrays.buffers),
    ):
        for name, array in own.items():
            array[...] = before[name] if array.shape == before[name].shape else before[name][..., sources]
    chosen.forward(a_step(training=False))
    expected = built.arrays.outputs.reshape(len(built.arrays.outputs), -1, shape[-1])[..., sources]
    np.testing.assert_allclose(chosen.arrays.outputs.reshape(expected.shape), expected, rtol=1e-12)


def check_contract(layer: Layer, shape: Shape, step: StepContext) -> None:
    """Nothing but the results is written; the bits are those of a second run, of one thread, of a short batch."""
    built, untouched = build(layer, shape), build(layer, shape).arrays
    built.both_ways(step)
    arrays = built.arrays
    for before, after in [
        (untouched.inputs, arrays.inputs),
        (untouched.d_outputs, arrays.d_outputs),
        *((untouched.parameters[name], arrays.parameters[name]) for name in arrays.parameters),
        *((untouched.buffers[name], array) for name, array in arrays.buffers.items() if array.dtype.kind == "i"),
    ]:
        np.testing.assert_array_equal(before, after)
    kept = {name: result.copy() for name, result in built.results().items()}
    assert not any(np.isnan(result).any() for result in kept.values())
    for name, buffer in arrays.buffers.items():
        buffer[...] = untouched.buffers[name]
    _check_same_bits(built.both_ways(step), kept)
    _check_without_d_inputs(layer, shape, step, kept)
    _check_without_gradients(layer, shape)
    _check_threads(layer, shape, step, kept)
    _check_short_batch(layer, shape, step)


def _check_same_bits(built: Built, expected: dict[str, Array]) -> None:
    for name, result in built.results().items():
        assert result.tobytes() == expected[name].tobytes(), name


def _check_without_d_inputs(layer: Layer, shape: Shape, step: StepContext, expected: dict[str, Array]) -> None:
    built = build(layer, shape)
    _check_same_bits(replace(built, arrays=replace(built.arrays, d_inputs=None)).both_ways(step), expected)


def _check_without_gradients(layer: Layer, shape: Shape) -> None:
    """Frozen, where every step is one of evaluation, the inputs get the gradient that they get else."""
    step = a_step(training=False)
    expected = build(layer, shape).both_ways(step)
    frozen = build(layer, shape)
    frozen = replace(frozen, arrays=replace(frozen.arrays, gradients={}))
    _check_same_bits(frozen.both_ways(step), expected.results())


def _check_threads(layer: Layer, shape: Shape, step: StepContext, expected: dict[str, Array]) -> None:
    """The parallel kernels, on one thread and on two, give the bits of the serial ones."""
    for number in (1, 2):
        with threads(number):
            _check_same_bits(build(layer, shape).both_ways(step), expected)


def _check_short_batch(layer: Layer, shape: Shape, step: StepContext, short: int = 2) -> None:
    """A batch in the first rows of larger buffers gives what it gives in buffers of its own; the rest stays."""
    built = build(layer, shape, samples=short + 2)
    large = built.arrays
    names = {spec.name for spec in built.operation.arrays if spec.role == "per_sample"}
    assert large.d_inputs is not None
    view = replace(
        large,
        inputs=large.inputs[:short],
        outputs=large.outputs[:short],
        d_inputs=large.d_inputs[:short],
        d_outputs=large.d_outputs[:short],
        scratch={name: array[:short] if name in names else array for name, array in large.scratch.items()},
    )
    rest = large.outputs[short:].copy(), large.d_inputs[short:].copy()
    own = build(layer, shape, samples=short)
    for source, target in [(view.inputs, own.arrays.inputs), (view.d_outputs, own.arrays.d_outputs)]:
        target[...] = source
    for name, parameter in large.parameters.items():
        own.arrays.parameters[name][...] = parameter
    _check_same_bits(replace(built, arrays=view).both_ways(step), own.both_ways(step).results())
    np.testing.assert_array_equal(large.outputs[short:], rest[0])
    np.testing.assert_array_equal(large.d_inputs[short:], rest[1])
