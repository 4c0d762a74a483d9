"""`nnctl prune` as a function: a trained network made smaller, and fine-tuned."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from nnctl import __version__
from nnctl.config.document import Document
from nnctl.config.initialize_from import InitializeFrom
from nnctl.config.load import LoadedConfig, config_to_json, load_document
from nnctl.config.overrides import apply_overrides
from nnctl.data.dataset import Dataset, open_dataset
from nnctl.data.hashes import changed_files
from nnctl.dynamics.budget import LEAST, fewest, kept_channels, most_parameters
from nnctl.dynamics.scores import By, Scores, effects, magnitudes, thawed
from nnctl.dynamics.select import select
from nnctl.dynamics.structure import Structure, structure_of, with_structure
from nnctl.errors import CheckpointError, DivergedError, Problem, UsageError
from nnctl.files import to_json, write_atomically
from nnctl.kernels.compiler import level
from nnctl.kernels.compiler.cache import asked_threads
from nnctl.layers.operation import Shape
from nnctl.model.checkpoint import write_checkpoint
from nnctl.model.measured_model import measure_of, metrics_of
from nnctl.model.network import Network
from nnctl.model.plan import NetworkPlan, plan_network
from nnctl.model.preparation import Prepared, open_data, prepare_with
from nnctl.model.trained_model import BATCH_SIZE, TrainedModel, broken_weights, read_trained_model
from nnctl.model.whereabouts import notes_on_paths
from nnctl.text import typed
from nnctl.training.compiling import cache_notes_in
from nnctl.training.observers.observer import Observer, all_observers, notes_in_errors
from nnctl.training.result_file import read_result, status_of
from nnctl.training.run import train_in
from nnctl.training.run_folder import RunFolder, new_run_folder
from nnctl.training.short_training import short_training, trained_briefly
from nnctl.training.stop_signal import StopSignal

CUT = "cut.safetensors"  # beside the other checkpoints: the smaller network before it is tuned
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
    keep: float,
    by: By = "effect",
    steps: int = 1,
    run: Path | None = None,
    threads: int | None = None,
    observers: Sequence[Observer] = (),
) -> PruneResult:
    """Leave out the channels of a trained network that matter least, and fine-tune the smaller one in a run of its own.

    checkpoint: a run folder (its best), or a checkpoint file. overrides: `KEY=VALUE` texts for the fine-tuning; all
    else is as it was in the run, but there are half as many epochs. keep: the share of the parameters that is left at
    most, between 0 and 1. by: what tells how much a channel matters. steps: in how many steps channels go; between two
    of them the network is fine-tuned for its share of the epochs. run: the run folder, else `runs/<name>-pruned`.
    observers: receive the events of the fine-tuning.
    Raises UsageError, ConfigError, DataError, CheckpointError, DivergedError, StorageError.
    """
    began = perf_counter()
    asked_threads()
    level.check()
    _require_sense(keep, steps, overrides)
    _require_finished(Path(checkpoint))
    observer = all_observers(observers)
    with notes_in_errors(observer.notes), cache_notes_in(observer.notes):
        trained = read_trained_model(checkpoint)
        structure = structure_of(trained)
        _require_possible(structure, keep)
        _tuning(trained, trained, overrides)  # so that a mistake is told before any work
        dataset = _dataset(trained, observer)
        metrics = {"before": _measured(trained, dataset, threads)}
        cut = trained
        for step in range(1, steps + 1):
            if step > 1:
                cut = _tuned_briefly(trained, cut, overrides, dataset, steps)
            cut = _cut(cut, dataset, by, most_parameters(structure, keep ** (step / steps)))
        metrics["cut"] = _measured(cut, dataset, threads)
        del dataset
        loaded = _tuning(trained, cut, overrides)
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
        "steps": steps,
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


def _require_sense(keep: float, steps: int, overrides: Sequence[str]) -> None:
    """Raise UsageError for arguments that make no sense with any run."""
    if not 0.0 < keep < 1.0:
        what = f"--keep: expected a share of the parameters between 0 and 1, got {keep:g}"
        raise UsageError(what, help="write --keep 0.1 to keep a tenth of them")
    if steps < 1:
        raise UsageError(f"--steps: expected at least 1, got {steps}", help="leave it out, or write --steps 3")
    for text in overrides:
        key = text.partition("=")[0]
        if key.partition(".")[0] in OF_THE_RUN:
            what = f"{key} is the run's: the smaller network is tuned on the samples that the larger one was trained on"
            raise UsageError(
                what, help=f"leave {key} out; to train on with others, name the new run in initialize_from"
            )


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


def _tuning(trained: TrainedModel, cut: TrainedModel, overrides: Sequence[str]) -> LoadedConfig:
    """The config of the tuning. Raises ConfigError, and UsageError where its network is another than the cut one."""
    own = {
        "name": f"{trained.config.name}-pruned",
        "epochs": max(1, trained.config.epochs // 2),
        "initialize_from": None,
    }
    document = Document(str(trained.path), config_to_json(cut.config) | own)
    apply_overrides(document, overrides)
    loaded = load_document(document, Path.cwd())
    plan = plan_network(loaded.config.layers, cut.plan.inputs, cut.fitted.preprocessing.embeddings)
    if _kept(plan) != _kept(cut.plan):
        what = f"{' '.join(overrides)} makes another network, which the trained weights do not fit"
        raise UsageError(what, help="leave out what changes shapes, such as layers.0.out_features=16")
    return loaded


def _kept(plan: NetworkPlan) -> dict[str, Shape]:
    return {spec.name: spec.shape for spec in plan.chain.arrays if spec.is_kept}


def _cut(model: TrainedModel, dataset: Dataset, by: By, most: int) -> TrainedModel:
    """Without the channels that matter least, so that it has so many parameters at most."""
    structure = structure_of(model)
    for layer, kept in kept_channels(structure, _scores(model, structure, dataset, by), most).items():
        structure = select(structure, layer, kept)
    return with_structure(model, structure)


def _tuned_briefly(
    trained: TrainedModel, cut: TrainedModel, overrides: Sequence[str], dataset: Dataset, steps: int
) -> TrainedModel:
    """After its share of the epochs of the tuning. Raises DivergedError."""
    loaded = _tuning(trained, cut, overrides)
    prepared = replace(prepare_with(loaded, dataset, goes_on=True), initial=cut.checkpoint.tensors)
    judge = dataset.validation or dataset.train
    config = loaded.config
    network = trained_briefly(short_training(prepared, dataset.train, judge, epochs=max(1, config.epochs // steps)))
    if network is None:
        what = f"the loss became NaN or infinite between two steps, with learning_rate={config.learning_rate:g}"
        raise DivergedError(what, help=f"lower it: learning_rate={config.learning_rate / 10:g}")
    arrays = {name: network.device.to_host(array).copy() for name, array in network.kept().items()}
    return with_structure(cut, replace(structure_of(cut), arrays=arrays))


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
