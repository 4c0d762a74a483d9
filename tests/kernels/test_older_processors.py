"""Tests of kernels again, compiled for processors with fewer features than this machine's."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from nnctl.kernels.compiler.level import V4, host_level
from tests.support.command import CONFIGS, nnctl

ROOT = Path(__file__).parents[2]

# with vectors of half the length; then without fused multiply-adds, which leaves products and images to look at
LEVELS = ["x86-64-v3", "x86-64-v2"] if platform.machine() == "x86_64" else []
PRODUCTS_AND_IMAGES = {
    "products": ["kernels/cpu/test_matmul.py", "kernels/cpu/simd/test_transpose.py"],
    "images": [
        "kernels/cpu/test_winograd.py",
        *(f"layers/test_{kind}.py" for kind in ("conv2d", "max_pool2d", "avg_pool2d")),
    ],
}
# of those that share their kernels, one
OF_EVERY_SORT = (
    *("linear", "sparse_linear", "conv1d", "conv2d", "depthwise_conv2d", "max_pool2d", "embedding", "gru", "lstm"),
    *("attention", "batch_norm", "layer_norm", "softmax", "gelu", "dropout", "random_affine", "parallel"),
)
EVERYTHING = {
    "kernels": ["kernels/cpu", "kernels/runtime"],
    "layers": [f"layers/test_{kind}.py" for kind in OF_EVERY_SORT],
    "losses and optimizers": [f"{kind}.py" for kind in ("losses/test_cross_entropy", "losses/test_mse")]
    + [f"optimizers/test_{kind}.py" for kind in ("adam", "lamb", "sgd")],
}


def run_for(name: str, tests: list[str], cache: Path) -> None:
    """Run these tests in a process that compiles for a level."""
    environment = {"NNCTL_LEVEL": name, "NNCTL_CACHE_DIR": str(cache)}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", f"--ignore={__file__}"]
    done = subprocess.run(
        [*command, *(f"tests/{part}" for part in tests)],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout


RUNS = [
    pytest.param(name, tests, id=f"{name}, {part}")
    for name in LEVELS
    for part, tests in (EVERYTHING if name == LEVELS[0] else PRODUCTS_AND_IMAGES).items()
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "tests"), RUNS)
def test_all_kernels_on_an_older_processor(name: str, tests: list[str], tmp_path: Path) -> None:
    run_for(name, tests, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(host_level() != V4, reason="needs both levels")
@pytest.mark.parametrize("config", ["xor", "function", "penguins", "mnist_mlp", "mnist_cnn", "digits_lstm"])
def test_levels_that_fuse_multiply_adds_give_the_same_bits(config: str, tmp_path: Path) -> None:
    """docs/platforms.md says so; `make test-arm` compares the third such level."""
    checkpoints = set()
    for name in ("x86-64-v3", "x86-64-v4"):
        run = tmp_path / name
        done = nnctl("train", CONFIGS / f"{config}.yaml", "epochs=1", "--run", run, cwd=tmp_path, NNCTL_LEVEL=name)
        assert done.returncode == 0, done.stderr
        checkpoints.add((run / "checkpoints" / "last.safetensors").read_bytes())
    assert len(checkpoints) == 1
