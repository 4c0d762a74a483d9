"""Rules of `dynamics` change the network of a run between two epochs: a checkpoint becomes another one.

That is all a change is: the run goes on from the new checkpoint as a resumed one does, so that one that was killed
makes its changes again, to the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from nnctl.dynamics.moment import ChangeRow, Moment
from nnctl.dynamics.rule import NetworkRule
from nnctl.dynamics.structure import ByName, Structure, structure_in, tensors_of
from nnctl.errors import CheckpointError, Problem
from nnctl.kernels.device import Array
from nnctl.metrics.measured import higher_is_better
from nnctl.model.checkpoint import Checkpoint
from nnctl.model.preparation import Prepared
from nnctl.model.whereabouts import placeless_config
from nnctl.text import counted, listed
from nnctl.training.best_value import BestValue
from nnctl.training.history import History
from nnctl.training.metrics_file import NAME, Row


@dataclass(frozen=True)
class ChangedRun:
    """prepared: with the changed network. checkpoint: to go on from. words: what was done, a text a change."""

    prepared: Prepared
    checkpoint: Checkpoint
    words: tuple[str, ...]


def due_rules(prepared: Prepared, history: History, rows: Sequence[Row], epoch: int) -> list[int]:
    """The positions in `dynamics` of the rules that act after this epoch, which were not asked yet. rows: up to it."""
    if history.asked >= epoch:
        return []
    last = history.changes[-1] if history.changes else {}

    def stalls(rule: NetworkRule) -> bool:
        since = max(history.last_change, rule.begin - 1)
        monitor = rule.monitor or "loss"
        best = BestValue(monitor, higher_is_better(monitor, prepared.config.metrics), rule.min_delta)
        for row in rows:
            if row["epoch"] > since:
                value = row.get(monitor)
                best.update(np.nan if value is None or not np.isfinite(value) else value, row["epoch"])
        return rule.patience is not None and epoch - max(best.epoch, since) >= rule.patience

    due = []
    for number, rule in _rules(prepared):
        if "until" in last and last["rule"] != number:
            continue  # while units are away, the rule that put them aside is alone
        own = [row for row in history.changes if row["rule"] == number]
        if rule.is_due(epoch, own, partial(stalls, rule)):
            due.append(number)
    return due


def require_rows(prepared: Prepared, rows: Sequence[Row], epochs: int, folder: Path) -> None:
    """Raise CheckpointError where a rule waits for a number to stall, and rows of these epochs do not have it."""
    for number, rule in _rules(prepared):
        if rule.patience is not None:
            known = {row["epoch"] for row in rows if rule.monitor in row}
            missing = [str(epoch) for epoch in range(1, epochs + 1) if epoch not in known]
            if missing:
                what = f"has no {rule.monitor} of epoch{'s'[: len(missing) > 1]} {listed(missing)}"
                help = "bring the file back, or start a new run without --resume"
                problem = Problem(f"{what}, from which dynamics.{number} goes on", str(folder / NAME), help=help)
                raise CheckpointError(problem)


def changed_run(
    prepared: Prepared, checkpoint: Checkpoint, history: History, epoch: int, due: Sequence[int]
) -> ChangedRun | None:
    """The run as these rules make it, one after the other; None where none of them has anything to change."""
    rules = dict(_rules(prepared))
    structure = structure_in(prepared, checkpoint.tensors)
    changes, aside, words, made = list(history.changes), dict(history.aside), [], []
    for number in due:
        rule, before = rules[number], structure.plan.parameters
        moment = Moment(prepared.with_layers(structure.layers), epoch, number, tuple(changes), aside)
        change = rule.change(structure, moment)
        if change is None:
            continue
        structure, aside = _in_precision(change.structure, prepared), moment.aside
        parameters = [before, structure.plan.parameters]
        row: ChangeRow = {"epoch": epoch, "rule": number, "type": getattr(rule, rule.tag), "parameters": parameters}
        if rule.makes_smaller:
            row["best_anew"] = True
        if change.inserted is not None:
            row["inserted"] = change.inserted
        changes.append(row | change.facts)
        words.append(f"after epoch {epoch:,} {change.words}: {parameters[1]:,} parameters, {parameters[0]:,} before")
        made.append(rule)
    if not made:
        return None
    prepared = prepared.with_layers(structure.layers)
    now = History(history.layers, epoch, changes, aside)
    description = checkpoint.description | {"config": placeless_config(prepared.config), "dynamics": now.to_json()}
    if any(rule.makes_smaller for rule in made):
        description |= {"best": {"best": None, "epoch": 0}, "threshold": None, "temperature": None}
    if description["early"] is not None:
        early = description["early"] if description["best"]["best"] is not None else {"best": None}
        description["early"] = early | {"epoch": epoch}
    kept = Checkpoint(tensors_of(structure) | now.tensors(), description)
    return ChangedRun(prepared, kept, tuple(words))


def changes_before(history: History, epoch: int) -> list[ChangeRow]:
    """Those that were made just before this epoch, as its row has them."""
    return [row for row in history.changes if row["epoch"] == epoch - 1]


def notes_on_growth(history: History) -> Iterator[str]:
    """What to tell of all changes at the end of a run."""
    if history.changes:
        first, last = history.changes[0]["parameters"][0], history.changes[-1]["parameters"][1]
        times = counted(len(history.changes), "time")
        yield f"the network changed {times}: it began with {first:,} parameters, and ends with {last:,}"


def _rules(prepared: Prepared) -> Iterator[tuple[int, NetworkRule]]:
    for number, rule in enumerate(prepared.config.dynamics):
        assert isinstance(rule, NetworkRule)
        yield number, rule


def _in_precision(structure: Structure, prepared: Prepared) -> Structure:
    """Its arrays as the run computes with them."""
    dtype = np.dtype(prepared.config.precision)

    def cast(arrays: ByName) -> dict[str, Array]:
        return {
            name: np.ascontiguousarray(array, dtype if np.issubdtype(array.dtype, np.floating) else None)
            for name, array in arrays.items()
        }

    slots = {name: cast(numbers) for name, numbers in structure.slots.items()}
    return replace(structure, arrays=cast(structure.arrays), slots=slots)
