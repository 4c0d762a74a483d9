"""A run that is resumed: where it is, what stopped it, what has changed since, and whether there is anything to do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from nnctl.config.run_config import RunConfig
from nnctl.data.batches import steps_per_epoch
from nnctl.model.checkpoint import Checkpoint, read_checkpoint
from nnctl.model.description import Description, checkpoint_errors, description_of
from nnctl.model.preparation import Prepared
from nnctl.model.whereabouts import located
from nnctl.text import counted
from nnctl.training.best_value import BestValue, early_value, must_stop, patience_of
from nnctl.training.changes import Changes, allowed_changes, notes_on_changes, refuse_changed_data
from nnctl.training.measured_share import MeasuredShare, measured_share
from nnctl.training.metrics_file import Row, read_rows
from nnctl.training.network_change import require_rows
from nnctl.training.result_file import read_result, status_of
from nnctl.training.run_folder import RunFolder


@dataclass(frozen=True)
class Resumption:
    """checkpoint: to go on from. early, measured: as early stopping and the schedule see the run from here on."""

    checkpoint: Checkpoint
    prepared: Prepared
    """With the network as rules have made it by now, and without weights to start with."""
    rows: list[Row]
    """Of the epochs that are done."""
    early: BestValue | None
    measured: MeasuredShare
    notes: tuple[str, ...]
    """What the user should know."""
    result: dict[str, Any] | None
    """result.json as it is where there is nothing to do; then nothing is to be written."""


def resumption(folder: RunFolder, prepared: Prepared) -> Resumption | None:
    """None where the folder has no checkpoint yet. Raises CheckpointError and DataError where the run cannot go on."""
    if not folder.last.exists():
        return None
    checkpoint = read_checkpoint(folder.last)
    description = description_of(checkpoint, folder.last)
    with checkpoint_errors(folder.last):
        then = located(_as_it_began(description), folder.last)
    now, counters = prepared.config, description.counters
    changes = allowed_changes(then, now, folder.path)
    refuse_changed_data(description.data, prepared.dataset.hashes, folder.path)
    early = _early(folder, now, description, changes)
    waits = early is not None and not early.is_good_enough and must_stop(now, early, counters.epoch)
    begins_anew = waits and any(not key.startswith("early_stopping") for key in changes)
    if begins_anew and early is not None:
        early = replace(early, epoch=counters.epoch)
    result = read_result(folder.path)
    is_of_now = result is not None and result.get("steps") == counters.step  # else a later process was killed
    status = status_of(result if is_of_now else None)
    if (counters.epoch >= now.epochs or must_stop(now, early, counters.epoch)) and status in ("finished", "early"):
        note = _nothing_to_do(folder, now, early, counters.epoch, status)
        return Resumption(checkpoint, prepared, [], early, MeasuredShare(now), (note,), result)
    rows = [row for row in read_rows(folder.path) if row["epoch"] <= counters.epoch]
    measured = measured_share(now, rows, counters.epoch, folder.path)
    require_rows(prepared, rows, counters.epoch, folder.path)
    steps = steps_per_epoch(len(prepared.dataset.train), now.effective_batch_size, now.data.drop_last)
    told = notes_on_changes(changes, then, now, counters.step, steps, rows)
    notes = [*_stopped(folder, description, then, status), *told]
    if begins_anew and early is not None:
        patience = f"it stops after {counted(patience_of(now), 'epoch')} without a better {early.monitor} from here"
        notes.append(f"early stopping begins anew: {patience}; a run in one go would have stopped")
    if description.dynamics is not None:
        with checkpoint_errors(folder.last):
            prepared = prepared.with_layers(located(description.config, folder.last).layers)
    prepared = replace(prepared, initialized_from=description.initialized_from, initial={})
    return Resumption(checkpoint, prepared, rows, early, measured, tuple(notes), None)


def _as_it_began(description: Description) -> dict[str, Any]:
    """The config, with the layers of the beginning."""
    changed = description.dynamics
    return description.config if changed is None else description.config | {"layers": changed.layers}


def _early(folder: RunFolder, config: RunConfig, description: Description, changes: Changes) -> BestValue | None:
    """As the checkpoint keeps it; where other settings need it, out of the rows."""
    early, kept = early_value(config), description.early
    if early is None:
        return None
    if kept is not None and not changes.keys() & {"early_stopping.monitor", "early_stopping.min_delta"}:
        early.value, early.epoch = kept.best, kept.epoch
        return early
    for row in read_rows(folder.path):
        if row["epoch"] <= description.counters.epoch:
            value = row.get(early.monitor)
            early.update(math.nan if value is None else value, row["epoch"])
    return early


def _stopped(folder: RunFolder, description: Description, config: RunConfig, status: str) -> Iterator[str]:
    """Why the run had ended before its last epoch."""
    epoch = description.counters.epoch
    if status == "early" and description.early is not None and config.early_stopping is not None:
        early = early_value(config)
        assert early is not None
        early.value, early.epoch = description.early.best, description.early.epoch
        yield f"{folder.path} had stopped early after epoch {epoch}: {_why(early, epoch)}"
    elif status == "pruned":
        yield f"{folder.path} had been pruned by its sweep after epoch {epoch}"


def _nothing_to_do(folder: RunFolder, config: RunConfig, early: BestValue | None, epoch: int, status: str) -> str:
    """Why, and what would go on."""
    help = [f"epochs={2 * max(epoch, config.epochs)}"]
    if must_stop(config, early, epoch) and early is not None and (status == "early" or epoch < config.epochs):
        why = f"stopped early after epoch {epoch}: {_why(early, epoch)}"
        if early.is_good_enough:
            help = [*(help if epoch >= config.epochs else []), "early_stopping.stopping_threshold=null"]
            return f"nothing to do: {folder.path} {why}; --resume with {' '.join(help)} goes on"
        if epoch < config.epochs:
            help.append(f"early_stopping.patience={2 * (epoch - early.epoch)}")
    elif status == "early":
        why = f"stopped early after epoch {epoch}"
    else:
        why = f"finished after {counted(epoch, 'epoch')}"
    return f"nothing to do: {folder.path} {why}; --resume with {' or '.join(help)} goes on"


def _why(early: BestValue, epoch: int) -> str:
    """Why a run stopped early after an epoch."""
    if early.is_good_enough:
        return f"{early.monitor} had reached {early.threshold:g}"
    return f"{early.monitor} was not better for {counted(epoch - early.epoch, 'epoch')}"
