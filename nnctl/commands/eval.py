"""`nnctl eval` as a function: how good a checkpoint is on a split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nnctl.commands.coverage import coverage
from nnctl.commands.fail_if import parse_conditions
from nnctl.commands.importance import importances
from nnctl.commands.picture_sheet import WORST, refuse_file, require_pictures
from nnctl.commands.prediction_columns import PredictionColumns
from nnctl.config.run_config import RunConfig
from nnctl.data.dataset import Selection, Split, open_dataset, open_samples
from nnctl.data.hashes import changed_files
from nnctl.data.source import Source
from nnctl.data.table.source import TableSource
from nnctl.errors import DataError, UsageError
from nnctl.metrics.measured import higher_is_better
from nnctl.metrics.tally import CONFUSION, ROWS
from nnctl.model.conformal import intervals
from nnctl.model.measured_model import measure_of, metrics_of
from nnctl.model.never_predicted import never_predicted, never_predicted_note, remedies
from nnctl.model.plan import NetworkPlan
from nnctl.model.trained_model import BATCH_SIZE, TrainedModel, broken_weights, read_trained_model
from nnctl.model.whereabouts import notes_on_paths
from nnctl.text import by
from nnctl.training.compiling import cache_notes_in

SplitName = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Evaluation:
    """report: what `--json` prints. notes: what the user should know. failed: the `--fail-if` texts that held.

    The report has both as its `notes`, with what was told of the kernel cache.
    """

    report: dict[str, Any]
    notes: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def evaluate(
    checkpoint: str | Path,
    *,
    data: str | Path | None = None,
    split: SplitName | None = None,
    fail_if: Sequence[str] = (),
    importance: bool = False,
    repeats: int | None = None,
    interval: float | None = None,
    worst: int | None = None,
    worst_pictures: str | Path | None = None,
    slices: bool = False,
    threads: int | None = None,
    allow_unseen: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Evaluation:
    """Loss, metrics and confusion matrix of a checkpoint (a file, or a run folder's best).

    data: other samples of the same kind; else the run's own. split: test by default, else validation, else train.
    importance: how much worse each number gets where one column's values are permuted, which is done `repeats` times,
    5 by default; progress receives how many columns are done, of how many. interval: a share such as 0.9 of the targets
    that intervals around values are to cover: the report says how many they do cover, and how wide they are. worst: how
    many samples are listed, those of the largest loss. worst_pictures: a PNG file to write, with these, where samples
    are images. slices: whether parts of the samples are named, in words, whose loss stands out. allow_unseen: whether
    samples of another file may have a column without any category that training saw.
    Raises CheckpointError, DataError, UsageError.
    """
    if repeats is not None and not importance:
        raise UsageError("--repeats is set without --importance", help="add --importance, or leave --repeats out")
    if worst_pictures is not None and worst is None:
        raise UsageError(f"{WORST} is set without --worst", help=f"add --worst 50, or leave {WORST} out")
    pictures = None if worst_pictures is None else Path(worst_pictures)
    if pictures is not None:
        refuse_file(pictures, WORST)
    trained = read_trained_model(checkpoint)
    config, fitted = trained.config, trained.fitted
    if pictures is not None:
        require_pictures(fitted.preprocessing.shape, WORST)
    if importance and not fitted.preprocessing.input_ranges:
        samples_are = "images" if fitted.preprocessing.slots is None else "texts"
        what = f"--importance is of columns, and the samples of this network are {samples_are}"
        raise UsageError(what, help="leave --importance out; tables have columns, and arrays of the shape (N, F)")
    made = None if interval is None else intervals(trained, interval)
    metrics = metrics_of(config)
    conditions = parse_conditions(fail_if, ["loss", *(metric.name for metric in metrics)])
    other = None if data is None else Path(data)
    samples, name, notes, selection = _samples(trained, other, split, allow_unseen)
    samples = samples.for_outputs(trained.plan.outputs)
    _require_targets(samples, trained.plan, config)
    of_cache: list[str] = []
    with cache_notes_in(of_cache):
        network = trained.network(min(BATCH_SIZE, len(samples)), has_lengths=samples.lengths is not None)
        tallies = () if made is None else (ROWS,)
        scores, measure = measure_of(trained, network, metrics, samples, threads, tallies)
        values = measure.values()
    if other is not None and samples.lengths is not None:  # the run's own were told of when it was trained
        notes += (*trained.plan.notes_on_lengths({"given samples": samples.lengths}),)
    if measure.limited and fitted.transform is not None:
        notes += (fitted.transform.limit_note(measure.limited, len(samples), trained.description.target_names),)
    notes += (*trained.decision_notes(),)
    if broken := broken_weights(network):
        notes += (f"{broken}, its metrics mean nothing",)
    report: dict[str, Any] = {
        "checkpoint": str(trained.path),
        "split": name,
        "samples": len(samples),
        "metrics": values,
    }
    if trained.temperature is not None:
        report["temperature"] = trained.temperature
    if trained.threshold is not None:
        report["threshold"] = trained.threshold
    if made is not None:
        report["interval"] = coverage(made, scores.tally(ROWS), PredictionColumns.of(trained).names)
        if other is None and name != "test":
            notes += (f"the coverage on {name} samples, which the network was chosen on, is none of new ones",)
    if samples.weights is not None and isinstance(config.data, TableSource):
        report["weight"] = config.data.weight
    if samples.naive:
        report["baselines"] = _baselines(samples, are_values=config.loss.targets == "values")
    if config.loss.targets != "values":
        confusion, has_weights = scores.tally(CONFUSION), samples.weights is not None
        if not has_weights:
            confusion = confusion.astype(int)
        report |= _by_class(confusion, fitted.classes)
        if found := never_predicted(confusion, fitted.classes):
            total, tries = confusion.sum().item(), remedies(config, fitted.classes, trained.plan.outputs[-1])
            notes += (never_predicted_note(found, name, total, has_weights=has_weights, remedies=tries),)
    if importance:
        higher = {name: higher_is_better(name, metrics) for name in values}
        ranges = fitted.preprocessing.input_ranges
        report["importance"] = importances(samples, ranges, measure, higher, config.seed, repeats or 5, progress)
    if worst is not None or slices:
        from nnctl.commands.sample_errors import SampleErrors  # which imports the kernels

        errors = SampleErrors(trained, network, samples, selection, _file(config.data, other, name))
        if worst is not None:
            report |= errors.worst(worst, pictures)
        if slices:
            report["slices"], told = errors.slices(lambda part: measure_of(trained, network, metrics, part, threads)[1])
            notes += told
    failed = tuple(condition.text for condition in conditions if condition.holds(values))
    report["notes"] = [*of_cache, *notes, *(f"--fail-if {text!r} holds" for text in failed)]
    return Evaluation(report, notes, failed)


def _require_targets(samples: Split, plan: NetworkPlan, config: RunConfig) -> None:
    by_class = config.loss.targets == "classes"
    if (*samples.targets.shape[1:], *plan.outputs[-1:] * by_class) != plan.outputs:
        own = by(samples.targets.shape[1:]) or "single"
        what = f"the samples have {own} targets each, the network gives {by(plan.outputs)} outputs"
        raise DataError(what, help="give samples of the kind that the network was trained on")


def _samples(
    trained: TrainedModel,
    data: Path | None,
    split: SplitName | None,
    allow_unseen: bool,
) -> tuple[Split, str, tuple[str, ...], Selection]:
    """The samples to measure on, the split's name, notes, and the samples as their file holds them."""
    config, fitted = trained.config, trained.fitted
    if data is not None:
        name = split or "test"
        samples, notes, selection = open_samples(
            config.data, data, name, config.loss.targets, config.precision, fitted, allow_unseen=allow_unseen
        )
        return samples, name, notes, selection
    moved = tuple(notes_on_paths(config, trained.path))
    strict = [] if allow_unseen else _files_of_their_own(config, split)
    dataset = open_dataset(
        config.data,
        config.loss.targets,
        config.seed,
        config.precision,
        fitted=fitted,
        require_seen=strict,
        keep_selections=True,
    )
    splits = dataset.splits()
    chosen = split or next(name for name in ("test", "validation", "train") if name in splits)
    if chosen not in splits:
        raise DataError(
            f"this run has no {chosen} samples",
            help=f"choose --split {' or '.join(splits)}, or give other data with --data",
        )
    changed = changed_files(trained.description.data, dataset.hashes)
    notes = (f"the data changed since the training: {', '.join(changed)}",) if changed else ()
    return splits[chosen], chosen, (*moved, *notes, *dataset.split_notes[chosen]), dataset.selections[chosen]


def _file(source: Source, data: Path | None, split: str) -> Path:
    """The file or folder that the samples are read from. split: its name."""
    own = getattr(source, split, None)
    return data or Path(own if isinstance(own, str) else source.source)


def _files_of_their_own(config: RunConfig, split: SplitName | None) -> list[str]:
    """The split that is measured, if its samples are in another file than those of training."""
    parts: dict[str, object] = {"test": config.data.test, "validation": config.data.validation}
    chosen: str = split or next((name for name, part in parts.items() if part is not None), "train")
    return [chosen] if isinstance(parts.get(chosen), str) else []


def _baselines(samples: Split, *, are_values: bool) -> dict[str, dict[str, float]]:
    """How good the naive forecasts are of the samples that have one, and of how many that is."""
    return {
        name: {"samples": scores.samples} | scores.values(are_values=are_values)
        for name, scores in samples.naive.items()
    }


def _by_class(confusion: Any, classes: Sequence[str]) -> dict[str, Any]:
    from nnctl.metrics.by_class import by_class

    names = list(classes) or ["0", "1"]
    return {
        "confusion_matrix": confusion.tolist(),
        "classes": names,
        "by_class": [{"class": name} | row._asdict() for name, row in zip(names, by_class(confusion), strict=True)],
    }
