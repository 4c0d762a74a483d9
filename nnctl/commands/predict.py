"""`nnctl predict` as a function: new samples in, predictions out, a block at a time."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from nnctl.commands.forecast import Forecaster
from nnctl.commands.generate import generate
from nnctl.commands.predicted_rows import PredictedRows
from nnctl.commands.prediction_columns import PredictionColumns
from nnctl.commands.sources import Sources
from nnctl.data.lengths import padding
from nnctl.data.reading import source_for
from nnctl.data.stream import Block, Stream
from nnctl.errors import UsageError
from nnctl.files import refuse_to_overwrite, written_atomically
from nnctl.model.forward import Forward
from nnctl.model.trained_model import TrainedModel, read_trained_model
from nnctl.training.compiling import cache_notes_in

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
    source: str | Path | Sequence[str | Path] | None = None,
    *,
    output: str | Path | None = None,
    id: str | None = None,
    prompt: str | None = None,
    length: int | None = None,
    temperature: float | None = None,
    seed: int | None = None,
    threads: int | None = None,
    allow_unseen: bool = False,
    steps: int | None = None,
    interval: float | None = None,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
    emit: Callable[[str], None] = lambda character: None,
) -> Prediction:
    """Write a CSV file with a row a sample of the source, in its order, to `output` or to stdout.

    Of a network that answers each step of a sequence, a row a real step; steps are counted from 1.

    checkpoint: a file, or a run folder's best. source: a table, an array, pictures or recordings, as the network was
    trained on; targets in it are ignored. Pictures and recordings may be several files and folders, and patterns for
    their names, such as `photos/*.jpg`. id: a column to copy; unset, the config's `data.id`, or else recordings are
    named by their files and other rows numbered from 1.
    allow_unseen: whether a column may be without any category that training saw. steps: of a series, predict so many
    rows behind the last ones of the file, a row each; unset, the row behind each window of it.
    interval: of values, a share such as 0.9 of the targets that an interval is to cover: its ends are columns, too.
    progress: called with the number of samples done, and of all where it is known. A class comes with the probabilities
    of all, values are in the targets' own units.

    prompt: a text to go on with in the place of a source, for networks of text: see `generate`, which says what length,
    temperature, seed and emit are. Raises CheckpointError, DataError, UsageError, StorageError.
    """
    drawing = {"length": length, "temperature": temperature, "seed": seed}
    given: dict[str, Any] = {name: value for name, value in drawing.items() if value is not None}
    if prompt is not None:
        others = {
            "SOURCE": source or None,
            "-o": output,
            "--id": id,
            "--steps": steps,
            "--interval": interval,
            "--allow-unseen": allow_unseen or None,
        }
        for name, value in others.items():
            if value is not None:
                raise UsageError(f"{name} and --prompt are both given", help="give one of the two")
        return Prediction(generate(checkpoint, prompt, **given, threads=threads, emit=emit))
    if not source:
        raise UsageError("which samples? SOURCE is missing", help="name a file, or give --prompt for a network of text")
    for name in given:
        raise UsageError(f"--{name} is for --prompt", help="leave it out, or add --prompt TEXT")
    began = perf_counter()
    file = None if output is None else Path(output)
    if file is not None:
        refuse_to_overwrite(file)
    sources = Sources.of(source)
    if file is None:
        sources.refuse_output(checkpoint)
    trained = read_trained_model(checkpoint)
    if steps is not None:
        path = sources.only("--steps")
        return _forecast(trained, path, file, steps, id, interval, threads, began, allow_unseen=allow_unseen)
    predicted = PredictionColumns.of(trained, interval)
    stream = _stream(trained, sources, id)
    has_steps = len(trained.plan.outputs) == 2
    columns = [stream.id or "row", *stream.keys, *(["step"] if has_steps else []), *predicted.header]
    if columns[0] in columns[1:]:
        what = f"{columns[0]} would name two columns: what is predicted, and the {'id' if stream.id else 'row'}"
        raise UsageError(what, help="choose another column with --id")
    done = PredictedRows(sources.shown, None if allow_unseen else trained.fitted.preprocessing)
    of_cache: list[str] = []
    with cache_notes_in(of_cache), _opened(file) as out:
        network = Forward(trained, threads, has_lengths=stream.has_lengths)
        held = [_csv([columns])]
        samples = 0
        for block in stream.blocks:
            outputs = network(block.inputs, block.lengths)
            named: list[Any] = [_ids(block, samples), *block.keys]
            if has_steps:
                numbers, places, outputs = _real_steps(outputs, block.lengths)
                named = [*([values[number] for number in numbers] for values in named), places + 1]
            limited = predicted.limit(outputs)
            outputs = predicted.in_own_units(outputs)
            held.append(_csv(zip(*named, *predicted.texts(outputs), strict=True)))
            done.add(block, outputs, limited)
            samples += len(block.inputs)
            if not done.is_strange:
                out.writelines(held)
                held.clear()
            progress(samples, stream.count)
        done.refuse_strange()
        out.writelines(held)
        out.flush()
    decided = *trained.decision_notes(), *predicted.notes()
    notes = (*stream.notes, *stream.final_notes(), *decided, *done.notes(network.broken, trained))
    report = {
        "checkpoint": str(trained.path),
        "rows": done.rows,
        "output": None if file is None else str(file),
        "columns": columns,
        "seconds": perf_counter() - began,
        "notes": [*of_cache, *notes],
    }
    return Prediction(report, notes)


def _forecast(
    trained: TrainedModel,
    path: Path,
    file: Path | None,
    steps: int,
    id: str | None,
    interval: float | None,
    threads: int | None,
    began: float,
    *,
    allow_unseen: bool,
) -> Prediction:
    """As `predict`, of the rows behind a series."""
    if id is not None:
        what = f"--id {id} is set, and rows that are not there yet have no id"
        raise UsageError(what, help="leave --id out: predictions have the time that they are for")
    forecaster = Forecaster(trained, path, steps, interval, allow_unseen=allow_unseen)
    of_cache: list[str] = []
    with cache_notes_in(of_cache), _opened(file) as out:
        network = Forward(trained, threads, has_lengths=False)
        forecast = forecaster(lambda inputs: network(inputs, None))
        out.write(_csv([forecast.columns, *forecast.rows]))
        out.flush()
    broken = (f"{network.broken}, its predictions mean nothing",) if network.broken else ()
    notes = (*forecast.notes, *trained.decision_notes(), *broken)
    report = {
        "checkpoint": str(trained.path),
        "rows": len(forecast.rows),
        "output": None if file is None else str(file),
        "columns": forecast.columns,
        "seconds": perf_counter() - began,
        "notes": [*of_cache, *notes],
    }
    return Prediction(report, notes)


def _stream(trained: TrainedModel, sources: Sources, id: str | None) -> Stream:
    preprocessing, precision, path = trained.fitted.preprocessing, trained.config.precision, sources.paths[0]
    source = source_for(path, trained.config.data, trained.plan.inputs)
    if not sources.are_several:
        return source.stream(path, preprocessing, precision, id)
    sources.refuse("--id", id)
    return source.stream_of_several(sources.paths, preprocessing, precision)


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


def _real_steps(outputs: Array, lengths: Array | None) -> tuple[Array, Array, Array]:
    """Of each real step its sample, its number, and what the network says, (M,), (M,) and (M, K).

    outputs: (N, T, K). lengths: (N,), of sequences that are padded.
    """
    count, steps, _ = outputs.shape
    real = np.ones((count, steps), bool) if lengths is None else ~padding(lengths, steps)
    numbers, places = np.nonzero(real)
    return numbers, places, outputs[real]


def _ids(block: Block, done: int) -> Any:
    return block.ids or range(done + 1, done + len(block.inputs) + 1)
