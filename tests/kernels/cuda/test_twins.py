"""Twins on the GPU take what the CPU's kernels take."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import pytest

from nnctl.kernels import cpu, cuda
from nnctl.kernels.cuda.kernel import Kernel
from nnctl.kernels.device import MissingKernelsError
from nnctl.kernels.kernel import Kernel as CPUKernel

FOUNDATION = {"compiler", "device", "kernel", "program"}  # what twins are made with


def names_in(package: ModuleType) -> set[str]:
    return {module.name for module in pkgutil.iter_modules(package.__path__)}


def arguments_of(module: ModuleType) -> dict[str, list[str]]:
    """The arguments of each public function that is called from Python; begin and end are not among them."""
    found = {}
    for name, function in vars(module).items():
        if isinstance(function, Kernel | CPUKernel) or (
            inspect.isfunction(function) and function.__module__ == module.__name__
        ):
            wrapped: Any = getattr(function, "__wrapped__", function)
            arguments = list(inspect.signature(wrapped).parameters)
            found[name] = arguments[2:] if isinstance(function, CPUKernel) else arguments
    return {name: arguments for name, arguments in found.items() if not name.startswith("_")}


TWINS = sorted(names_in(cuda) - FOUNDATION)


def test_every_module_is_a_twin() -> None:
    assert set(TWINS) <= names_in(cpu)
    assert len(TWINS) > 10


@pytest.mark.parametrize("name", TWINS)
def test_twins_have_the_same_functions_with_the_same_arguments(name: str) -> None:
    own, other = (importlib.import_module(f"{package.__name__}.{name}") for package in (cuda, cpu))
    assert arguments_of(own)
    assert arguments_of(own) == arguments_of(other)


def test_a_missing_twin_is_named() -> None:
    with pytest.raises(MissingKernelsError) as raised:
        _ = cuda.no_such_kernel
    assert raised.value.name == "no_such_kernel"
