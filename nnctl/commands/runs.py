"""`nnctl runs` as a function: the runs in a folder, and how their configs differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from nnctl.config.differences import ABSENT, differences
from nnctl.config.document import parse
from nnctl.config.text_file import read_text
from nnctl.errors import ConfigError, Problem, UsageError
from nnctl.metrics.measured import higher_is_better, since_pruned
from nnctl.metrics.metric import Metric
from nnctl.spec import OneOf
from nnctl.text import did_you_mean, listed
from nnctl.training.best_value import BestValue
from nnctl.training.metrics_file import Row, metrics_of, read_rows
from nnctl.training.result_file import read_result, status_of

_METRICS = TypeAdapter(list[Annotated[Metric, OneOf()]])


class DamagedError(Exception):
    """A run folder has a file that cannot be read."""


def runs(folder: str | Path = "runs", *, sort: str | None = None) -> dict[str, Any]:
    """The run folders in a folder (or the folder itself, where it is one), and the folders in it that hold runs.

    Of each run: status, epochs, the metrics of its best epoch, seconds of the last process, when it last wrote,
    parameters of its network, and of its config the keys in which the configs differ. sort: a metric, the best first;
    unset, the newest first. What cannot be read is left out, with a note. Raises UsageError.
    """
    outer = Path(folder)
    inside = _folders_in(outer)
    found: list[dict[str, Any]] = []
    configs: list[dict[str, Any]] = []
    notes: list[str] = []
    for path in [outer] if is_run(outer) else filter(is_run, inside):
        try:
            config = _config(path)
            found.append(_run(path, config))
            configs.append(config)
        except DamagedError as error:
            notes.append(f"{error}; this run is left out")
    groups = [{"folder": str(path), "runs": count} for path in inside if (count := _count(path))]
    if not found and not groups and not notes:
        help = "name the folder that has the run folders in it, or train a run: nnctl train CONFIG"
        raise UsageError(Problem("holds no runs", str(outer), help=help))
    with_config = [number for number, config in enumerate(configs) if config]
    differing = differences([configs[number] for number in with_config])
    for place, number in enumerate(with_config):
        own = {key: values[place] for key, values in differing.items()}
        found[number]["config"] = {key: value for key, value in own.items() if value is not ABSENT}
    return {
        "folder": str(outer),
        "sort": sort,
        "runs": _sorted(found, sort),
        "differences": list(differing),
        "folders": groups,
        "notes": notes,
    }


def is_run(folder: Path) -> bool:
    """Whether a folder is that of one run."""
    if (folder / "checkpoints").is_dir():
        return True
    return (folder / "config.yaml").is_file() and (folder / "metrics.jsonl").is_file()


def _folders_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.is_dir())
    except OSError as error:
        help = "name the folder of the runs, or train a run: nnctl train CONFIG"
        raise UsageError(Problem(f"cannot be listed: {error.strerror}", str(folder), help=help)) from None


def _count(folder: Path) -> int:
    """How many runs are in a folder that is none itself."""
    if is_run(folder):
        return 0
    try:
        return sum(map(is_run, _folders_in(folder)))
    except UsageError:
        return 0


def _config(path: Path) -> dict[str, Any]:
    """Its config as YAML has it; empty where the run ended before it was written. Raises DamagedError."""
    file = path / "config.yaml"
    if not file.exists():
        return {}
    try:
        document = parse(read_text(file), str(file))
    except ConfigError as error:
        raise DamagedError(f"{file}: {error.problems[0].what}") from None
    if document.problems or not isinstance(document.tree, dict):
        raise DamagedError(f"{file} is not a config")
    return document.tree


def _run(path: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Raises DamagedError."""
    for name in ("result.json", "metrics.jsonl"):
        if (path / name).exists() and not (path / name).is_file():
            raise DamagedError(f"{path / name} is not a file")
    result = read_result(path)
    if result is None and (path / "result.json").exists():
        raise DamagedError(f"{path / 'result.json'} cannot be read")
    status = status_of(result)
    rows = read_rows(path) if status in ("unfinished", "failed") else []  # else the result is of the last epoch
    known = result or {}
    epochs, metrics, seconds = known.get("epochs"), known.get("metrics"), known.get("seconds")
    if rows:
        own = _metrics(config)
        epochs, metrics = rows[-1]["epoch"], metrics_of(_best_row(rows, config.get("monitor"), own), own)
    if not isinstance(seconds, dict):
        seconds = {"total": sum(_number(row.get("seconds")) or 0.0 for row in rows)}
    return {
        "run": str(path),
        "name": path.absolute().name,
        "status": status,
        "epochs": _number(epochs) or 0,
        "metrics": {name: _number(value) for name, value in metrics.items()} if isinstance(metrics, dict) else {},
        "seconds": _number(seconds.get("total")) or 0.0,
        "when": _when(path),
        "parameters": _number(known.get("parameters")),
        "changes": len(changes) if isinstance(changes := known.get("changes"), list) else _changes_in(rows),
        "config": {},
    }


def _metrics(config: dict[str, Any]) -> list[Metric]:
    """Its metrics; none where this version does not know them."""
    try:
        return _METRICS.validate_python(config.get("metrics", []))
    except ValidationError:
        return []


def _best_row(rows: Sequence[Row], monitor: Any, metrics: Sequence[Metric]) -> Row:
    """The one that the run keeps as its best checkpoint."""
    name = monitor if isinstance(monitor, str) else "loss"
    rows = since_pruned(rows)
    best = BestValue(name, higher_is_better(name, metrics))
    best_row = rows[0]
    for row in rows:
        value = _number(row.get(name))
        if best.update(math.nan if value is None else value, row["epoch"]):
            best_row = row
    return best_row


def _changes_in(rows: Iterable[Row]) -> int:
    """How often rules have changed the network so far."""
    return sum(len(changes) for row in rows if isinstance(changes := row.get("changes"), list))


def _when(path: Path) -> str:
    """When the run last wrote, as ISO 8601 has it, in local time. Raises DamagedError."""
    files = [file for name in ("result.json", "metrics.jsonl", "config.yaml") if (file := path / name).exists()]
    try:
        modified = max(file.stat().st_mtime for file in files or [path])
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror}") from None
    return datetime.fromtimestamp(modified).astimezone().isoformat(timespec="milliseconds")


def _sorted(found: list[dict[str, Any]], metric: str | None) -> list[dict[str, Any]]:
    if metric is None:
        return sorted(found, key=lambda run: datetime.fromisoformat(run["when"]), reverse=True)
    known = list(dict.fromkeys(name for run in found for name in run["metrics"]))
    if metric not in known:
        there = f"there are: {listed(known)}" if known else "none of them has measured anything yet"
        raise UsageError(f"--sort {metric}: no run here has this metric", help=did_you_mean(metric, known) or there)
    sign = -1 if higher_is_better(metric) else 1
    measured = [run for run in found if run["metrics"].get(metric) is not None]
    others = [run for run in found if run["metrics"].get(metric) is None]
    return [*sorted(measured, key=lambda run: sign * run["metrics"][metric]), *others]


def _number(value: Any) -> Any:
    """A finite number; None for anything else."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None
