"""The check for a layer that PyTorch has, too."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from tests.support.kind_check import Settings
from tests.support.layer_check import Float64, LayerCheck, a_step, build


class PyTorchLayerCheck(LayerCheck, ABC):
    """What every layer must do, with PyTorch's numbers in both directions. `golden` are settings as in `cases`."""

    @staticmethod
    @abstractmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], **settings: Any) -> Any:
        """The outputs by PyTorch, of tensors in its layout; for golden/make_layers.py."""

    @staticmethod
    def draw(layer: Any, size: tuple[int, ...], generator: np.random.Generator) -> Float64:
        """Inputs (N, ...) to store numbers for; a layer that does not take just any numbers draws its own."""
        return 2 * generator.normal(size=size)

    def test_the_numbers_are_pytorchs(self, stored: Settings) -> None:
        golden = self.golden_arrays(stored)
        built = build(self.layer(stored), golden["inputs"].shape[1:], samples=len(golden["inputs"]))
        arrays = built.arrays
        for name, array in {"inputs": arrays.inputs, "d_outputs": arrays.d_outputs, **arrays.parameters}.items():
            assert array.shape == golden[name].shape
            array[...] = golden[name]
        for name, result in built.both_ways(a_step()).results().items():
            np.testing.assert_allclose(result, golden[name], rtol=1e-10, atol=1e-10, err_msg=name)
