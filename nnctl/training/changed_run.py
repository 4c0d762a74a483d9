"""Rules of `dynamics` change the network of a run between two epochs: a checkpoint becomes another one.

That is all a change is: the run goes on from the new checkpoint as a resumed one does, so that one that was killed
makes its changes again, to the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nnctl.config.rule import ChangeRow
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import NetworkRule
from nnctl.dynamics.structure import ByName, Structure, structure_in, tensors_of
from nnctl.kernels.device import Array
from nnctl.model.checkpoint import Checkpoint
from nnctl.model.preparation import Prepared
from nnctl.model.whereabouts import placeless_config
from nnctl.training.history import History


@dataclass(frozen=True)
class ChangedRun:
    """prepared: with the changed network. checkpoint: to go on from. words: what was done, a text a change."""

    prepared: Prepared
    checkpoint: Checkpoint
    words: tuple[str, ...]


def changed_run(
    prepared: Prepared, checkpoint: Checkpoint, history: History, epoch: int, due: Sequence[int]
) -> ChangedRun | None:
    """The run as these rules make it, one after the other; None where none of them has anything to change."""
    structure = structure_in(prepared, checkpoint.tensors)
    changes, aside, words, made = list(history.changes), dict(history.aside), [], []
    for number in due:
        rule, before = prepared.config.dynamics[number], structure.plan.parameters
        assert isinstance(rule, NetworkRule)
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
