"""The kernels for NVIDIA GPUs: twins of the CPU's, with the same file names, function names and arguments.

A module is imported, and with it its kernels, when it is first used.
"""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from nnctl.kernels.device import MissingKernelsError


def __getattr__(name: str) -> ModuleType:
    if name.startswith("_"):
        raise AttributeError(name)
    module = f"{__name__}.{name}"
    if importlib.util.find_spec(module) is None:
        raise MissingKernelsError(f"device cuda has no kernels named {name}", name=name)
    return importlib.import_module(module)
