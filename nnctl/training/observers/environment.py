"""environment.json: what the run computes with, and on which data."""

from __future__ import annotations

import platform
from importlib.metadata import version

from nnctl import __version__
from nnctl.files import to_json, write_atomically
from nnctl.machine import cpu_name
from nnctl.model.whereabouts import ENVIRONMENT, kept_paths
from nnctl.training.observers.observer import Observer, Run

PACKAGES = ("numpy", "numba", "llvmlite", "safetensors", "pydantic")


class Environment(Observer):
    """Writes the file when a run starts."""

    def started(self, run: Run) -> None:
        from nnctl.kernels.runtime.workers import threads

        initial = run.prepared.initialized_from
        environment = {
            "versions": {"nnctl": __version__, "python": platform.python_version()}
            | {package: version(package) for package in PACKAGES},
            "platform": platform.platform(),
            "cpu": cpu_name(),
            "threads": threads(),
            "device": run.prepared.config.device,
            "data": run.prepared.dataset.hashes,
            "paths": kept_paths(run.prepared.config, run.home),
            **({} if initial is None else {"initialized_from": initial.model_dump()}),
        }
        write_atomically(run.folder / ENVIRONMENT, (to_json(environment, indent=2) + "\n").encode())
