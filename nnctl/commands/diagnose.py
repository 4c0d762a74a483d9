"""`nnctl diagnose` as a function: what the numbers of a run say is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnctl.commands.runs import is_run
from nnctl.config.load import load_config
from nnctl.config.run_config import RunConfig
from nnctl.diagnoses.diagnosis import diagnose as findings_of
from nnctl.diagnoses.record import Ended, RunRecord
from nnctl.errors import Problem, UsageError
from nnctl.text import typed
from nnctl.training import diagnostics_file
from nnctl.training.metrics_file import read_rows
from nnctl.training.result_file import read_result, status_of

MOST_NAMED = 3  # runs, where a folder of several is asked for


def diagnose(run: str | Path) -> dict[str, Any]:
    """What the verdict at the end of a run says, again, with the numbers that it is read from.

    run: a run folder, whose data are not needed. status: as `nnctl runs` has it, or `diverged`. diagnoses: the worst
    first. losses: by name, `loss` and `val_loss` of each epoch. layers: the last measurements of each, with its type.
    notes: what could not be looked at. Raises UsageError and ConfigError.
    """
    folder = Path(run)
    _require_run(folder)
    config = load_config(folder / "config.yaml").config
    rows, diagnostics = read_rows(folder), diagnostics_file.read_rows(folder)
    result = read_result(folder)
    status = status_of(result)
    ended: Ended = status if status in ("finished", "early", "pruned") else "signal"
    record = RunRecord.of(config, rows, diagnostics, ended)
    return {
        "run": str(folder),
        "status": "diverged" if record.ended == "diverged" else status,
        "epochs": record.epochs,
        "best_epoch": None if record.best is None else record.best["epoch"],
        "diagnoses": [finding.to_json() for finding in findings_of(record)],
        "losses": {name: [row.get(name) for row in rows] for name in ("loss", "val_loss") if rows and name in rows[0]},
        "layers": _layers(record),
        "notes": _notes(folder, config, record),
    }


def _layers(record: RunRecord) -> list[dict[str, Any]]:
    last = record.measured[-1]["layers"] if record.measured else {}
    return [{"name": name, "type": record.kind(name), **measured} for name, measured in last.items()]


def _notes(folder: Path, config: RunConfig, record: RunRecord) -> list[str]:
    if record.measured:
        return []
    why = "diagnostics is false in its config" if not config.diagnostics else "it has no whole diagnostics.jsonl"
    return [f"{folder} has no measurements of its layers ({why}): only its losses are looked at"]


def _require_run(folder: Path) -> None:
    """Raise UsageError for what is no folder of a single run."""
    if not folder.is_dir():
        help = "name a run folder, or see which there are: nnctl runs"
        raise UsageError(Problem("is not a folder" if folder.exists() else "does not exist", str(folder), help=help))
    if (folder / "config.yaml").is_file() and is_run(folder):
        return
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and is_run(path))
    if inside:
        what = f"holds {len(inside):,} runs" if len(inside) > 1 else "holds a run"
        named = ", ".join(typed("diagnose", path) for path in inside[:MOST_NAMED])
        more = f", … ({typed('runs', folder)} lists all)" if len(inside) > MOST_NAMED else ""
        raise UsageError(Problem(what, str(folder), help=f"diagnose one of them: {named}{more}"))
    help = "name a run folder, or see which there are: nnctl runs"
    raise UsageError(Problem("is not a run folder", str(folder), help=help))
