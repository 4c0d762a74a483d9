"""What `import nnctl` offers: each command as a function, and nothing is loaded before it is asked for."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest

import nnctl

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


def test_nothing_else_is_offered() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = nnctl.nothing
    assert sorted(dir(nnctl)) == sorted(nnctl.__all__)
