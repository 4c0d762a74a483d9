"""Inputs and targets that belong together, one of each a sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nnctl.data.arrays.npy import TEXT
from nnctl.data.files import file_error
from nnctl.data.source import Array, Samples
from nnctl.regular_file import shown


def paired(path: Path, inputs: Array, targets: Array, inputs_name: str, targets_name: str) -> Samples:
    """The samples of two arrays, (N, ...) and (N,), (N, K) or (N, T, K); inputs (N,) become (N, 1).

    Raises DataError.
    """
    if inputs.ndim == 0 or targets.ndim == 0:
        name, what = (inputs_name, "inputs") if inputs.ndim == 0 else (targets_name, "targets")
        help = "save one row a sample"
        if inputs.ndim > 0:
            help += ": for a single sample inputs[np.newaxis] and np.array([target])"
        what = f"expected {name} to be an array with a row a sample, got a single number"
        raise file_error(path, what, help)
    if len(inputs) != len(targets):
        what = f"{inputs_name} has {len(inputs):,} samples, {targets_name} has {len(targets):,}"
        help = "each input needs its target"
        if len(targets) == 1:
            help += f"; if {inputs_name} is a single sample, save array[np.newaxis]"
        raise file_error(path, what, help)
    if inputs.dtype.kind in TEXT:
        raise file_error(path, f"{inputs_name} holds text, inputs are numbers", "save numbers: array.astype(float)")
    if targets.ndim > 3:
        what = f"{targets_name} has {targets.ndim} axes, targets have one to three"
        raise file_error(path, what, "save one target, or one row of targets, a sample or a step")
    return Samples(inputs if inputs.ndim > 1 else inputs[:, np.newaxis], targets, origin=shown(path))
