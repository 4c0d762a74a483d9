"""Layers give what ONNX says its operators give: the cases of its own test suite, in float32."""

from __future__ import annotations

import numpy as np
import pytest

from tests.onnx import stored
from tests.onnx.case import OperatorCase, all_adapters
from tests.support.layer_check import a_step, build
from tests.support.specs import layers_of

CASES = stored.read()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.operator}-{case.name}")
def test_the_layer_gives_what_the_operator_gives(case: OperatorCase) -> None:
    adapted = all_adapters()[case.operator](case)
    (layer,) = layers_of([dict(adapted.layer)])
    built = build(layer, adapted.inputs.shape[1:], len(adapted.inputs), np.float32, lengths=_int64(adapted.lengths))
    arrays = built.arrays
    assert arrays.parameters.keys() == adapted.parameters.keys()
    for own, given in ((arrays.parameters, adapted.parameters), (arrays.buffers, adapted.buffers)):
        for name, array in given.items():
            assert own[name].shape == array.shape, name
            own[name][...] = array
    arrays.inputs[...] = adapted.inputs
    built.forward(a_step(training=adapted.training))
    assert arrays.outputs.shape == adapted.outputs.shape
    says = ~np.isnan(adapted.outputs)
    assert says.any()
    np.testing.assert_allclose(arrays.outputs[says], adapted.outputs[says], rtol=1e-5, atol=1e-6)
    for name, array in {**adapted.buffers, **adapted.buffers_after}.items():
        np.testing.assert_allclose(arrays.buffers[name], array, rtol=1e-5, atol=1e-6, err_msg=name)


def test_every_adapter_has_been_tried() -> None:
    assert {case.operator for case in CASES} | stored.left_out().keys() == all_adapters().keys()


def test_a_case_is_either_stored_or_left_out_for_a_reason() -> None:
    names = {case.name for case in CASES}
    assert len(names) == len(CASES)
    for cases in stored.left_out().values():
        assert not names & cases.keys()
        assert all(cases.values())


def _int64(lengths: np.ndarray | None) -> np.ndarray | None:
    return None if lengths is None else lengths.astype(np.int64)
