"""`python -m bench.prediction_folder FOLDER`: trains the folder's config for an epoch, for all who predict with it.

Writes the run, and for the peers `weights.npz`, the arrays of each layer as `NUMBER.NAME`, numbers of those that have
arrays, and of the training samples the first ones as the network takes them, `inputs.npy`, with its outputs,
`outputs.npy`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from bench.prediction_serve import BATCHES
from nnctl.commands.train import train
from nnctl.config.load import load_config
from nnctl.model.forward import Forward
from nnctl.model.preparation import prepare
from nnctl.model.trained_model import read_trained_model


def main(folder: Path) -> None:
    train(folder / "config.yaml", ["epochs=1"], run=folder / "run")
    trained = read_trained_model(folder / "run")
    inputs = prepare(load_config(folder / "config.yaml")).dataset.train.inputs[: max(BATCHES)]
    np.save(folder / "inputs.npy", inputs)
    np.save(folder / "outputs.npy", Forward(trained, None, has_lengths=False)(inputs, None))
    numbers: dict[str, int] = {}
    arrays = {}
    for name, array in trained.network(1).kept().items():
        _, layer, own = name.split(".", 2)
        arrays[f"{numbers.setdefault(layer, len(numbers))}.{own}"] = array
    np.savez(folder / "weights.npz", **arrays)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
