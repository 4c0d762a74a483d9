"""Where the data of a checkpoint lie now: a project may have moved since the training.

A checkpoint knows its data by their hashes, and keeps the names of their files alone, so that its bytes do not depend
on the place. The paths are in environment.json, which lies in the run folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from nnctl.config.load import config_from_json, config_to_json
from nnctl.config.run_config import RunConfig
from nnctl.errors import DataError, Problem
from nnctl.paths import absolute, found, portable
from nnctl.regular_file import shown, similar_name
from nnctl.text import alternatives

ENVIRONMENT = "environment.json"
SIZE_LIMIT = 2**24  # bytes of environment.json that are read


def placeless_config(config: RunConfig) -> dict[str, Any]:
    """The config as a checkpoint keeps it: of each path of data the last part."""
    return config_to_json(config, lambda path: PurePath(path).name)


def paths_of(config: RunConfig) -> dict[str, str]:
    """The absolute paths of the data, by the keys of `data` that name them."""
    paths, without = config_to_json(config)["data"], config_to_json(config, lambda path: "")["data"]
    return {key: path for key, path in paths.items() if path != without[key]}


def kept_paths(config: RunConfig, run: Path) -> dict[str, list[str]]:
    """What environment.json keeps of each path: as it is seen from the run folder, and as it is."""
    return {key: [portable(path, run), path] for key, path in paths_of(config).items()}


def located(config: dict[str, Any], checkpoint: Path) -> RunConfig:
    """The config of a checkpoint's file with absolute paths. Raises ConfigError.

    Data are looked for where they lie as seen from the run folder, then where they were at the training; of a
    checkpoint without its run folder, beside the file and above it, then in the working folder and above that.
    """
    run = _run_of(checkpoint)
    data = config.get("data")
    if isinstance(data, dict):
        kept = {key: paths for key, paths in _paths_then(run).items() if data.get(key) == PurePath(paths[1]).name}
        now = {key: found(paths[0], run) or found(paths[1], run) or paths[1] for key, paths in kept.items()}
        config = config | {"data": data | now}
    return config_from_json(config, lambda name: found(name, run) or absolute(name, run))


def notes_on_paths(config: RunConfig, checkpoint: Path) -> Iterator[str]:
    """Where the data are read from, if that is not where they were at the training. Raises DataError where they are
    neither here nor there.
    """
    run = _run_of(checkpoint)
    then = {key: paths[1] for key, paths in _paths_then(run).items()}
    for key, path in paths_of(config).items():
        where = shown(Path(path))
        if not os.path.lexists(path):
            help = alternatives(similar_name(Path(path)), "name the data with --data")
            raise DataError(Problem("does not exist", where, help=help))
        if key not in then:
            yield f"the data are read from {where}"
        elif then[key] != path:
            yield f"the project has moved: the data are read from {where}, they were at {then[key]}"


def _run_of(checkpoint: Path) -> Path:
    """The run folder of a checkpoint; of a copy elsewhere, the folder that it lies in."""
    folder = checkpoint.parent
    return folder.parent if folder.name == "checkpoints" else folder


def _paths_then(run: Path) -> dict[str, list[str]]:
    """What `kept_paths` gave when the run was last active; empty where that is not known."""
    try:
        with (run / ENVIRONMENT).open("rb") as file:
            paths = json.loads(file.read(SIZE_LIMIT))["paths"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {key: pair for key, pair in paths.items() if _is_pair(pair)} if isinstance(paths, dict) else {}


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(path, str) and path for path in value)
