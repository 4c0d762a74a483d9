"""Every loss against PyTorch's numbers, kept in golden/losses.npz by golden/make_losses.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from nnctl.losses.loss import Loss
from nnctl.spec import kinds
from tests.support.loss_check import evaluate

with np.load(Path(__file__).parents[1] / "golden" / "losses.npz") as file:
    GOLDEN = dict(file)
CASES: list[dict[str, Any]] = json.loads(str(GOLDEN["cases"]))


def test_every_kind_has_a_case() -> None:
    assert {case["type"] for case in CASES} == set(kinds(Loss))


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-5)])
@pytest.mark.parametrize("index", range(len(CASES)), ids=[str(case) for case in CASES])
def test_values_and_gradients_are_pytorchs(index: int, dtype: type[np.floating], tolerance: float) -> None:
    case = CASES[index]
    settings = {key: value for key, value in case.items() if key != "spread"}
    loss = TypeAdapter(kinds(Loss)[case["type"]]).validate_python(settings)
    targets = GOLDEN[f"{index}.targets"]
    losses, d_outputs = evaluate(
        loss, GOLDEN[f"{index}.outputs"].astype(dtype), targets if targets.ndim == 1 else targets.astype(dtype)
    )
    np.testing.assert_allclose(losses, GOLDEN[f"{index}.losses"], rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(d_outputs, GOLDEN[f"{index}.d_outputs"], rtol=tolerance, atol=tolerance)
