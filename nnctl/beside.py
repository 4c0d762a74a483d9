"""What is found from its folder: a new file there is enough."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TypeVar

T = TypeVar("T")


def classes_beside(base: type[T]) -> list[type[T]]:
    """The classes derived from `base` that the other files of its folder define, in the order of the files.

    Those that are abstract are left out.
    """
    package, _, own = base.__module__.rpartition(".")
    names = [module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__)]
    modules = [importlib.import_module(f"{package}.{name}") for name in sorted(names) if name != own]
    return [
        kind
        for module in modules
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, base) and kind.__module__ == module.__name__
        if not inspect.isabstract(kind)
    ]
