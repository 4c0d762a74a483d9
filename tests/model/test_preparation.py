"""What only shows when a config meets its data; nothing is taken before all of it fits."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from nnctl.errors import ConfigError, Problem
from nnctl.model.preparation import prepare
from tests.support.configs import BASE, load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inputs = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    np.savez(tmp_path / "a.npz", x=inputs, y=np.arange(60) % 3)
    return tmp_path


def refusal(folder: Path, text: str) -> Problem:
    with pytest.raises(ConfigError) as raised:
        prepare(load(folder, text))
    (problem,) = raised.value.problems
    assert problem.help
    return problem


def test_what_fits_is_planned(folder: Path) -> None:
    prepared = prepare(load(folder, BASE))
    assert prepared.plan.outputs == (3,)
    assert prepared.memory == prepared.plan.memory(32, 4, 2)


def test_a_billion_outputs_are_refused_with_the_memory_and_none_is_taken(folder: Path) -> None:
    text = BASE.replace("flatten", "{type: linear, out_features: 1000000000}")
    prepare(load(folder, BASE))  # what is imported and cached on the way
    tracemalloc.start()
    problem = refusal(folder, text)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (problem.line, problem.column, problem.path) == (2, 10, "layers.0")
    assert "training takes" in problem.what
    assert "GB of memory" in problem.what
    assert "make this layer smaller" in problem.help
    assert taken < 4 * 2**20


def test_outputs_classes_and_batch_size(folder: Path) -> None:
    problem = refusal(folder, BASE.replace("out_features: 3", "out_features: 4"))
    assert problem.path == "layers.1"
    assert "gives 4 outputs, the data has 3 classes (0, 1, 2)" in problem.what
    problem = refusal(folder, f"{BASE}batch_size: 61\n")
    assert (problem.line, problem.column) == (4, 13)
    assert "is 61, there are 60 training samples" in problem.what
    problem = refusal(folder, BASE.replace("flatten", "{type: max_pool2d, kernel_size: 2}"))
    assert (problem.line, problem.path) == (2, "layers.0")
    assert "got inputs of shape (5,)" in problem.what
