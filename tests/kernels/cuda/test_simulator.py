"""Training on numba's CUDA simulator comes to the CPU's numbers; what has no kernels is refused before it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import CONFIGS, nnctl, report_of, rows_of
from tests.support.refusal import refusal_of

SIMULATOR = {"NUMBA_ENABLE_CUDASIM": "1"}
TABLE = """\
data:
  source: table.csv
  target: price
  columns: {colour: {encoding: embedding, size: 2}}
  target_transform: [log, standard]
  validation: 0.2
layers:
  - {type: linear, out_features: 6, activation: relu}
  - {type: linear, out_features: 4, activation: tanh}
  - {type: linear, out_features: 1}
loss: mse
optimizer: adam
learning_rate: 0.01
clip_norm: 0.5
batch_size: 20
epochs: 7
metrics: [rmse, mae, rmsle]
"""

STEPS = """\
data: {source: steps.npz, validation: 0.2}
layers:
  - {type: embedding, num_embeddings: 6, embedding_dim: 3}
  - {type: linear, out_features: 4, activation: tanh}
  - {type: linear, out_features: 1}
loss: mse
learning_rate: 0.01
clip_value: 0.02
averaging: {type: ema, decay: 0.8}
batch_size: 12
epochs: 3
metrics: [mae, r2]
"""


def write_table(folder: Path) -> None:
    """60 rows of two numbers, a category and what depends on them."""
    random = np.random.default_rng(0)
    rows = ["width,height,colour,price"]
    for width, height, colour in zip(*random.uniform(1, 9, (2, 60)), random.integers(0, 3, 60), strict=True):
        rows.append(
            f"{width:.3f},{height:.3f},{('red', 'green', 'blue')[colour]},{width * height + 5 * colour + 1:.3f}"
        )
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    (folder / "table.yaml").write_text(TABLE)


def assert_same_rows(on_cuda: Path, on_cpu: Path) -> None:
    """Loss, metrics and gradient norm of every epoch agree."""
    ours, theirs = rows_of(on_cuda), rows_of(on_cpu)
    assert len(ours) == len(theirs)
    for row, expected in zip(ours, theirs, strict=True):
        assert row == pytest.approx(expected, rel=1e-4)


def assert_the_cpu_evaluates(run: Path, val_loss: float) -> None:
    """A checkpoint that was made on cuda needs none."""
    metrics = report_of("eval", run, cwd=run, NUMBA_DISABLE_CUDA="1")["metrics"]
    assert metrics["loss"] == pytest.approx(val_loss, rel=1e-4)


@pytest.mark.slow
def test_xor_takes_the_cpus_steps(tmp_path: Path) -> None:
    """An epoch is one step on all four samples. The run on cuda is resumed halfway."""
    xor, on_cuda = CONFIGS / "xor.yaml", ("--device", "cuda", "--run", "cuda")
    report_of("train", xor, "epochs=10", *on_cuda, cwd=tmp_path, **SIMULATOR)
    report = report_of("train", xor, "epochs=20", *on_cuda, "--resume", cwd=tmp_path, **SIMULATOR)
    report_of("train", xor, "epochs=20", "--run", "cpu", cwd=tmp_path)
    assert report["steps"] == 20
    assert_same_rows(tmp_path / "cuda", tmp_path / "cpu")


@pytest.mark.slow
def test_a_table_with_categories_takes_the_cpus_steps(tmp_path: Path) -> None:
    """Short batches, a validation split, a category's vectors, clipped gradients, a transformed target."""
    write_table(tmp_path)
    report = report_of("train", "table.yaml", "--device", "cuda", "--run", "cuda", cwd=tmp_path, **SIMULATOR)
    report_of("train", "table.yaml", "--run", "cpu", cwd=tmp_path)
    assert report["steps"] == 21
    assert_same_rows(tmp_path / "cuda", tmp_path / "cpu")
    assert_the_cpu_evaluates(tmp_path / "cuda", report["metrics"]["val_loss"])


