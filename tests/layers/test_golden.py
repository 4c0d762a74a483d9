"""Every layer that PyTorch has gives PyTorch's numbers, in both directions (tests/golden/make_layers.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.layers.layer import Layer
from nnctl.spec import kinds
from tests.support.layer_check import a_step, build

with np.load(Path(__file__).parents[1] / "golden" / "layers.npz") as file:
    GOLDEN: dict[str, NDArray[Any]] = dict(file)

CASES = sorted({name.partition("/")[0] for name in GOLDEN})
NOT_IN_PYTORCH = {"step", "residual", "parallel", "repeat", "sum_over_steps", "mean_over_steps"}
RANDOM = {"dropout"}


def test_every_layer_is_here() -> None:
    found = {json.loads(str(GOLDEN[f"{case}/settings"]))["type"] for case in CASES}
    assert found == set(kinds(Layer)) - NOT_IN_PYTORCH - RANDOM


@pytest.mark.parametrize("case", CASES)
def test_the_numbers_are_pytorchs(case: str) -> None:
    golden = {name.partition("/")[2]: array for name, array in GOLDEN.items() if name.partition("/")[0] == case}
    settings = json.loads(str(golden["settings"]))
    layer = kinds(Layer)[settings["type"]].model_validate(settings)
    built = build(layer, golden["inputs"].shape[1:], samples=len(golden["inputs"]))
    arrays = built.arrays
    for name, array in {"inputs": arrays.inputs, "d_outputs": arrays.d_outputs, **arrays.parameters}.items():
        assert array.shape == golden[name].shape
        array[...] = golden[name]
    for name, result in built.both_ways(a_step()).results().items():
        np.testing.assert_allclose(result, golden[name], rtol=1e-10, atol=1e-10, err_msg=name)
