"""What a command imports: the start stays quick because heavy libraries wait until they are needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import CONFIGS, nnctl, surroundings

HEAVY = {"numba", "llvmlite", "numpy", "rich", "yaml", "safetensors"}  # typer itself may import pydantic
LISTING = """
import sys
from nnctl.cli.main import _run
_run(sys.argv[1:])
print("MODULES", *{name.partition(".")[0] for name in sys.modules})

"""


def imported_by(*arguments: str, cwd: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=surroundings(),
        check=True,
    )
    return set(done.stdout.rpartition("MODULES")[2].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["train", "--help"],
        ["eval", "--help"],
        ["predict", "--help"],
        ["sweep", "--help"],
        ["runs", "--help"],
        ["doctor", "--help"],
        ["init", "--help"],
        ["--version"],
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    assert imported_by(*arguments, cwd=tmp_path) & HEAVY == set()


def test_check_does_without_the_compiler(tmp_path: Path) -> None:
    modules = imported_by("check", str(CONFIGS / "mnist_cnn.yaml"), cwd=tmp_path)
    assert modules & {"numba", "llvmlite", "numpy"} == {"numpy"}


def test_a_refusal_of_train_does_without_the_compiler(tmp_path: Path) -> None:
    modules = imported_by("train", str(CONFIGS / "mnist_cnn.yaml"), "layers.7.out_features=9", cwd=tmp_path)
    assert modules & {"numba", "llvmlite", "numpy"} == {"numpy"}


def test_the_module_runs_as_the_command_does(tmp_path: Path) -> None:
    done = nnctl("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.partition("Commands:")[2].strip().splitlines()] == [
        *("train", "eval", "predict", "sweep", "runs", "check", "init", "doctor")
    ]