@pytest.mark.slow
def test_sequences_take_the_cpus_steps(tmp_path: Path) -> None:
    """Embedded slot numbers, lengths, a target a step, gradients clipped one by one, averaged weights."""
    random = np.random.default_rng(0)
    slots, lengths = random.integers(0, 6, (40, 5)), random.integers(1, 6, 40)
    np.savez(tmp_path / "steps.npz", x=slots, y=np.cumsum(slots, axis=1) / 10, lengths=lengths)
    (tmp_path / "steps.yaml").write_text(STEPS)
    report = report_of("train", "steps.yaml", "--device", "cuda", "--run", "cuda", cwd=tmp_path, **SIMULATOR)
    report_of("train", "steps.yaml", "--run", "cpu", cwd=tmp_path)
    assert_same_rows(tmp_path / "cuda", tmp_path / "cpu")
    assert_the_cpu_evaluates(tmp_path / "cuda", report["metrics"]["val_loss"])


@pytest.mark.slow
def test_weighted_rows_take_the_cpus_steps(tmp_path: Path) -> None:
    """A quarter of the rows weighs nothing, and a step has two batches, the last one but one."""
    write_table(tmp_path)
    lines = (tmp_path / "table.csv").read_text().splitlines()
    weighted = [f"{lines[0]},weight", *(f"{line},{number % 4 / 2}" for number, line in enumerate(lines[1:]))]
    (tmp_path / "table.csv").write_text("\n".join(weighted) + "\n")
    settings = (
        "data.weight=weight",
        "batch_size=10",
        "gradient_accumulation=2",
        "metrics=[rmse, r2, rmsle, mape, median_ae]",
    )
    report_of("train", "table.yaml", *settings, "--device", "cuda", "--run", "cuda", cwd=tmp_path, **SIMULATOR)
    report_of("train", "table.yaml", *settings, "--run", "cpu", cwd=tmp_path)
    assert_same_rows(tmp_path / "cuda", tmp_path / "cpu")


@pytest.mark.slow
def test_a_run_that_diverges_ends_at_the_cpus_step(tmp_path: Path) -> None:
    write_table(tmp_path)
    said = []
    for device, environment in (("cuda", SIMULATOR), ("cpu", {})):
        settings = "--device", device, "--run", device, "learning_rate=1e30", "clip_norm=null", "--json"
        done = nnctl("train", "table.yaml", *settings, cwd=tmp_path, **environment)
        assert done.returncode == 5, done.stderr
        said.append(json.loads(done.stdout)["error"]["problems"][0]["what"])
    assert said[0] == said[1]


def test_what_has_no_kernels_is_refused_before_the_training(tmp_path: Path) -> None:
    write_table(tmp_path)
    config = (tmp_path / "table.yaml").read_text().replace("relu", "silu").replace("loss: mse", "loss: huber")
    (tmp_path / "table.yaml").write_text(config.replace("adam", "rmsprop"))
    refusal = refusal_of("train", "table.yaml", "--device", "cuda", cwd=tmp_path, code=2, **SIMULATOR)
    assert [(problem["path"], problem["what"], problem["help"]) for problem in refusal.problems] == [
        (path, f"device cuda has no kernels for {kind} yet", "use device: cpu")
        for path, kind in (("layers.0.activation", "silu"), ("loss", "huber"), ("optimizer", "rmsprop"))
    ]


def test_without_a_gpu_the_command_refuses(tmp_path: Path) -> None:
    """The real command in a process of its own."""
    xor = CONFIGS / "xor.yaml"
    done = nnctl("train", xor, "--device", "cuda", "--run", "run", cwd=tmp_path, NUMBA_DISABLE_CUDA="1")
    assert done.returncode == 2
    assert "command line: device=cuda: device: is cuda, but no GPU was found" in done.stderr
    assert "leave device out to use the CPU" in done.stderr
    assert not (tmp_path / "run").exists()
