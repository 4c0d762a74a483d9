"""nnctl as a contestant in prediction: `python -m bench.prediction_worker FOLDER call|program`.

`call` is what `nnctl predict` does with an array: it is copied in, the recorded program runs, the outputs are copied
out. `program` runs the recorded program alone, on samples that are where it reads them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from bench.prediction_serve import Array, Prepared, Variants, serve
from nnctl.kernels.runtime.workers import set_threads
from nnctl.model.batch_programs import BatchPrograms
from nnctl.model.forward import Forward
from nnctl.model.trained_model import BATCH_SIZE, TrainedModel, read_trained_model


def calls(trained: TrainedModel) -> Variants:
    forward, outputs = Forward(trained, None, has_lengths=False), {}

    def variants(inputs: Array) -> Iterator[Prepared]:
        def run() -> None:
            outputs["last"] = forward(inputs)

        yield Prepared(run, lambda: outputs["last"])

    return variants


def programs(trained: TrainedModel) -> Variants:
    """More samples than a batch has are as many runs."""
    set_threads(None)
    network = trained.network()
    recorded = BatchPrograms(network.device, lambda program, n: network.forward(n))

    def variants(inputs: Array) -> Iterator[Prepared]:
        n = min(len(inputs), BATCH_SIZE)
        program, runs = recorded.of(n), len(inputs) // n

        def outputs() -> Array:
            made = []
            for start in range(0, len(inputs), n):
                network.inputs(n)[:] = inputs[start : start + n]
                program.run()
                made.append(network.outputs(n).copy())
            return np.concatenate(made)

        yield Prepared(partial(program.run, runs), outputs)

    return variants


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    kind = {"call": calls, "program": programs}[sys.argv[2]]
    serve(folder, kind(read_trained_model(folder / "run")))
