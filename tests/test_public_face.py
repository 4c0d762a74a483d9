"""What `import nnctl` offers: each command as a function, and nothing is loaded before it is asked for."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import nnctl

ROOT = Path(__file__).parents[1]
COMMANDS = [name for name in nnctl.__all__ if not name.startswith("_")]


def test_importing_nnctl_loads_neither_the_compiler_nor_a_command() -> None:
    code = "import sys, nnctl; print(*sorted(name for name in sys.modules if name.partition('.')[0] in {names}))"
    names = {"nnctl", "numba", "llvmlite", "numpy", "typer", "pydantic", "rich"}
    done = subprocess.run([sys.executable, "-c", code.format(names=names)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["nnctl"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_a_function(name: str) -> None:
    function = getattr(nnctl, name)
    assert callable(function)
    assert function.__module__ == f"nnctl.commands.{'eval' if name == 'evaluate' else name}"


@pytest.mark.parametrize("name", ["train", "evaluate", "check", "diagnose", "prune", "runs", "sweep", "doctor"])
def test_a_function_has_the_arguments_of_its_command(name: str) -> None:
    """All but how results are printed; who watches a function is its own."""
    module = getattr(nnctl, name).__module__.rpartition(".")[2]
    command = getattr(importlib.import_module(f"nnctl.cli.{module}"), "eval_" if name == "evaluate" else name)
    arguments = inspect.signature(command).parameters.keys() - {"json", "quiet"}
    assert (
        inspect.signature(getattr(nnctl, name)).parameters.keys() - {"observer", "observers", "progress"} == arguments
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_a_path_may_be_text(name: str) -> None:
    kinds = [str(own.annotation) for own in inspect.signature(getattr(nnctl, name)).parameters.values()]
    assert [kind for kind in kinds if "Path" in kind and "str" not in kind] == []


def test_a_run_folder_given_as_text_is_one(tmp_path: Path) -> None:
    result = nnctl.train(str(ROOT / "configs" / "xor.yaml"), ["epochs=1"], run=str(tmp_path / "run"))
    assert result.report["run"] == str(tmp_path / "run")


def test_nothing_else_is_offered() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = nnctl.nothing
    assert sorted(dir(nnctl)) == sorted(nnctl.__all__)
