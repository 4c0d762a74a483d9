"""A trial: one run of a combination, in a folder named by a hash of its config."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnctl.config.load import config_to_json, settings_of
from nnctl.config.run_config import RunConfig
from nnctl.data.hashes import changed_files, identity
from nnctl.errors import DataError, Problem
from nnctl.sweeps.combination import Combination, SweepMetric
from nnctl.sweeps.record import TrialRecord
from nnctl.training.metrics_file import read_last_row
from nnctl.training.result_file import Status, read_result, status_of

DIGITS = 12  # of the hash: two of ten thousand trials have the same once in five million sweeps


@dataclass(frozen=True)
class Trial:
    """number: from 1. position: of its combination, from 0. config: with its own seed. folder: its run folder."""

    number: int
    position: int
    combination: Combination
    config: dict[str, Any]
    folder: Path

    def record(self, metric: SweepMetric, status: Status | None = None) -> TrialRecord:
        """What its run folder says. status: unset, what the folder says; else what is known better."""
        seed, parameters = self.config["seed"], self.combination.parameters
        return read_record(self.folder, metric, self.number, self.position, seed, parameters, status)

    def is_final(self) -> bool:
        """Whether it need not run: it has ended, or failed in a way that it would fail in again."""
        result = read_result(self.folder)
        if status_of(result) == "failed":
            return ((result or {}).get("error") or {}).get("kind") == "diverged"
        return status_of(result) != "unfinished"

    def refuse_changed_data(self) -> None:
        """Raise DataError where it was trained on other data than there is now."""
        try:
            then = json.loads((self.folder / "environment.json").read_text())["data"]
        except (OSError, ValueError, KeyError):
            return
        now = self.combination.hashes
        changed = changed_files(then, now)
        if changed:
            what = f"the data changed since this trial was run: {', '.join(changed)}"
            help = "bring the old files back, or start another sweep with --run DIR"
            raise DataError(Problem(what, str(self.folder), help=help))


def new_trial(number: int, position: int, combination: Combination, seed: int, sweep: Path) -> Trial:
    """seed: is added to the config's. sweep: the folder of all trials."""
    config = combination.config.model_copy(update={"seed": combination.config.seed + seed})
    return Trial(number, position, combination, config_to_json(config), sweep / trial_name(config, combination))


def trial_name(config: RunConfig, combination: Combination) -> str:
    """The name of a trial's folder: the same for the same resolved config, wherever the data lie.

    Where the sweep tries several data sets, what they hold is part of it; else other data are refused. So are the
    weights that the run starts from, where there are any.
    """
    data = identity(combination.hashes) if combination.chooses_data else []
    weights = [combination.weights] if combination.weights else []
    text = json.dumps([settings_of(config), data, *weights], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def read_record(
    folder: Path,
    metric: SweepMetric,
    number: int,
    combination: int,
    seed: int,
    parameters: dict[str, Any],
    status: Status | None = None,
) -> TrialRecord:
    """What the run folder of a trial says. status: unset, what the folder says; else what is known better."""
    result = read_result(folder) or {}
    metrics = result.get("metrics") or {}
    value = metrics.get(metric.name)
    last = read_last_row(folder)
    return TrialRecord(
        number=number,
        combination=combination,
        seed=seed,
        folder=folder,
        parameters=parameters,
        status=status or status_of(result or None),
        value=value if isinstance(value, int | float) else None,
        metrics=metrics,
        epochs=last["epoch"] if last else 0,
        seconds=(result.get("seconds") or {}).get("total", 0.0),
        error=_error(result),
    )


def _error(result: dict[str, Any]) -> str:
    """What is wrong with a failed trial, in words."""
    problems = (result.get("error") or {}).get("problems") or []
    return "; ".join(
        ": ".join(str(part) for part in (problem.get("path"), problem.get("what")) if part) for problem in problems
    )
