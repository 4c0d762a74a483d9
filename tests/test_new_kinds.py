"""A new kind is one file and its test: an activation, a layer and a metric in folders that only these tests look into.

Their files are in new_kinds/. They are copied into a temporary folder, and a process makes the packages look there as
well; nothing else is changed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from tests.support.command import DATA, ROOT, checkpoints_of, rows_of, surroundings

FILES = Path(__file__).parent / "new_kinds"
PACKAGES = {
    "layers": "nnctl.layers",
    "new_kernels": "nnctl.kernels.cpu",
    "metrics": "nnctl.metrics",
    "tests_of_layers": "tests.layers",
    "tests_of_metrics": "tests.metrics",
}

# the folder's name and the packages come as arguments
LOOK_THERE = """
import importlib, json, sys
folder, packages = sys.argv.pop(1), json.loads(sys.argv.pop(1))
for name, package in packages.items():
    importlib.import_module(package).__path__.append(f"{folder}/{name}")
"""
COMMAND = "from nnctl.cli.main import main; main()"
CHECKS = """
import pytest
from nnctl.layers.layer import Layer
from nnctl.metrics.metric import Metric
from tests.support.kinds_have_tests import assert_kinds_have_tests
from tests.support.layer_check import LayerCheck
from tests.support.metric_check import MetricCheck
assert_kinds_have_tests(Layer, LayerCheck)
assert_kinds_have_tests(Metric, MetricCheck)
options = ["-p", "no:cacheprovider", "-p", "tests.conftest", "-v"]
sys.exit(pytest.main([*options, f"{folder}/tests_of_layers", f"{folder}/tests_of_metrics"]))
"""
FORGET_KERNELS = """
import shutil
from nnctl.kernels.compiler.cache import prepare
for cached in prepare().glob("new_kernels_*"):
    shutil.rmtree(cached)
"""

CONFIG = f"""name: new
data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers:
  - {{type: linear, out_features: 8, activation: {{type: softsign, sharpness: 2.0}}}}
  - {{type: center, momentum: 0.8}}
  - {{type: residual, layers: [center, softsign]}}
  - {{type: linear, out_features: 1}}
loss: mse
metrics: [mean_error, rmse]
monitor: rmse
batch_size: 7
epochs: 2
"""


@pytest.fixture(scope="module")
def new_kinds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The temporary folder. A file of tests has its usual name only there, so that pytest does not find it before."""
    folder = tmp_path_factory.mktemp("new_kinds")
    for name in PACKAGES:
        (folder / name).mkdir()
        for file in (FILES / name).glob("*.py"):
            prefix = "test_" if name.startswith("tests_") else ""
            shutil.copyfile(file, folder / name / f"{prefix}{file.name}")
    yield folder
    run(folder, FORGET_KERNELS, cwd=folder)


def run(folder: Path, statements: str, *arguments: str, cwd: Path, code: int = 0) -> str:
    """Run statements in a process that looks into the folder and exits with this code; what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"{LOOK_THERE}\n{statements}", str(folder), json.dumps(PACKAGES), *arguments],
        cwd=cwd,
        env=surroundings(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def report_of(folder: Path, *arguments: str, cwd: Path) -> dict[str, Any]:
    """What the real command prints."""
    report: dict[str, Any] = json.loads(run(folder, COMMAND, *arguments, "--json", cwd=cwd))
    return report


@pytest.mark.slow
def test_the_checks_of_every_kind_find_them(new_kinds: Path) -> None:
    printed = run(new_kinds, CHECKS, cwd=new_kinds)
    for passed in (
        "TestSoftsign::test_gradients[inputs=[7] sharpness=0.3] PASSED",
        "TestSoftsign::test_large_inputs_stay_finite[float32] PASSED",
        "TestCenter::test_outputs[inputs=[3] momentum=0.5] PASSED",
        "TestCenter::test_the_contract[inputs=[7]] PASSED",
        "TestMeanError::test_errors PASSED",
    ):
        assert passed in printed


@pytest.mark.slow
def test_they_are_trained_resumed_evaluated_and_predict(new_kinds: Path, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(CONFIG)
    layers = report_of(new_kinds, "check", "run.yaml", cwd=tmp_path)["layers"]
    assert [layer["type"] for layer in layers if layer["buffers"]] == ["center", "residual", "center"]

    straight = report_of(new_kinds, "train", "run.yaml", "epochs=4", "--run", "straight", "-q", cwd=tmp_path)
    report_of(new_kinds, "train", "run.yaml", "--run", "resumed", "-q", cwd=tmp_path)
    report_of(new_kinds, "train", "run.yaml", "epochs=4", "--run", "resumed", "--resume", "-q", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "resumed") == checkpoints_of(tmp_path / "straight")
    assert rows_of(tmp_path / "resumed") == rows_of(tmp_path / "straight")

    tensors = load_file(tmp_path / "straight" / "checkpoints" / "last.safetensors")
    for name in ("layers.1", "layers.2.layers.0"):
        assert (tensors[f"{name}.gain"] != 1).any()
        assert (tensors[f"{name}.mean"] != 0).all()

    evaluated = report_of(new_kinds, "eval", "straight", "--split", "validation", cwd=tmp_path)["metrics"]
    for name in ("loss", "mean_error", "rmse"):
        assert evaluated[name] == straight["metrics"][f"val_{name}"]
    run(new_kinds, COMMAND, "predict", "straight", f"{DATA}/function/sine.csv", "-o", "out.csv", cwd=tmp_path)
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 201


def test_a_mistake_in_their_settings_is_told_as_any_other(new_kinds: Path, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(CONFIG.replace("momentum: 0.8", "momentum: 1.0"))
    printed = run(new_kinds, COMMAND, "check", "run.yaml", "--json", cwd=tmp_path, code=2)
    (problem,) = json.loads(printed)["error"]["problems"]
    assert (problem["path"], problem["line"]) == ("layers.1.momentum", 5)


def test_without_the_folder_nobody_knows_them() -> None:
    statements = "from nnctl.spec import kinds; from nnctl.layers.layer import Layer; print(*kinds(Layer))"
    known = subprocess.check_output([sys.executable, "-c", statements], text=True, env=os.environ).split()
    assert "softmax" in known
    assert not {"softsign", "center"} & set(known)
