"""Sweeps that last, and what a sweep has left in its folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.support.command import checkpoints_of, rows_of
from tests.support.kills import SLOW_EPOCHS

WORKER = f"{SLOW_EPOCHS}\nfrom nnctl.sweeps.worker import main\nmain()"
SLOW_COMMAND = [
    sys.executable,
    "-c",
    "import sys; from nnctl.cli.main import main; from nnctl.sweeps.engines import local; "
    f"local.COMMAND = [sys.executable, '-P', '-c', {WORKER!r}]; main()",
]
"""`nnctl`, with the slow epochs of kills.py in its workers."""


def runs_in(sweep: Path) -> list[Path]:
    """The run folders of a sweep's trials."""
    return sorted(path for path in sweep.iterdir() if path.is_dir())


def results_in(sweep: Path) -> list[dict[str, Any]]:
    """What each trial's result.json says."""
    return [json.loads((run / "result.json").read_text()) for run in runs_in(sweep)]


def bytes_of(sweep: Path) -> dict[str, Any]:
    """All that a sweep must give again, by trial: config, checkpoints, rows without the clock, how it ended."""
    return {
        run.name: (
            (run / "config.yaml").read_bytes(),
            checkpoints_of(run),
            rows_of(run),
            json.loads((run / "result.json").read_text())["stopped"],
        )
        for run in runs_in(sweep)
    }
