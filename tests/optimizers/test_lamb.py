"""LAMB."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load_file

from nnctl import random
from nnctl.kernels.device import CPU
from nnctl.optimizers.adamw import AdamW
from nnctl.optimizers.lamb import LAMB
from nnctl.optimizers.optimizer import Shape
from tests.support.command import report_of
from tests.support.configs import SINE
from tests.support.kind_check import Settings
from tests.support.naive_moments import moments
from tests.support.optimizer_check import Float64, OptimizerCheck
from tests.support.threads import threads


class TestLAMB(OptimizerCheck):
    kind = LAMB
    defaults: ClassVar[Settings] = {"betas": [0.9, 0.999], "eps": 1e-6, "weight_decay": 0.01}
    rate = 0.005
    cases = (
        {"learning_rate": 0.001},
        {"learning_rate": 0.02, "weight_decay": 0.5, "betas": [0.5, 0.8], "eps": 1e-3},
        {"learning_rate": 0.01, "weight_decay": 0.0, "betas": [0.0, 0.9]},
    )
    refused = ({"betas": [0.9]}, {"weight_decay": -0.1})

    @staticmethod
    def shapes(size: int) -> list[Shape]:
        """A matrix of three columns, its bias, and one more array of weights."""
        rows = size // 5
        return [(rows, 3), (size - 4 * rows,), (rows, 1, 1)] if rows else [(size - 1, 1), (1,)]

    @classmethod
    def reference(
        cls, o: LAMB, p: Float64, g: Float64, slots: Float64, rate: float, step: int
    ) -> tuple[Float64, Float64]:
        shapes = cls.shapes(p.size)
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
        updates, moved = [], []
        for shape, start, end in zip(shapes, [0, *ends], ends, strict=False):
            own = p[start:end]
            stepped, slots_after = moments(o, np.zeros(end - start), g[start:end], slots[:, start:end], 1.0, step)
            update = -stepped + o.weight_decay * own
            ratio = np.linalg.norm(own) / np.linalg.norm(update) if len(shape) > 1 else 1.0
            updates.append(own - rate * ratio * update)
            moved.append(slots_after)
        return np.concatenate(updates), np.concatenate(moved, axis=1)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_same_bits_wherever_an_element_lies(self, case: Settings, dtype: type[np.floating]) -> None:
        """Wherever an array lies, at least: its elements depend on each other."""
        optimizer, generator = self.optimizer(case), random.generator(5, "optimizer test")
        start, gradients = generator.normal(size=77).astype(dtype), generator.normal(size=(3, 77)).astype(dtype)
        found = set()
        for offset in range(20):
            p, g = (np.zeros(97, dtype)[offset : offset + 77] for _ in range(2))
            slots = np.zeros((2, 97), dtype)[:, offset : offset + 77]
            p[...] = start
            for step, gradient in enumerate(gradients, 1):
                g[...] = gradient
                optimizer.update(p, g, slots, [(11, 7)], 0.01, step, CPU())
            found.add(p.tobytes() + slots.tobytes())
        assert len(found) == 1

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_many_chunks_give_the_formula_and_the_same_bits_on_any_threads(self, dtype: type[np.floating]) -> None:
        optimizer, generator = self.make({}), random.generator(6, "optimizer test")
        start, gradients = generator.normal(size=30_001), generator.normal(size=(2, 30_001))
        expected, slots = start, np.zeros((2, start.size))
        for step, gradient in enumerate(gradients, 1):
            expected, slots = self.reference(optimizer, expected, gradient, slots, 0.1, step)
        found: list[NDArray[Any]] = []
        for number in (1, 2, 3):
            with threads(number):
                found.append(self.steps(optimizer, start.astype(dtype), gradients, 0.1)[-2])
        np.testing.assert_allclose(found[0], expected, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-6)
        assert len({each.tobytes() for each in found}) == 1

    def test_weights_of_zero_and_biases_take_the_steps_of_adamw(self) -> None:
        optimizer, generator = self.make({"eps": 1e-8}), random.generator(7, "optimizer test")
        start, gradient = np.zeros(40), generator.normal(size=40)
        start[30:] = 1.0
        slots = np.zeros((2, 40))
        optimizer.update(start, gradient, slots, [(6, 5), (10,)], 0.1, 1, CPU())
        other, other_slots = np.repeat([0.0, 1.0], [30, 10]), np.zeros((2, 40))
        AdamW().update(other, gradient, other_slots, [(40,)], 0.1, 1, CPU())
        np.testing.assert_allclose(start, other, rtol=1e-14)
        np.testing.assert_array_equal(slots, other_slots)

    def test_weights_without_a_gradient_and_a_decay_stay(self) -> None:
        optimizer, weights = self.make({"weight_decay": 0.0}), np.ones(12)
        optimizer.update(weights, np.zeros(12), np.zeros((2, 12)), [(4, 3)], 0.1, 1, CPU())
        np.testing.assert_array_equal(weights, 1.0)


def test_layers_one_by_one_and_all_at_once_take_the_same_steps(tmp_path: Path) -> None:
    """Training updates a layer when its gradients are ready, and all together where it clips them."""
    (tmp_path / "run.yaml").write_text(f"{SINE}optimizer: lamb\nlearning_rate: 0.02\nepochs: 3\n")
    tensors = []
    for clip_norm in ("null", "1e30"):
        report_of("train", "run.yaml", f"clip_norm={clip_norm}", "--run", clip_norm, cwd=tmp_path)
        tensors.append(load_file(tmp_path / clip_norm / "checkpoints" / "last.safetensors"))
    assert len(tensors[0]) > 4
    for name, array in tensors[0].items():
        np.testing.assert_array_equal(array, tensors[1][name], err_msg=name)
