"""nnctl trains, evaluates and ships neural networks that a YAML file describes.

Each command is a function of the same name with the same arguments, imported when it is first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnctl.commands.check import check
    from nnctl.commands.diagnose import diagnose
    from nnctl.commands.doctor import doctor
    from nnctl.commands.eval import evaluate
    from nnctl.commands.init import init
    from nnctl.commands.predict import predict
    from nnctl.commands.prune import prune
    from nnctl.commands.runs import runs
    from nnctl.commands.sweep import sweep
    from nnctl.commands.train import train

__version__ = "0.1.0"
__all__ = [
    "__version__",
    "check",
    "diagnose",
    "doctor",
    "evaluate",
    "init",
    "predict",
    "prune",
    "runs",
    "sweep",
    "train",
]

_MODULES = {"evaluate": "eval"}  # a command's module has the command's name, which for this one is a builtin's


def __getattr__(name: str) -> Any:
    if name.startswith("_") or name not in __all__:
        raise AttributeError(f"module 'nnctl' has no attribute {name!r}")
    from nnctl.system import refuse_windows

    refuse_windows()
    return getattr(importlib.import_module(f"nnctl.commands.{_MODULES.get(name, name)}"), name)


def __dir__() -> list[str]:
    return __all__
