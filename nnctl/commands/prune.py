"""`nnctl prune` as a function: a trained network made smaller, and fine-tuned."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from nnctl import __version__
from nnctl.commands.cutting import column_effects, with_columns, with_fewer_channels
from nnctl.commands.fine_tuning import FineTuning
from nnctl.data.dataset import Dataset, open_dataset
from nnctl.data.hashes import changed_files
from nnctl.dynamics.budget import LEAST, fewest, most_parameters
from nnctl.dynamics.scores import By
from nnctl.dynamics.structure import Structure, structure_of
from nnctl.errors import CheckpointError, Problem, UsageError
from nnctl.files import to_json, write_atomically
from nnctl.kernels.compiler import level
from nnctl.kernels.compiler.cache import asked_threads
from nnctl.model.measured_model import measure_of, metrics_of
from nnctl.model.plan import NetworkPlan
from nnctl.model.preparation import open_data, prepare_with
from nnctl.model.trained_model import BATCH_SIZE, TrainedModel, read_trained_model
from nnctl.model.whereabouts import notes_on_paths
from nnctl.text import typed
from nnctl.training.compiling import cache_notes_in
from nnctl.training.observers.observer import Observer, all_observers, notes_in_errors
from nnctl.training.result_file import read_result, status_of
from nnctl.training.run import train_in
from nnctl.training.run_folder import RunFolder, new_run_folder
from nnctl.training.stop_signal import StopSignal

REPORT = "prune.json"  # what `--json` printed
OF_THE_RUN = ("base", "data", "initialize_from", "seed")  # keys of the config that the tuning does not change


@dataclass(frozen=True)
class PruneResult:
    """report: what `--json` prints. signal: the number of the signal that ended the tuning, if one did."""

    report: dict[str, Any]
    signal: int | None = None


def prune(
    checkpoint: str | Path,
    overrides: Sequence[str] = (),
    *,
    keep: float | None = None,
    inputs: float | None = None,
    by: By = "effect",
    steps: int = 1,
    run: str | Path | None = None,
    threads: int | None = None,
    observers: Sequence[Observer] = (),
) -> PruneResult:
    """Leave out what matters least of a trained network, and fine-tune the smaller one in a run of its own.

    checkpoint: a run folder (its best), or a checkpoint file. overrides: `KEY=VALUE` texts for the fine-tuning; all
    else is as it was in the run, but there are twice as many epochs. keep: the share of the parameters that is left at
    most once channels are gone, between 0 and 1. inputs: the share of a table's columns that the new network reads. by:
    what tells how much a channel matters. steps: in how many steps channels go; between two of them the network is
    fine-tuned for its share of the epochs. run: the run folder, else `runs/<name>-pruned`. observers: receive the
    events of the fine-tuning.
    Raises UsageError, ConfigError, DataError, CheckpointError, DivergedError, StorageError.
    """
    began = perf_counter()
    run = None if run is None else Path(run)
    asked_threads()
    level.check()
    _require_sense(keep, inputs, steps, overrides)
    _require_finished(Path(checkpoint))
    observer = all_observers(observers)
    with notes_in_errors(observer.notes), cache_notes_in(observer.notes):
        trained = read_trained_model(checkpoint)
        structure = structure_of(trained)
        if broken := [name for name, array in structure.arrays.items() if not np.isfinite(array).all()]:
            what = f"NaN or infinite numbers in {', '.join(broken)}: this network has diverged"
            raise CheckpointError(Problem(what, str(trained.path), help="prune another run"))
        if keep is not None:
            _require_possible(structure, keep)
        tuning = FineTuning(trained, overrides)
        tuning.loaded(trained)  # so that a mistake is told before any work
        dataset = _dataset(trained, observer)
        metrics, cut = {"before": _measured(trained, dataset, threads)}, trained
        effects = column_effects(trained, dataset)
        columns = list(effects)[: math.ceil((inputs or 1.0) * len(effects))]
        if inputs is not None:
            cut, dataset = with_columns(trained, columns)
        for step in range(1, steps + 1 if keep is not None else 1):
            if step > 1:
                cut = tuning.briefly(cut, dataset, steps)
            cut = with_fewer_channels(cut, dataset, by, most_parameters(structure, (keep or 1.0) ** (step / steps)))
        metrics["cut"] = _measured(cut, dataset, threads)
        del dataset
        loaded = tuning.loaded(cut)
        data = open_data(loaded)
        prepare_with(loaded, data, goes_on=True)
        with StopSignal() as stop:
            folder = new_run_folder(loaded.config.name, run)
            prepared = tuning.prepared(loaded, cut, data, folder)
            for note in (*prepared.notes, *tuning.notes(cut)):
                observer.note(note)
            result = train_in(folder, prepared, stop, threads, observer, began, resume=False)
        if result.signal is None:
            metrics["tuned"] = _measured(read_trained_model(folder.path), prepared.dataset, threads)
    trained_report = {key: result.report[key] for key in ("run", "checkpoint", "epochs", "best_epoch", "stopped")}
    report = trained_report | {
        "pruned": str(trained.path),
        "by": by,
        "keep": keep,
        "steps": steps,
        "inputs": [{"column": name, "effect": own, "kept": name in columns} for name, own in effects.items()],
        "split": _split(prepared.dataset),
        "metrics": metrics,
        "parameters": _both(trained, cut, lambda model: model.plan.parameters),
        "multiply_adds": _both(trained, cut, lambda model: model.plan.multiply_adds),
        "bytes": {"before": trained.path.stat().st_size, "after": _bytes(folder)},
        "layers": list(_layers(trained.plan, cut.plan)),
        "bound": {name: own.bound for name, own in structure.channels.items() if own.bound},
        "seconds": round(perf_counter() - began, 3),
        "notes": list(observer.notes),
        "version": __version__,
    }
    write_atomically(folder.path / REPORT, (to_json(report, indent=2) + "\n").encode())
    return PruneResult(report, result.signal)


def _require_sense(keep: float | None, inputs: float | None, steps: int, overrides: Sequence[str]) -> None:
    """Raise UsageError for arguments that make no sense with any run."""
    if keep is None and inputs is None:
        raise UsageError("--keep is missing, the share of the parameters that is left", help="write --keep 0.1")
    for option, share, of in (("--keep", keep, "parameters"), ("--inputs", inputs, "columns")):
        if share is not None and not 0.0 < share < 1.0:
            what = f"{option}: expected a share of the {of} between 0 and 1, got {share:g}"
            raise UsageError(what, help=f"write {option} 0.1 to keep a tenth of them")
    if steps < 1:
        raise UsageError(f"--steps: expected at least 1, got {steps}", help="leave it out, or write --steps 3")
    for text in overrides:
        key = text.partition("=")[0]
        if key.partition(".")[0] in OF_THE_RUN:
            what = f"{key} is the run's: a smaller network is fine-tuned on the samples that the larger one learnt from"
            raise UsageError(what, help=f"leave {key} out")


def _require_finished(path: Path) -> None:
    if (path / "checkpoints").is_dir() and status_of(read_result(path)) == "unfinished":
        help = f"finish it: `{typed('train', path / 'config.yaml', '--resume', '--run', path)}`"
        if (best := path / "checkpoints" / "best.safetensors").is_file():
            help += f", or give the checkpoint that it has, {best}"
        raise UsageError(Problem("this run is not finished", str(path), help=help))


def _require_possible(structure: Structure, keep: float) -> None:
    """Raise UsageError where no channels may go, or too few."""
    parameters, least = structure.plan.parameters, fewest(structure)
    if least == parameters:
        bound = {name: own.bound for name, own in structure.channels.items() if own.bound}
        whys = [f"{name} ({structure.channels[name].kind}): {why}" for name, why in bound.items()]
        if free := [name for name in structure.channels if name not in bound]:
            whys.append(f"{', '.join(free)}: {LEAST} channels stay")
        what = "no layer has channels that may go" + (f"; {'; '.join(whys)}" if whys else "")
        raise UsageError(what, help="prune a network that has hidden layers with more channels than that")
    if least > most_parameters(structure, keep):
        most = most_parameters(structure, keep)
        what = f"--keep {keep:g} leaves {most:,} of {parameters:,} parameters, and this network needs {least:,}"
        what += f", with {LEAST} channels in each layer that may lose some"
        share = math.ceil(10_000 * least / parameters) / 10_000
        raise UsageError(what, help=f"write --keep {share:g}, or more" if share < 1 else "leave it as it is")


def _dataset(trained: TrainedModel, observer: Observer) -> Dataset:
    """The samples of the run, prepared as they were. Raises DataError."""
    config = trained.config
    for note in notes_on_paths(config, trained.path):
        observer.note(note)
    dataset = open_dataset(config.data, config.loss.targets, config.seed, config.precision, fitted=trained.fitted)
    if changed := changed_files(trained.description.data, dataset.hashes):
        observer.note(f"the data changed since the training: {', '.join(changed)}")
    return dataset.for_outputs(trained.plan.outputs)


def _measured(model: TrainedModel, dataset: Dataset, threads: int | None) -> dict[str, float]:
    """Loss and metrics on the samples that are for it."""
    samples = dataset.splits()[_split(dataset)]
    network = model.network(min(BATCH_SIZE, len(samples)), has_lengths=samples.lengths is not None)
    return measure_of(model, network, metrics_of(model.config), samples, threads)[1].values()


def _split(dataset: Dataset) -> str:
    """The samples that tell how good a network is: to test on, else for validation, else to train on."""
    return next(name for name in ("test", "validation", "train") if name in dataset.splits())


def _both(before: TrainedModel, after: TrainedModel, count: Callable[[TrainedModel], int]) -> dict[str, int]:
    return {"before": count(before), "after": count(after)}


def _bytes(folder: RunFolder) -> int | None:
    return folder.best.stat().st_size if folder.best.exists() else None


def _layers(before: NetworkPlan, after: NetworkPlan) -> Iterator[dict[str, Any]]:
    """Of each layer with parameters of its own how many channels and parameters it has."""
    left = {layer.name: layer for layer in after.layers}
    for then in before.layers:
        if then.parameters and not then.operation.chains:
            now = left.get(then.name)  # the embedding of columns is gone where these are
            yield {
                "layer": then.name,
                "type": then.kind,
                "channels": {"before": then.operation.outputs[-1], "after": now.operation.outputs[-1] if now else 0},
                "parameters": {"before": then.parameters, "after": now.parameters if now else 0},
            }
