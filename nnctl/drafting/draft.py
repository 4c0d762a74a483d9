"""A table in, the text of a commented config out."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnctl.data.table.header import help_for_header, help_for_name
from nnctl.data.table.table import Table
from nnctl.data.table.telling import telling
from nnctl.drafting.column_profile import ColumnProfile, profiles_of
from nnctl.drafting.hyperparameters import Hyperparameters, hyperparameters_for
from nnctl.drafting.task import Task, task_of
from nnctl.drafting.writing import as_comment, inline, run_name
from nnctl.errors import DataError, Problem, UsageError
from nnctl.text import counted, listed, shortened

LEAST_TO_SPLIT = 50  # rows; a tenth of fewer measures nothing


@dataclass(frozen=True)
class Draft:
    """A config, and what it was drafted from."""

    text: str
    """The YAML."""
    profiles: list[ColumnProfile]
    task: Task
    id: str
    """The column that names the rows; empty where there is none."""


def draft(
    table: Table,
    targets: Sequence[str],
    source: str,
    reading: Mapping[str, Any] | None = None,
    unreadable: Sequence[str] = (),
) -> Draft:
    """A config that predicts the targets from the other columns.

    source: the table's path as the config is to name it. reading: the keys of `data` that say how the file is to be
    read. unreadable: columns of the file that the table has not. Raises UsageError for targets that the table does not
    have, DataError for a table that nothing can be learnt from.
    """
    require_targets(table.names, targets)
    table, without = _rows_with(table, targets)
    rare = hyperparameters_for(round(len(table) * 0.81)).rare
    found = profiles_of(table, targets, rare)
    task = task_of(table, targets, without)
    split = len(table) >= LEAST_TO_SPLIT
    group = _group_in(table, targets, found, task) if split else ""
    found = [replace(profile, omitted=_named(profile)) if profile.name == group else profile for profile in found]
    inputs = [profile for profile in found if profile.name not in targets and not profile.omitted]
    if not inputs:
        raise _nothing_to_predict_from(table, found)
    id = next((profile for profile in found if profile.names_rows), None)
    hyperparameters = hyperparameters_for(round(len(table) * 0.81) if split else len(table))
    lines = [
        *_head(table, targets, source),
        *_data(targets, source, task, without),
        *(f"  # {as_comment(note)}" for note in table.notes),
        *(f"  {key}: {inline(value)}" for key, value in (reading or {}).items()),
        *_left_out(found, id, unreadable),
        *_columns(targets, found, task),
        *_preparation(inputs, task, hyperparameters),
        *_splits(split, group),
        *_network(task, hyperparameters),
        *_training(task, hyperparameters, split),
    ]
    return Draft("\n".join(lines) + "\n", found, task, "" if id is None else id.name)


def require_targets(names: Sequence[str], targets: Sequence[str]) -> None:
    """Refuse targets that are missing, unknown or named twice. Raises UsageError."""
    every = listed(map(shortened, names), 100)
    if not targets:
        help = f"add --target COLUMN; the columns are {every}"
        raise UsageError("--target does not say which column is to be predicted", help=help)
    for position, target in enumerate(targets):
        if target not in names:
            parts = [part.strip() for part in target.split(",")]
            several = " ".join(f"--target {shlex.quote(part)}" for part in parts) if {*parts} <= {*names} else ""
            close = f"for several targets write {several}" if several else help_for_name(target, names)
            help = help_for_header(names) or close or f"choose one of: {every}"
            raise UsageError(f"the table has no column {target}", help=help)
        if target in targets[:position]:
            raise UsageError(f"--target names {target} twice", help="name each column once")


def _rows_with(table: Table, targets: Sequence[str]) -> tuple[Table, int]:
    """The rows that have all targets, and how many have not."""
    without = np.any([table[name].missing for name in targets], axis=0)
    count = int(without.sum())
    if count == len(table):
        what = f"column {targets[0]}, the target, has no value in any of the {len(table):,} rows"
        raise DataError(Problem(what, file=table.origin, help="is it the right column?"))
    if len(table) - count == 1:
        what = f"one row alone has a value of {listed(targets)}" if count else "has one row alone"
        raise DataError(Problem(what, file=table.origin, help="two or more are needed to learn from"))
    return (table.take(np.flatnonzero(~without)) if count else table), count


def _head(table: Table, targets: Sequence[str], source: str) -> list[str]:
    what = as_comment(f"{', '.join(targets)} from the other columns: {len(table):,} rows, drafted by nnctl init")
    return [f"# {what}", f"name: {inline(run_name(source, 'table'))}", "seed: 0"]


def _nothing_to_predict_from(table: Table, found: list[ColumnProfile]) -> DataError:
    why = listed(f"{profile.name} ({profile.omitted})" for profile in found if profile.omitted)
    what = "no column is left to predict from" + (f": {why}" if why else "")
    help = "add columns that tell something about the target"
    if any(profile.remark for profile in found):
        help = "where the words among numbers mean missing, add --missing WORD for each; else " + help
    return DataError(Problem(what, file=table.origin, help=help))


def _data(targets: Sequence[str], source: str, task: Task, without: int) -> list[str]:
    target = inline(targets[0] if len(targets) == 1 else list(targets))
    about = task.about + (f"; {counted(without, 'row')} without it left out" if without else "")
    return ["data:", f"  source: {inline(source)}", f"  target: {target} # {as_comment(about)}"]


def _left_out(found: list[ColumnProfile], id: ColumnProfile | None, unreadable: Sequence[str]) -> list[str]:
    omitted = [profile for profile in found if profile.omitted and profile is not id]
    lines = [f"      - {inline(profile.name)} # {profile.omitted}" for profile in omitted]
    lines += [f"      - {inline(name)} # neither numbers nor text" for name in unreadable]
    if lines:
        lines = ["  features:", "    exclude: # nothing can be learnt from these", *lines]
    if id is not None:
        lines += [f"  id: {inline(id.name)} # {id.omitted}: not an input; it is copied to predictions"]
    return lines


def _columns(targets: Sequence[str], found: list[ColumnProfile], task: Task) -> list[str]:
    lines = ["  columns: # as inferred; say it if one is something else: number, category, yes_no, date"]
    for profile in found:
        settings = profile.settings
        is_target = profile.name in targets
        if is_target and task.numbered:
            settings = {"type": "category"}
        if not profile.omitted:
            written = settings["type"] if len(settings) == 1 else settings
            lines.append(f"    {inline(profile.name)}: {inline(written)}{'' if is_target else _remark(profile)}")
    return lines


def _preparation(inputs: list[ColumnProfile], task: Task, hyperparameters: Hyperparameters) -> list[str]:
    lines = []
    if any(profile.kind != "category" for profile in inputs):
        lines += ["  numbers: {missing: median, indicator: true, scale: standard}"]
    if any(profile.kind == "category" for profile in inputs):
        rare = hyperparameters.rare
        comment = f" # fewer than {rare} samples are one category, rare" if rare > 1 else ""
        lines += [f"  categories: {{rare: {rare}, missing: own}}{comment}"]
    if task.transform:
        lines += [f"  target_transform: {inline(list(task.transform))} # undone in predictions and metrics"]
    return lines


def _group_in(table: Table, targets: Sequence[str], found: list[ColumnProfile], task: Task) -> str:
    """The column that names what rows belong to, of several the one with the fewest values; empty where there is none.

    One that is the only input names nothing, nor does one whose order tells the target.
    """
    profiles = {profile.name: profile for profile in found if profile.name not in targets and not profile.names_rows}
    columns, rows = [table[name] for name in profiles], np.arange(len(table))
    counts: dict[str, int] = {}
    for name in targets:
        tell = telling(columns, rows, table[name].values, are_classes=not task.transform)
        ordered = {column.name for column in tell.by_order}
        counts |= {group: count for group, count in tell.groups.items() if group not in ordered}
    group = min(counts, key=lambda name: counts[name], default="")
    others = (profile for name, profile in profiles.items() if name != group)
    return group if any(not profile.omitted for profile in others) else ""


def _named(profile: ColumnProfile) -> str:
    return f"names what rows belong to, in {profile.distinct:,} groups"


def _splits(split: bool, group: str) -> list[str]:
    if not split:
        return ["  # validation, test: too few rows to keep some of them back"]
    part, together = "0.1", ""
    if group:
        part, together = f"{{column: {inline(group)}, share: 0.1}}", "; rows of one value stay together"
    return [
        f"  validation: {part} # measured after every epoch, never trained on{as_comment(together)}",
        f"  test: {part} # kept for nnctl eval",
    ]


def _network(task: Task, hyperparameters: Hyperparameters) -> list[str]:
    hidden = [
        f"  - {{type: linear, out_features: {hyperparameters.width}, activation: silu}}",
        f"  - {{type: dropout, p: {hyperparameters.dropout}}}",
    ]
    each = "a class" if task.loss == "cross_entropy" else "a target"
    return ["layers:", *hidden, *hidden, f"  - {{type: linear, out_features: {task.outputs}}} # one {each}"]


def _training(task: Task, hyperparameters: Hyperparameters, split: bool) -> list[str]:
    lines = [
        f"loss: {task.loss}",
        f"optimizer: {{type: adamw, weight_decay: {hyperparameters.weight_decay}}}",
        f"learning_rate: {hyperparameters.learning_rate}",
        "schedule: cosine",
        f"batch_size: {hyperparameters.batch_size}",
        f"epochs: {hyperparameters.epochs}",
        "clip_norm: 1.0",
    ]
    if split:
        lines += [f"early_stopping: {{monitor: val_loss, patience: {hyperparameters.patience}}}"]
    return [*lines, f"metrics: {inline(list(task.metrics))}"]


def _remark(profile: ColumnProfile) -> str:
    remarks = [f"{profile.distinct:,} different"] if profile.kind == "category" else []
    remarks += [f"{profile.missing:,} missing"] if profile.missing else []
    remarks += [profile.remark] if profile.remark else []
    return f" # {as_comment(', '.join(remarks))}" if remarks else ""
