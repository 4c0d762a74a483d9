"""Where the data of a checkpoint lie now: a project may have moved since the training."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nnctl.config.load import config_from_json, config_to_json
from nnctl.config.run_config import RunConfig
from nnctl.errors import DataError, Problem
from nnctl.paths import absolute, found
from nnctl.regular_file import shown

ENVIRONMENT = "environment.json"
SIZE_LIMIT = 2**24  # bytes of environment.json that are read


def located(config: dict[str, Any], checkpoint: Path) -> RunConfig:
    """The config of a checkpoint's file with absolute paths: where the data are found, seen from the run folder, from
    the working folder, or where they were at the training. Raises ConfigError.
    """
    run = run_of(checkpoint)

    def find(path: str) -> str:
        then = (old for old in paths_then(run) if old.endswith(f"/{path}") and os.path.lexists(old))
        return found(path, run) or next(then, None) or absolute(path, run)

    return config_from_json(config, find)


def run_of(checkpoint: Path) -> Path:
    """The run folder of a checkpoint; of a copy elsewhere, the folder that it lies in."""
    folder = checkpoint.parent
    return folder.parent if folder.name == "checkpoints" else folder


def paths_of(config: RunConfig) -> list[str]:
    """The absolute paths that a config names."""
    paths: list[str] = []

    def collect(path: str) -> str:
        paths.append(path)
        return path

    config_to_json(config, collect)
    return list(dict.fromkeys(paths))


def paths_then(run: Path) -> list[str]:
    """What `paths_of` gave when the run was last active; empty where that is not known."""
    try:
        with (run / ENVIRONMENT).open("rb") as file:
            paths = json.loads(file.read(SIZE_LIMIT))["paths"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def notes_on_paths(config: RunConfig, checkpoint: Path) -> Iterator[str]:
    """Where the data are read from, if that is not where they were at the training. Raises DataError where they are
    neither here nor there.
    """
    run = run_of(checkpoint)
    then = paths_then(run)
    for number, path in enumerate(paths_of(config)):
        if not os.path.lexists(path):
            what = f"the data of the run are gone: nothing is found above {shown(run)} nor above the working folder"
            help = "name them with --data, or run this in the folder of the project"
            raise DataError(Problem(what, shown(Path(path)), help=help))
        if len(then) > number and then[number] != path:
            yield f"the project has moved: the data are read from {shown(Path(path))}, they were at {then[number]}"
