"""`nnctl check` as a function: everything but the training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nnctl.commands.picture_sheet import refuse_file
from nnctl.config.load import load_config
from nnctl.data.describe import describe
from nnctl.files import write_atomically
from nnctl.model.preparation import Prepared, prepare

OPTION = "--pictures"


def check(
    config: str | Path,
    overrides: Sequence[str] = (),
    *,
    pictures: str | Path | None = None,
    deep: bool = False,
) -> dict[str, Any]:
    """What training would do: layers with shapes, parameters and multiply-adds, memory, and the data examined.

    layers: those inside a layer follow it, and its counts include theirs; depth is how many layers hold it. trainable:
    of the parameters, those that are not frozen.
    memory: bytes, without the data. multiply_adds: of the forward pass of one sample. effective_batch_size: samples a
    step, which are those of several batches where gradients are accumulated.
    dynamics: of each rule that changes the network, when it acts, and what it does, in words.
    pictures: a PNG file to write, with some training samples as they are and as training augments them, where samples
    are images.
    deep: look at the first steps as well, for what would keep the network from learning. findings: what there is, each
    {"name":, "where":, "evidence":, "remedy":}; null without `deep`.
    Raises ConfigError, DataError, UsageError, StorageError.
    """
    file = None if pictures is None else Path(pictures)
    if file is not None:
        refuse_file(file, OPTION)
    prepared = prepare(load_config(config, overrides))
    notes = [*prepared.notes, *(() if file is None else _write_pictures(prepared, file))]
    plan = prepared.plan
    layers = [
        {
            "name": layer.name,
            "depth": layer.depth,
            "type": layer.kind,
            "outputs": list(layer.operation.outputs),
            "parameters": layer.parameters,
            "trainable": layer.trainable,
            "buffers": layer.buffers,
            "multiply_adds": layer.operation.multiply_adds,
        }
        for layer in plan.layers
    ]
    return {
        "name": prepared.config.name,
        "inputs": list(plan.inputs),
        "layers": layers,
        "parameters": plan.parameters,
        "trainable": plan.trainable,
        "buffers": plan.buffers,
        "multiply_adds": plan.multiply_adds,
        "memory": prepared.memory,
        "batch_size": prepared.config.batch_size,
        "effective_batch_size": prepared.config.effective_batch_size,
        "dynamics": [
            {"type": getattr(rule, rule.tag), "when": rule.when_in_words, "what": rule.in_words(plan)}
            for rule in prepared.config.dynamics
        ],
        "data": describe(prepared.dataset),
        "pictures": None if file is None else str(file),
        "findings": _findings(prepared) if deep else None,
        "notes": notes,
    }


def _findings(prepared: Prepared) -> list[dict[str, str]]:
    from nnctl.preflight.check import examine  # which imports the kernels
    from nnctl.preflight.subject import Subject

    return [asdict(finding) for finding in examine(Subject(prepared))]


def _write_pictures(prepared: Prepared, file: Path) -> tuple[str, ...]:
    """Write the sheet; returns what there is to say of it."""
    from nnctl.commands.sample_sheet import sample_sheet  # which imports the kernels
    from nnctl.png import png

    sheet = sample_sheet(prepared)
    write_atomically(file, png(sheet.pixels), f"{OPTION} FILE")
    if sheet.changes:
        return ()
    return ("no layer augments samples: all pictures of one are alike; see random_flip, random_crop, random_affine",)
