"""The one check for every layer: is it right, in both directions, and does it keep the contract of Layer?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnctl.kernels import cpu
from nnctl.layers.layer import Arrays, Layer, Pass, Scratch, Shape
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.naive import Reference
from tests.support.threads import threads

Array = NDArray[Any]


def a_pass(*, training: bool = True, step: int = 3) -> Pass:
    return Pass(cpu, training=training, seed=1, epoch=2, step=step, layer=4)


def build(layer: Layer, shape: Shape, samples: int = 3, dtype: DTypeLike = np.float64, seed: int = 0) -> Arrays:
    """The arrays that layer.plan() asks for: random inputs, parameters and d_outputs; NaN wherever it must write.

    shape: of one sample. The numbers depend on the seed alone, not on dtype.
    """
    plan = layer.plan(shape)
    random = np.random.default_rng(seed)

    def normal(*size: int) -> Array:
        return random.normal(size=size).astype(dtype)

    inputs, d_outputs = normal(samples, *shape), normal(samples, *plan.outputs)
    d_inputs = np.full_like(inputs, np.nan)
    if plan.view:
        d_inputs = d_outputs.reshape(inputs.shape)
    return Arrays(
        inputs=inputs,
        outputs=inputs.reshape(d_outputs.shape) if plan.view else np.full_like(d_outputs, np.nan),
        d_inputs=d_inputs,
        d_outputs=d_outputs,
        parameters={parameter.name: normal(*parameter.shape) for parameter in plan.parameters},
        gradients={parameter.name: np.full(parameter.shape, np.nan, dtype) for parameter in plan.parameters},
        scratch={scratch.name: _scratch(scratch, samples, dtype) for scratch in plan.scratch},
    )


def _scratch(scratch: Scratch, samples: int, dtype: DTypeLike) -> Array:
    kept = np.dtype(scratch.dtype or dtype)
    unlikely = np.nan if kept.kind == "f" else np.iinfo(kept).min
    return np.full((samples, *scratch.shape) if scratch.per_sample else scratch.shape, unlikely, kept)


def both_ways(layer: Layer, arrays: Arrays, run: Pass) -> Arrays:
    layer.forward(arrays, run)
    layer.backward(arrays, run)
    return arrays


def results(arrays: Arrays) -> dict[str, Array]:
    """Everything that a layer computes, by name."""
    gradients = {f"d_{name}": gradient for name, gradient in arrays.gradients.items()}
    d_inputs = {} if arrays.d_inputs is None else {"d_inputs": arrays.d_inputs}
    return {"outputs": arrays.outputs, **d_inputs, **gradients}


def check_layer(layer: Layer, shape: Shape, reference: Reference, *, training: bool = True) -> None:
    """Everything that holds for every layer, on inputs of this shape (one sample)."""
    run = a_pass(training=training)
    check_outputs(layer, shape, reference, run)
    check_gradients(layer, shape, run)
    check_contract(layer, shape, run)


def check_outputs(layer: Layer, shape: Shape, reference: Reference, run: Pass) -> None:
    """float64 gives the naive reference's numbers; float32 gives the same to its accuracy, in both directions."""
    arrays = both_ways(layer, build(layer, shape), run)
    expected = reference(layer, arrays.inputs, arrays.parameters, run)
    assert arrays.outputs.shape == expected.shape
    np.testing.assert_allclose(arrays.outputs, expected, rtol=1e-11, atol=1e-12)
    single = both_ways(layer, build(layer, shape, dtype=np.float32), run)
    for name, result in results(single).items():
        assert result.dtype == np.float32
        assert relative_error(result, results(arrays)[name]) < 1e-6, name


def check_gradients(layer: Layer, shape: Shape, run: Pass) -> None:
    """Every gradient is that of sum(d_outputs * outputs), by finite differences; nothing that was there is added."""
    arrays = both_ways(layer, build(layer, shape), run)
    gradients = {"inputs": arrays.d_inputs, **arrays.gradients}
    probe = build(layer, shape)

    def objective() -> float:
        layer.forward(probe, run)
        return float(np.sum(arrays.d_outputs * probe.outputs))

    for name, at in {"inputs": probe.inputs, **probe.parameters}.items():
        gradient = gradients[name]
        assert gradient is not None
        error = relative_error(gradient, numerical_gradient(objective, at))
        assert error < 1e-6, f"d_{name}: relative error {error}"


def check_contract(layer: Layer, shape: Shape, run: Pass) -> None:
    """Nothing but the results is written; the bits are those of a second run, of one thread, of a short batch."""
    arrays, untouched = build(layer, shape), build(layer, shape)
    both_ways(layer, arrays, run)
    for before, after in [
        (untouched.inputs, arrays.inputs),
        (untouched.d_outputs, arrays.d_outputs),
        *((untouched.parameters[name], arrays.parameters[name]) for name in arrays.parameters),
    ]:
        np.testing.assert_array_equal(before, after)
    kept = {name: result.copy() for name, result in results(arrays).items()}
    assert not any(np.isnan(result).any() for result in kept.values())
    _check_same_bits(both_ways(layer, arrays, run), kept)
    _check_without_d_inputs(layer, shape, run, kept)
    _check_threads(layer, shape, run, kept)
    _check_short_batch(layer, shape, run)


def _check_same_bits(arrays: Arrays, expected: dict[str, Array]) -> None:
    for name, result in results(arrays).items():
        assert result.tobytes() == expected[name].tobytes(), name


def _check_without_d_inputs(layer: Layer, shape: Shape, run: Pass, expected: dict[str, Array]) -> None:
    _check_same_bits(both_ways(layer, replace(build(layer, shape), d_inputs=None), run), expected)


def _check_threads(layer: Layer, shape: Shape, run: Pass, expected: dict[str, Array]) -> None:
    """The parallel kernels, on one thread and on two, give the bits of the serial ones."""
    for number in (1, 2):
        with threads(number):
            _check_same_bits(both_ways(layer, build(layer, shape), run), expected)


def _check_short_batch(layer: Layer, shape: Shape, run: Pass, short: int = 2) -> None:
    """A batch in the first rows of larger buffers gives what it gives in buffers of its own; the rest stays."""
    large = build(layer, shape, samples=short + 2)
    names = {scratch.name for scratch in layer.plan(shape).scratch if scratch.per_sample}
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
    for source, target in [(view.inputs, own.inputs), (view.d_outputs, own.d_outputs)]:
        target[...] = source
    for name, parameter in large.parameters.items():
        own.parameters[name][...] = parameter
    _check_same_bits(both_ways(layer, view, run), results(both_ways(layer, own, run)))
    np.testing.assert_array_equal(large.outputs[short:], rest[0])
    np.testing.assert_array_equal(large.d_inputs[short:], rest[1])
