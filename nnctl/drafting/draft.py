"""A table in, the text of a commented config out."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from nnctl.config.dumper import Dumper
from nnctl.data.table.table import Table
from nnctl.drafting.aim import Aim, aim_of
from nnctl.drafting.findings import Finding, findings
from nnctl.drafting.recipe import Recipe, recipe_for
from nnctl.errors import DataError, Problem, UsageError
from nnctl.text import did_you_mean, listed

LEAST_TO_SPLIT = 50  # rows; a tenth of fewer measures nothing


@dataclass(frozen=True)
class Draft:
    """A config. text: the YAML. findings: what each column is. aim: what is predicted. id: the column, or empty."""

    text: str
    findings: list[Finding]
    aim: Aim
    id: str


def draft(table: Table, targets: Sequence[str], source: str) -> Draft:
    """A config that predicts the targets from the other columns.

    source: the table's path as the config is to name it. Raises UsageError for targets that the table does not have,
    DataError for a table that nothing can be learnt from.
    """
    require_targets(table.names, targets)
    found = findings(table, targets)
    aim = aim_of(table, targets)
    inputs = [finding for finding in found if finding.name not in targets and not finding.omitted]
    if not inputs:
        raise _nothing_to_predict_from(table, found)
    id = next((finding for finding in found if finding.names_rows), None)
    split = len(table) >= LEAST_TO_SPLIT
    recipe = recipe_for(round(len(table) * 0.81) if split else len(table))
    lines = [
        *_head(table, targets, source),
        *_data(targets, source, aim),
        *_left_out(found, id),
        *_columns(targets, inputs, aim),
        *_preparation(inputs, aim, recipe),
        *_splits(split),
        *_network(aim, recipe),
        *_training(aim, recipe, split),
    ]
    return Draft("\n".join(lines) + "\n", found, aim, "" if id is None else id.name)


def require_targets(names: Sequence[str], targets: Sequence[str]) -> None:
    """Refuse targets that are missing, unknown or named twice. Raises UsageError."""
    if not targets:
        help = f"add --target COLUMN; the columns are {listed(names, 100)}"
        raise UsageError("--target does not say which column is to be predicted", help=help)
    for position, target in enumerate(targets):
        if target not in names:
            help = did_you_mean(target, names) or f"choose one of: {listed(names, 100)}"
            raise UsageError(f"the table has no column {target}", help=help)
        if target in targets[:position]:
            raise UsageError(f"--target names {target} twice", help="name each column once")


def _head(table: Table, targets: Sequence[str], source: str) -> list[str]:
    stem = re.split(r"[/\\]", source)[-1].partition(".")[0]
    name = re.sub(r"[^\w-]+", "-", stem).strip("-_") or "table"
    what = _comment(f"{', '.join(targets)} from the other columns: {len(table):,} rows, drafted by nnctl init")
    return [f"# {what}", f"name: {_yaml(name[:100])}", "seed: 0"]


def _nothing_to_predict_from(table: Table, found: list[Finding]) -> DataError:
    why = listed(f"{finding.name} ({finding.omitted})" for finding in found if finding.omitted)
    what = "no column is left to predict from" + (f": {why}" if why else "")
    return DataError(Problem(what, file=table.origin, help="add columns that tell something about the target"))


def _data(targets: Sequence[str], source: str, aim: Aim) -> list[str]:
    target = _yaml(targets[0] if len(targets) == 1 else list(targets))
    return ["data:", f"  source: {_yaml(source)}", f"  target: {target} # {_comment(aim.about)}"]


def _left_out(found: list[Finding], id: Finding | None) -> list[str]:
    omitted = [finding for finding in found if finding.omitted and finding is not id]
    lines = [f"      - {_yaml(finding.name)} # {finding.omitted}" for finding in omitted]
    if lines:
        lines = ["  features:", "    exclude: # nothing can be learnt from these", *lines]
    if id is not None:
        lines += [f"  id: {_yaml(id.name)} # {id.omitted}: not an input; it is copied to predictions"]
    return lines


def _columns(targets: Sequence[str], inputs: list[Finding], aim: Aim) -> list[str]:
    lines = ["  columns: # as inferred; say it if one is something else: number, category, yes_no, date"]
    if aim.numbered:
        lines += [f"    {_yaml(targets[0])}: category"]
    return lines + [f"    {_yaml(finding.name)}: {finding.kind}{_remark(finding)}" for finding in inputs]


def _preparation(inputs: list[Finding], aim: Aim, recipe: Recipe) -> list[str]:
    lines = []
    if any(finding.kind != "category" for finding in inputs):
        lines += ["  numbers: {missing: median, indicator: true, scale: standard}"]
    if any(finding.kind == "category" for finding in inputs):
        rare = f" # fewer than {recipe.rare} samples are one category, rare" if recipe.rare > 1 else ""
        lines += [f"  categories: {{rare: {recipe.rare}, missing: own}}{rare}"]
    if aim.transform:
        lines += [f"  target_transform: {_yaml(list(aim.transform))} # undone in predictions and metrics"]
    return lines


def _splits(split: bool) -> list[str]:
    if not split:
        return ["  # validation, test: too few rows to keep some of them back"]
    return ["  validation: 0.1 # measured after every epoch, never trained on", "  test: 0.1 # kept for nnctl eval"]


def _network(aim: Aim, recipe: Recipe) -> list[str]:
    hidden = [
        f"  - {{type: linear, out_features: {recipe.width}, activation: silu}}",
        f"  - {{type: dropout, p: {recipe.dropout}}}",
    ]
    each = "a class" if aim.loss == "cross_entropy" else "a target"
    return ["layers:", *hidden, *hidden, f"  - {{type: linear, out_features: {aim.outputs}}} # one {each}"]


def _training(aim: Aim, recipe: Recipe, split: bool) -> list[str]:
    lines = [
        f"loss: {aim.loss}",
        f"optimizer: {{type: adamw, weight_decay: {recipe.weight_decay}}}",
        f"learning_rate: {recipe.learning_rate}",
        "schedule: cosine",
        f"batch_size: {recipe.batch_size}",
        f"epochs: {recipe.epochs}",
        "clip_norm: 1.0",
    ]
    if split:
        lines += [f"early_stopping: {{monitor: val_loss, patience: {recipe.patience}}}"]
    return [*lines, f"metrics: {_yaml(list(aim.metrics))}"]


def _remark(finding: Finding) -> str:
    remarks = [f"{finding.distinct:,} different"] if finding.kind == "category" else []
    remarks += [f"{finding.missing:,} missing"] if finding.missing else []
    return f" # {', '.join(remarks)}" if remarks else ""


def _yaml(value: str | list[str]) -> str:
    """On one line, as it can stand after a key, as a key, or in a list."""
    text = yaml.dump([value], Dumper=Dumper, allow_unicode=True, default_flow_style=True, width=math.inf).strip()
    return text[1:-1]


def _comment(text: str) -> str:
    """Names of columns can hold anything; a comment is one line."""
    return "".join(char if char.isprintable() else " " for char in text)
