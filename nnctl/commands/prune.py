"""`nnctl prune` as a function: a trained network made smaller, and tuned."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from nnctl import __version__
from nnctl.commands.eval import measure_of, metrics_of
from nnctl.config.document import Document
from nnctl.config.initialize_from import InitializeFrom
from nnctl.config.load import LoadedConfig, config_to_json, load_document
from nnctl.config.overrides import apply_overrides
from nnctl.config.run_config import RunConfig
from nnctl.data.dataset import Dataset, open_dataset
from nnctl.data.hashes import changed_files
from nnctl.dynamics.budget import LEAST, fewest, kept_channels
from nnctl.dynamics.scores import By, Scores, effects, magnitudes, thawed
from nnctl.dynamics.select import select
from nnctl.dynamics.structure import Structure, structure_of, with_structure
from nnctl.errors import CheckpointError, Problem, UsageError
from nnctl.kernels.compiler import level
from nnctl.kernels.compiler.cache import asked_threads
from nnctl.model.checkpoint import write_checkpoint
from nnctl.model.network import Network
from nnctl.model.plan import NetworkPlan
from nnctl.model.preparation import Prepared, open_data, prepare_with
from nnctl.model.trained_model import BATCH_SIZE, TrainedModel, broken_weights, read_trained_model
from nnctl.model.whereabouts import notes_on_paths
from nnctl.text import typed
from nnctl.training.compiling import cache_notes_in
from nnctl.training.observers.observer import Observer, all_observers, notes_in_errors
from nnctl.training.result_file import read_result, status_of
from nnctl.training.run import train_in
from nnctl.training.run_folder import RunFolder, new_run_folder
from nnctl.training.stop_signal import StopSignal

CUT = "cut.safetensors"  # beside the other checkpoints: the smaller network before it is tuned


@dataclass(frozen=True)
class PruneResult:
    """report: what `--json` prints. signal: the number of the signal that ended the tuning, if one did."""

    report: dict[str, Any]
    signal: int | None = None


def prune(
    checkpoint: str | Path,
    overrides: Sequence[str] = (),
    *,
    keep: float,
    by: By = "effect",
    epochs: int | None = None,
    run: Path | None = None,
    threads: int | None = None,
    observers: Sequence[Observer] = (),
) -> PruneResult:
    """Leave out the channels of a trained network that matter least, and tune the smaller one in a run of its own.

    checkpoint: a run folder (its best), or a checkpoint file. overrides: `KEY=VALUE` texts for the tuning; all else is
    as it was in the run. keep: the share of the parameters that is left at most, between 0 and 1. by: what tells how
    much a channel matters. epochs: of the tuning; unset, half as many as the run was to have. run: the run folder, else
    `runs/<name>-pruned`. observers: receive the events of the tuning.
    Raises UsageError, ConfigError, DataError, CheckpointError, DivergedError, StorageError.
    """
    began = perf_counter()
    asked_threads()
    level.check()
    if not 0.0 < keep < 1.0:
        raise UsageError(f"--keep is {keep:g}, and is a share of the parameters", help="give a number between 0 and 1")
    if epochs is not None and any(text.partition("=")[0] == "epochs" for text in overrides):
        raise UsageError("--epochs and epochs=… say the same", help="leave one of them out")
    _require_finished(Path(checkpoint))
    observer = all_observers(observers)
    with notes_in_errors(observer.notes), cache_notes_in(observer.notes):
        trained = read_trained_model(checkpoint)
        structure = structure_of(trained)
        _require_possible(structure, keep)
        epochs = max(1, trained.config.epochs // 2) if epochs is None else epochs
        _loaded(trained, trained.config, overrides, epochs)  # so that a mistake is told before any work
        dataset = _dataset(trained, observer)
        cut = with_structure(trained, _without_the_least(structure, _scores(trained, structure, dataset, by), keep))
        metrics = {"before": _measured(trained, dataset, threads), "cut": _measured(cut, dataset, threads)}
        del dataset
        loaded = _loaded(trained, cut.config, overrides, epochs)
        data = open_data(loaded)
        prepare_with(loaded, data, goes_on=True)
        with StopSignal() as stop:
            folder = new_run_folder(loaded.config.name, run)
            prepared = _prepared(loaded, cut, data, folder)
            for note in prepared.notes:
                observer.note(note)
            result = train_in(folder, prepared, stop, threads, observer, began, resume=False)
        if result.signal is None:
            metrics["tuned"] = _measured(read_trained_model(folder.path), prepared.dataset, threads)
    trained_report = {key: result.report[key] for key in ("run", "checkpoint", "epochs", "best_epoch", "stopped")}
    report = trained_report | {
        "pruned": str(trained.path),
        "by": by,
        "keep": keep,
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
    return PruneResult(report, result.signal)


def _require_finished(path: Path) -> None:
    if (path / "checkpoints").is_dir() and status_of(read_result(path)) == "unfinished":
        again = typed("train", path / "config.yaml", "--resume", "--run", path)
        raise UsageError(
            Problem("is not finished", str(path), help=f"go on with `{again}`, or give its checkpoint file")
        )


def _require_possible(structure: Structure, keep: float) -> None:
    """Raise UsageError where no channels may go, or too few."""
    parameters, least = structure.plan.parameters, fewest(structure)
    if all(own.bound for own in structure.channels.values()):
        why = "; ".join(f"{name} ({own.kind}): {own.bound}" for name, own in structure.channels.items())
        raise UsageError(f"no layer has channels that may go: {why}", help="prune a network with hidden layers")
    if least > keep * parameters:
        share = math.ceil(1000 * least / parameters) / 1000
        what = (
            f"--keep {keep:g} is {int(keep * parameters):,} of {parameters:,} parameters, and at least {least:,} stay"
        )
        raise UsageError(
            f"{what}: {LEAST} channels in each layer that may lose some", help=f"use --keep {share:g}, or more"
        )


def _loaded(trained: TrainedModel, config: RunConfig, overrides: Sequence[str], epochs: int) -> LoadedConfig:
    """The config of the tuning, with the layers of this one. Raises ConfigError."""
    own = {"name": f"{config.name}-pruned", "epochs": epochs, "initialize_from": None}
    document = Document(str(trained.path), config_to_json(config) | own)
    apply_overrides(document, overrides)
    return load_document(document, Path.cwd())


def _dataset(trained: TrainedModel, observer: Observer) -> Dataset:
    """The samples of the run, prepared as they were. Raises DataError."""
    config = trained.config
    for note in notes_on_paths(config, trained.path):
        observer.note(note)
    dataset = open_dataset(config.data, config.loss.targets, config.seed, config.precision, fitted=trained.fitted)
    if changed := changed_files(trained.description.data, dataset.hashes):
        observer.note(f"the data changed since the training: {', '.join(changed)}")
    return dataset.for_outputs(trained.plan.outputs)


def _scores(trained: TrainedModel, structure: Structure, dataset: Dataset, by: By) -> Scores:
    """How much each channel matters. Raises CheckpointError where a weight is no number."""
    from nnctl.model.objective import Objective

    config, samples = trained.config, dataset.train
    network = Network(thawed(structure), config.batch_size, config.precision, has_lengths=samples.lengths is not None)
    network.load(dict(structure.arrays))
    if broken := broken_weights(network):
        raise CheckpointError(Problem(broken, str(trained.path), help="prune another run"))
    if by == "magnitude":
        return magnitudes(structure)
    objective = Objective(network, config.loss, samples, trained.fitted.transform, trained.class_weights)
    return effects(objective, samples, structure.channels, config.seed)


def _without_the_least(structure: Structure, scores: Scores, keep: float) -> Structure:
    for layer, kept in kept_channels(structure, scores, int(keep * structure.plan.parameters)).items():
        structure = select(structure, layer, kept)
    return structure


def _prepared(loaded: LoadedConfig, cut: TrainedModel, data: Dataset, folder: RunFolder) -> Prepared:
    """The tuning of the smaller network, whose weights are written into the folder."""
    path = folder.checkpoints / CUT
    write_checkpoint(path, cut.checkpoint)
    start = InitializeFrom(checkpoint=str(path.absolute()))
    config = loaded.config.model_copy(update={"initialize_from": start})
    return prepare_with(replace(loaded, config=config), data)


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
    for then, now in zip(before.layers, after.layers, strict=True):
        if then.parameters and not then.operation.chains:
            yield {
                "layer": then.name,
                "type": then.kind,
                "channels": {"before": then.operation.outputs[-1], "after": now.operation.outputs[-1]},
                "parameters": {"before": then.parameters, "after": now.parameters},
            }
