"""`nnctl predict` as a function: new samples in, predictions out, a block at a time."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nnctl.commands.predicted_rows import PredictedRows
from nnctl.commands.prediction_columns import PredictionColumns
from nnctl.data.reading import source_for
from nnctl.data.stream import Block, Stream
from nnctl.errors import UsageError
from nnctl.files import refuse_to_overwrite, written_atomically
from nnctl.model.batch_programs import BatchPrograms
from nnctl.model.trained_model import BATCH_SIZE, TrainedModel, broken_weights, read_trained_model
from nnctl.regular_file import shown
from nnctl.training.compiling import cache_notes_in

if TYPE_CHECKING:
    from nnctl.model.network import Network

Array = NDArray[Any]


@dataclass(frozen=True)
class Prediction:
    """What `nnctl predict` tells of its work."""

    report: dict[str, Any]
    """What `--json` prints: its notes with those that were printed already, on the kernel cache."""
    notes: tuple[str, ...] = ()
    """What the user should know."""


def predict(
    checkpoint: str | Path,
    source: str | Path,
    *,
    output: str | Path | None = None,
    id: str | None = None,
    threads: int | None = None,
    allow_unseen: bool = False,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Prediction:
    """Write a CSV file with a row a sample of the source, in its order, to `output` or to stdout.

    checkpoint: a file, or a run folder's best. source: a table, an array, images or recordings, as the network was
    trained on; targets in it are ignored. id: a column to copy; unset, the config's `data.id`, or else recordings are
    named by their files and other rows numbered from 1.
    allow_unseen: whether a column may be without any category that training saw.
    progress: called with the number of rows done, and of all where it is known. A class comes with the probabilities of
    all, values are in the targets' own units. Raises CheckpointError, DataError, UsageError, StorageError.
    """
    began = perf_counter()
    file = None if output is None else Path(output)
    if file is not None:
        refuse_to_overwrite(file)
    trained = read_trained_model(checkpoint)
    predicted = PredictionColumns.of(trained)
    stream = _stream(trained, Path(source), id)
    columns = [stream.id or "row", *predicted.header]
    if columns[0] in columns[1:]:
        what = f"{columns[0]} would name two columns: what is predicted, and the {'id' if stream.id else 'row'}"
        raise UsageError(what, help="choose another column with --id")
    done = PredictedRows(shown(Path(source)), None if allow_unseen else trained.fitted.preprocessing)
    of_cache: list[str] = []
    with cache_notes_in(of_cache), _opened(file) as out:
        network = _Forward(trained, threads, has_lengths=stream.has_lengths)
        held = [_csv([columns])]
        for block in stream.blocks:
            outputs = network(block.inputs, block.lengths)
            limited = predicted.limit(outputs)
            outputs = predicted.in_own_units(outputs)
            held.append(_csv(zip(_ids(block, done.rows), *predicted.texts(outputs), strict=True)))
            done.add(block, outputs, limited)
            if not done.is_strange:
                out.writelines(held)
                held.clear()
            progress(done.rows, stream.count)
        done.refuse_strange()
        out.writelines(held)
        out.flush()
    notes = (*stream.notes, *stream.final_notes(), *done.notes(network.broken, trained))
    report = {
        "checkpoint": str(trained.path),
        "rows": done.rows,
        "output": None if file is None else str(file),
        "columns": columns,
        "seconds": perf_counter() - began,
        "notes": [*of_cache, *notes],
    }
    return Prediction(report, notes)


def _stream(trained: TrainedModel, path: Path, id: str | None) -> Stream:
    source = source_for(path, trained.config.data, trained.plan.inputs)
    return source.stream(path, trained.fitted.preprocessing, trained.config.precision, id)


class _Forward:
    """The network on any number of samples. broken: a note on weights that are not finite, or empty."""

    def __init__(self, trained: TrainedModel, threads: int | None, *, has_lengths: bool) -> None:
        from nnctl.kernels.runtime.workers import set_threads

        set_threads(threads)
        self._network: Network = trained.network(has_lengths=has_lengths)
        self._programs = BatchPrograms(self._network.device, lambda program, n: self._network.forward(n))
        self.broken = broken_weights(self._network)

    def __call__(self, inputs: Array, lengths: Array | None) -> Array:
        """The outputs, (N, K). inputs: (N, *shape). lengths: (N,), of sequences."""
        network, device = self._network, self._network.device
        outputs = np.empty((len(inputs), *network.plan.outputs), network.dtype)
        for start in range(0, len(inputs), BATCH_SIZE):
            batch = inputs[start : start + BATCH_SIZE]
            device.write(batch, network.inputs(len(batch)))
            own_lengths = network.lengths(len(batch))
            if lengths is not None and own_lengths is not None:
                device.write(lengths[start : start + BATCH_SIZE], own_lengths)
            self._programs.of(len(batch)).run()
            outputs[start : start + len(batch)] = device.to_host(network.outputs(len(batch)))
        return outputs


@contextmanager
def _opened(file: Path | None) -> Iterator[IO[bytes]]:
    if file is None:
        yield sys.stdout.buffer
    else:
        with written_atomically(file, "-o FILE") as out:
            yield out


def _csv(rows: Any) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _ids(block: Block, done: int) -> Any:
    return block.ids or range(done + 1, done + len(block.inputs) + 1)
