"""Group normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.group_norm import GroupNorm
from nnctl.layers.operation import ShapeError
from tests.support.kind_check import Settings
from tests.support.layer_check import Float64
from tests.support.norm_check import NormCheck, normalized


class TestGroupNorm(NormCheck):
    kind = GroupNorm
    form: ClassVar[Settings] = {"groups": 3}
    cases = (
        {"inputs": [6], "groups": 2},
        {"inputs": [5, 4], "groups": 1, "eps": 0.1},
        {"inputs": [3, 4, 6], "groups": 3, "bias": False},
        {"inputs": [3, 7, 140], "groups": 4},
    )
    refused = ({}, {"groups": 0}, {"groups": 2, "eps": 0.0}, {"groups": 2, "weight": False})
    golden = (
        {"inputs": [6], "groups": 2},
        {"inputs": [4, 6], "groups": 3, "eps": 1e-3},
        {"inputs": [3, 4, 4], "groups": 2, "bias": False},
    )

    @staticmethod
    def of_sample(layer: GroupNorm, sample: Float64) -> Float64:
        groups = np.split(sample, layer.groups, axis=1)
        return np.concatenate([normalized(group, layer.eps) for group in groups], axis=1)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], groups: int, eps: float = 1e-5, bias: bool = True) -> Any:
        from torch.nn import functional

        return functional.group_norm(inputs, groups, **parameters, eps=eps)

    @pytest.mark.parametrize(("channels", "groups", "remedy"), [(6, 4, 3), (7, 3, 1), (4, 8, 4)])
    def test_channels_that_cannot_be_divided_are_refused(self, channels: int, groups: int, remedy: int) -> None:
        with pytest.raises(ShapeError, match=f"{channels} channels into {groups} equal groups") as refusal:
            GroupNorm(groups=groups).plan((5, channels), CPU())
        assert refusal.value.help == f"give `groups: {remedy}`"
        GroupNorm(groups=remedy).plan((5, channels), CPU())
