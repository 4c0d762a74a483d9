"""What a Dask worker does for a sweep: functions that DaskEngine calls there by their names."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nnctl import __version__
from nnctl.files import to_json, write_atomically
from nnctl.sweeps.engines.engine import Ended
from nnctl.training.stop_signal import Stop

TOKEN = ".engine"  # a file in the sweep's folder with the name of the engine: who reads it there sees the folder
LAST_LINES = 12  # of what is known of a bug
# what a run folder may hold, in the order of writing: cut short at any place, the run can be continued from there
FILES = (
    "config.yaml",
    "environment.json",
    "metrics.jsonl",
    "checkpoints/best.safetensors",
    "checkpoints/last.safetensors",
    "result.json",
)

_begun: dict[str, Stop] = {}  # all trials that ever were in this process, by their keys in Dask
_stopped: set[str] = set()  # the engines whose trials shall end


def version() -> str:
    """Of the nnctl that is here."""
    return __version__


def sees(folder: str, engine: str) -> bool:
    """Whether the sweep's folder here is that of the engine."""
    return _content(Path(folder) / TOKEN) == engine.encode()


def stop(engine: str) -> list[str]:
    """Ask the engine's trials to end; none begins any more. Returns the keys of those that have begun here."""
    _stopped.add(engine)
    begun = {key: trial for key, trial in list(_begun.items()) if key.startswith(engine)}
    for trial in begun.values():
        trial.asked = "signal"
    return list(begun)


def train(folder: str, order: dict[str, Any]) -> dict[str, Any]:
    """Run a trial in its folder, or elsewhere where that is not to be seen; then its files are in the answer.

    order: engine, its name. version: of the sweep's nnctl. task: for `run_trial`. files: as `read_files` gives them.
    The answer has `how`, `error` and `reason` of `Ended`.
    """
    from distributed import get_worker

    from nnctl.sweeps.work import run_trial

    if order["version"] != __version__:
        return {"how": "lost", "reason": f"a Dask worker has nnctl {__version__}, the sweep has {order['version']}"}
    worker = get_worker()
    task = order["task"] | {"threads": order["task"]["threads"] or worker.state.nthreads}
    asked = _begun[worker.get_current_task()] = Stop()
    if order["engine"] in _stopped:
        return {"how": "stopped", "error": None, "reason": ""}
    try:
        if sees(str(Path(folder).parent), order["engine"]):
            return _answer(run_trial(Path(folder), task, asked))
        with TemporaryDirectory(dir=worker.local_directory) as room:
            place = Path(room) / Path(folder).name
            write_files(place, order["files"])
            ended = run_trial(place, task, asked, Path(folder))
            files = read_files(place)
            error = json.loads(_moved(to_json(ended.error).encode(), place, folder))
            if "result.json" in files:
                files["result.json"] = _moved(files["result.json"], place, folder)
            return _answer(ended) | {"error": error, "files": files}
    except Exception:
        lines = traceback.format_exc().splitlines()[-LAST_LINES:]
        return {"how": "lost", "reason": "\n".join(["a bug ended it", *lines])}


def read_files(run: Path) -> dict[str, bytes]:
    """The files of a run folder that are there, by their names."""
    contents = {name: _content(run / name) for name in FILES}
    return {name: content for name, content in contents.items() if content is not None}


def write_files(run: Path, files: dict[str, bytes]) -> None:
    """Write what `read_files` gave; other names are left out."""
    for name in FILES:
        if name in files:
            (run / name).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(run / name, files[name])


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _answer(ended: Ended) -> dict[str, Any]:
    return {"how": ended.how, "error": ended.error, "reason": ended.reason}


def _moved(text: bytes, place: Path, folder: str) -> bytes:
    """JSON that names the run's true folder instead of the one where it was done."""
    return text.replace(json.dumps(str(place))[1:-1].encode(), json.dumps(folder)[1:-1].encode())
