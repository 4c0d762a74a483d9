"""What every recurrent layer must do beside what every layer must: lengths, both directions, layers in a row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest

from nnctl.layers.operation import StepContext
from nnctl.layers.recurrent import Recurrent
from tests.support.kind_check import Settings
from tests.support.layer_check import Built, Float64, a_step, build, check_gradients
from tests.support.pytorch_layer_check import PyTorchLayerCheck

STEPS, FEATURES = 5, 3
LENGTHS = np.array([5, 1, 3, 2])
FORMS: tuple[Settings, ...] = (
    {},
    {"return": "sequence"},
    {"bidirectional": True},
    {"bidirectional": True, "return": "sequence", "num_layers": 2},
    {"bias": False, "num_layers": 2},
)


def logistic(x: Float64) -> Float64:
    result: Float64 = 1 / (1 + np.exp(-x))
    return result


class RecurrentCheck(PyTorchLayerCheck, ABC):
    """A reference that takes one step of one sample after the other, and PyTorch's numbers."""

    states: ClassVar[int] = 1
    """How many vectors go from a step to the next; the first of them is put out."""
    cases = tuple({"inputs": [STEPS, FEATURES], "hidden_size": 4, **form} for form in FORMS)
    golden = cases
    refused = ({}, {"hidden_size": 0}, {"hidden_size": 4, "return": "all"}, {"hidden_size": 4, "dropout": 1.0})

    @staticmethod
    @abstractmethod
    def step(layer: Any, weights: Mapping[str, Float64], inputs: Float64, state: list[Float64]) -> list[Float64]:
        """The state after a step of one sample. weights: ih, hh, bias_ih and bias_hh of one layer in one direction."""

    @classmethod
    def reference(
        cls, layer: Recurrent, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        return np.array([cls.of_one(layer, sample, parameters) for sample in inputs])

    @classmethod
    def of_one(cls, layer: Recurrent, sample: Float64, parameters: Mapping[str, Float64]) -> Float64:
        """The outputs of one sample, (T, F), all of whose steps are real."""
        size = layer.hidden_size
        for number in range(layer.num_layers):
            sides = []
            for end in ("", "_reverse") if layer.bidirectional else ("",):
                name = f"l{number}{end}"
                weights = {
                    key: parameters[f"{kind}_{name}"] for key, kind in (("ih", "weight_ih"), ("hh", "weight_hh"))
                }
                wide = weights["ih"].shape[1]
                for key in ("bias_ih", "bias_hh"):
                    weights[key] = parameters.get(f"{key}_{name}", np.zeros(wide))
                state = [np.zeros(size) for _ in range(cls.states)]
                put_out = np.zeros((len(sample), size))
                order = range(len(sample) - 1, -1, -1) if end else range(len(sample))
                for t in order:
                    state = cls.step(layer, weights, sample[t], state)
                    put_out[t] = state[0]
                sides.append(put_out)
            last = np.concatenate([side[0 if at else -1] for at, side in enumerate(sides)])
            sample = np.concatenate(sides, axis=1)
        return sample if layer.returns == "sequence" else last

    @pytest.mark.parametrize("form", FORMS, ids=str)
    def test_what_lies_beyond_a_length_has_no_influence(self, form: Settings) -> None:
        layer = self.layer({"hidden_size": 4, **form})
        results = []
        for filling in (0.0, np.nan, 1e30):
            results.append(self._with_lengths(layer, filling).both_ways(a_step()).results())
        for name, expected in results[0].items():
            assert not np.isnan(expected).any(), name
            assert all(result[name].tobytes() == expected.tobytes() for result in results), name

    @pytest.mark.parametrize("form", FORMS, ids=str)
    def test_each_sample_has_its_own_length(self, form: Settings) -> None:
        layer = self.layer({"hidden_size": 4, **form})
        built = self._with_lengths(layer, np.nan).both_ways(a_step())
        for number, length in enumerate(LENGTHS):
            sample = built.arrays.inputs[number, :length]
            expected = self.of_one(layer, sample, built.arrays.parameters)
            outputs = built.arrays.outputs[number]
            np.testing.assert_allclose(outputs[:length] if outputs.ndim == 2 else outputs, expected, atol=1e-12)
            alone = build(layer, (int(length), FEATURES), samples=1)
            alone.arrays.inputs[...] = sample
            for name, parameter in built.arrays.parameters.items():
                alone.arrays.parameters[name][...] = parameter
            own = built.arrays.d_outputs[number]
            alone.arrays.d_outputs[...] = own[:length] if own.ndim == 2 else own
            alone.both_ways(a_step())
            assert built.arrays.d_inputs is not None
            assert alone.arrays.d_inputs is not None
            np.testing.assert_allclose(built.arrays.d_inputs[number, :length], alone.arrays.d_inputs[0], atol=1e-12)
            assert not built.arrays.d_inputs[number, length:].any()

    def _with_lengths(self, layer: Any, filling: float) -> Built:
        built = build(layer, (STEPS, FEATURES), samples=len(LENGTHS), lengths=LENGTHS)
        for number, length in enumerate(LENGTHS):
            built.arrays.inputs[number, length:] = filling
            if built.arrays.d_outputs.ndim == 3:
                built.arrays.d_outputs[number, length:] = filling
        return built

    def test_dropout_between_layers(self) -> None:
        """Its gradients are right; the mask depends on the step; in evaluation nothing is dropped."""
        plain, dropping = (self.layer({"hidden_size": 4, "num_layers": 2, "dropout": p}) for p in (0.0, 0.5))
        shape = STEPS, FEATURES
        check_gradients(dropping, shape, a_step())
        expected = build(plain, shape).forward(a_step()).arrays.outputs
        still = build(dropping, shape).forward(a_step(training=False)).arrays.outputs
        assert still.tobytes() == expected.tobytes()
        dropped = build(dropping, shape).both_ways(a_step())
        assert (dropped.arrays.outputs != expected).any()
        again = build(dropping, shape).both_ways(a_step())
        assert again.arrays.outputs.tobytes() == dropped.arrays.outputs.tobytes()
        other = build(dropping, shape).both_ways(a_step(step=4))
        assert other.arrays.outputs.tobytes() != dropped.arrays.outputs.tobytes()


def pytorch(module: type[Any], inputs: Any, parameters: Mapping[str, Any], **settings: Any) -> Any:
    """The outputs of one of PyTorch's recurrent modules, (N, D) or (N, D, T). inputs: (N, F, T)."""
    from torch.func import functional_call

    inputs = inputs.movedim(1, -1)

    given = {key: value for key, value in settings.items() if key not in ("return", "inputs")}
    made = module(inputs.shape[2], batch_first=True, dtype=inputs.dtype, **given)
    outputs, last = functional_call(made, dict(parameters), (inputs,))
    if settings.get("return") == "sequence":
        return outputs.movedim(-1, 1)
    hidden = last[0] if isinstance(last, tuple) else last
    sides = 2 if settings.get("bidirectional") else 1
    return hidden[-sides:].transpose(0, 1).reshape(len(inputs), -1)
