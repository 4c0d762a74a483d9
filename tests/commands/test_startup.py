"""What a command imports: the start stays quick because heavy libraries wait until they are needed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from nnctl import __version__
from nnctl.data.source import Source
from nnctl.layers.layer import Layer
from nnctl.losses.loss import Loss
from nnctl.optimizers.optimizer import Optimizer
from nnctl.schedules.schedule import Schedule
from nnctl.spec import Spec, kinds
from tests.support.command import COMMAND, CONFIGS, nnctl, surroundings

HEAVY = {"numba", "llvmlite", "numpy", "rich", "yaml", "safetensors"}  # typer itself may import pydantic
UNNEEDED = ("rich", "optuna", "dask", "distributed", "pyarrow", "http", "asyncio", "nnctl.sweeps", "nnctl.drafting")
LISTING = """
import atexit, gc, json, sys

def tell():
    spec = sys.modules.get("nnctl.spec")
    validators = [] if spec is None else [kind.__name__ for kind in specs(spec.Spec)]
    collections = sum(generation["collections"] for generation in gc.get_stats())
    told = {"modules": list(sys.modules), "validators": validators, "collections": collections}
    print(json.dumps(told))

def specs(base):
    for kind in base.__subclasses__():
        yield from [kind] * kind.__pydantic_complete__
        yield from specs(kind)

atexit.register(tell)
from nnctl.cli.main import main
main()
"""
LOUD = """
class Loud:
    def __del__(self):
        print("taken apart")
"""


@dataclass(frozen=True)
class Started:
    """What a command has done when it ends."""

    code: int
    modules: set[str]
    """Their full names."""
    validators: set[str]
    """The names of the classes in a config whose validators were built."""
    collections: int
    """Of garbage."""

    def imported(self, *names: str) -> set[str]:
        """Those of these packages, and of their modules."""
        return {module for module in self.modules for name in names if f"{module}.".startswith(f"{name}.")}

    def kinds(self, package: str, base: type[Spec]) -> set[str]:
        """The kinds of a family whose modules were imported."""
        return {name for name, kind in kinds(base).items() if kind.__module__ in self.imported(package)}


def started(*arguments: str | Path, cwd: Path) -> Started:
    done = subprocess.run(
        [sys.executable, "-c", LISTING, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=surroundings(),
    )
    told = json.loads(done.stdout.splitlines()[-1])
    return Started(done.returncode, set(told["modules"]), set(told["validators"]), told["collections"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["train", "--help"],
        ["eval", "--help"],
        ["predict", "--help"],
        ["sweep", "--help"],
        ["runs", "--help"],
        ["diagnose", "--help"],
        ["doctor", "--help"],
        ["init", "--help"],
        ["--version"],
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    assert started(*arguments, cwd=tmp_path).imported(*HEAVY) == set()


def test_check_does_without_the_compiler(tmp_path: Path) -> None:
    check = started("check", CONFIGS / "mnist_cnn.yaml", cwd=tmp_path)
    assert check.code == 0
    assert check.imported("numba", "llvmlite") == set()


def test_a_refusal_of_train_does_without_the_compiler(tmp_path: Path) -> None:
    train = started("train", CONFIGS / "mnist_cnn.yaml", "layers.7.out_features=9", cwd=tmp_path)
    assert train.code == 2
    assert train.imported("numba", "llvmlite") == set()


def test_training_imports_and_builds_what_the_config_names(tmp_path: Path) -> None:
    train = started("train", CONFIGS / "xor.yaml", "epochs=1", cwd=tmp_path)
    assert train.code == 0
    assert train.imported(*UNNEEDED) == set()
    assert train.kinds("nnctl.data.formats", Source) == {"csv"}
    assert train.kinds("nnctl.losses", Loss) == {"squared_error"}
    assert train.kinds("nnctl.optimizers", Optimizer) == {"sgd", "adam"}  # the default
    assert train.kinds("nnctl.schedules", Schedule) == {"constant"}
    assert train.validators & {kind.__name__ for kind in kinds(Layer).values()} == {"Linear", "Tanh", "Sigmoid"}
    assert train.validators & {kind.__name__ for kind in kinds(Source).values()} == {"CSV"}
    assert train.collections < 100  # of garbage: with the usual threshold twice as many


def test_a_wrong_value_is_told_without_the_kinds_that_nobody_named(tmp_path: Path) -> None:
    train = started("train", CONFIGS / "xor.yaml", "layers.0.out_features=many", cwd=tmp_path)
    assert train.code == 2
    assert train.imported("rich", "numba") == set()
    assert train.kinds("nnctl.losses", Loss) == {"squared_error"}
    assert "nnctl.layers.conv2d" not in train.modules


def test_runs_are_listed_without_what_trains_them(tmp_path: Path) -> None:
    runs = started("runs", tmp_path, cwd=tmp_path)
    assert runs.code == 2  # there are none
    assert runs.imported("numba", "rich", "nnctl.layers", "nnctl.data") == set()


def test_objects_are_not_taken_apart_at_the_end(tmp_path: Path) -> None:
    """Handlers of the exit run, and what is in the streams arrives."""
    statements = f"import atexit\natexit.register(print, 'ended')\n{LOUD}loud = Loud()\n{COMMAND[-1]}"
    done = subprocess.run(
        [sys.executable, "-c", statements, "--version"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=surroundings(),
    )
    assert (done.returncode, done.stdout) == (0, f"nnctl {__version__}\nended\n")


def test_the_module_runs_as_the_command_does(tmp_path: Path) -> None:
    done = nnctl("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.partition("Commands:")[2].strip().splitlines()] == [
        *("train", "eval", "predict", "sweep", "prune", "diagnose", "runs", "check", "init", "doctor")
    ]
