"""A trained network on any number of samples, which it reads where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels.runtime.program import Program, record
from nnctl.kernels.runtime.workers import set_threads
from nnctl.model.trained_model import BATCH_SIZE, TrainedModel, broken_weights

Array = NDArray[Any]


class Forward:
    """broken: a note on weights that are not finite, or empty."""

    def __init__(self, trained: TrainedModel, threads: int | None, *, has_lengths: bool) -> None:
        set_threads(threads)
        self._network = trained.network(has_lengths=has_lengths)
        self._batches: dict[int, _Batch] = {}
        self.broken = broken_weights(self._network)

    def __call__(self, inputs: Array, lengths: Array | None = None) -> Array:
        """The outputs, (N, K) or (N, T, K). inputs: (N, *shape). lengths: (N,) int64, of sequences."""
        inputs = np.ascontiguousarray(inputs, self._network.dtype)
        outputs = np.empty((len(inputs), *self._network.plan.outputs), inputs.dtype)
        address, sample_bytes = inputs.ctypes.data, inputs[:1].nbytes
        for start in range(0, len(inputs), BATCH_SIZE):
            n = min(BATCH_SIZE, len(inputs) - start)
            batch = self._batches.get(n) or self._recorded(n)
            if lengths is not None and batch.lengths is not None:
                batch.lengths[:] = lengths[start : start + n]
            for words, word in batch.places:
                words[word] = address + start * sample_bytes
            batch.program.run()
            outputs[start : start + n] = batch.outputs
        return outputs

    def _recorded(self, n: int) -> _Batch:
        network = self._network
        with record(n) as program:
            network.forward(n)
        places = program.places_of(network.inputs(n))
        self._batches[n] = _Batch(program, places, network.lengths(n), network.outputs(n))
        return self._batches[n]


@dataclass(frozen=True)
class _Batch:
    """A pass of so many samples. places: of the address of its inputs, see `Program.places_of`."""

    program: Program
    places: list[tuple[Array, int]]
    lengths: Array | None
    outputs: Array
