"""`nnctl eval` as a function: how good a checkpoint is on a split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nnctl.checkpoint import Checkpoint, read_checkpoint
from nnctl.config.load import config_from_json
from nnctl.config.run_config import RunConfig
from nnctl.data.dataset import Learnt, Split, open_dataset, open_samples
from nnctl.data.table.target_transform import TargetTransform
from nnctl.description import Description, blaming, description_of
from nnctl.errors import CheckpointError, DataError, Problem
from nnctl.fail_if import parse_conditions
from nnctl.memory import available_memory, bytes_in_words
from nnctl.metrics.metric import Metric
from nnctl.network import Network, NetworkPlan, plan_network

SplitName = Literal["train", "validation", "test"]
BATCH_SIZE = 256  # as good as any for the forward pass, and the same for everybody: sums keep their order


@dataclass(frozen=True)
class Evaluation:
    """report: what `--json` prints. notes: what the user should know. failed: the `--fail-if` texts that held."""

    report: dict[str, Any]
    notes: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


def evaluate(
    checkpoint: str | Path,
    *,
    data: str | Path | None = None,
    split: SplitName | None = None,
    fail_if: Sequence[str] = (),
    threads: int | None = None,
) -> Evaluation:
    """Loss, metrics and confusion matrix of a checkpoint (a file, or a run folder's best).

    data: other samples of the same kind; else the run's own. split: test by default, else validation, else train.
    Raises CheckpointError, DataError, UsageError.
    """
    path = checkpoint_file(Path(checkpoint))
    kept = read_checkpoint(path)
    description = description_of(kept, path)
    with blaming(path):
        config = config_from_json(description.config)
        learnt = learnt_of(description, config)
        plan = _plan(config, learnt)
    metrics = _metrics(config)
    conditions = parse_conditions(fail_if, ["loss", *(metric.name for metric in metrics)])
    samples, name, notes = _samples(config, description, learnt, None if data is None else Path(data), split)
    _require_targets(samples, plan, config)
    with blaming(path):
        network = _network(config, plan, kept, samples)
    values, confusion = _measured(config, network, metrics, samples, learnt, threads)
    notes += _broken_weights(network)
    report: dict[str, Any] = {
        "checkpoint": str(path),
        "split": name,
        "samples": len(samples.inputs),
        "metrics": values,
    }
    if confusion is not None:
        report |= _by_class(confusion, description.classes)
    failed = tuple(condition.text for condition in conditions if condition.holds(values))
    return Evaluation(report, notes, failed)


def checkpoint_file(path: Path) -> Path:
    """The checkpoint that a path means: itself, or a run folder's best. Raises CheckpointError."""
    if not path.is_dir():
        return path
    for name in ("best", "last"):
        file = path / "checkpoints" / f"{name}.safetensors"
        if file.is_file():
            return file
    raise CheckpointError(
        Problem(
            "holds no checkpoint", str(path), help="give a run folder that `nnctl train` wrote, or a checkpoint file"
        )
    )


def _metrics(config: RunConfig) -> list[Metric]:
    """The usual metrics for the kind of targets, then those of the config."""
    from nnctl.metrics.accuracy import Accuracy
    from nnctl.metrics.f1 import F1
    from nnctl.metrics.mae import MAE
    from nnctl.metrics.precision import Precision
    from nnctl.metrics.r2 import R2
    from nnctl.metrics.recall import Recall
    from nnctl.metrics.rmse import RMSE

    usual: list[Metric] = (
        [MAE(), RMSE(), R2()] if config.loss.targets == "values" else [Accuracy(), Precision(), Recall(), F1()]
    )
    return list({metric.name: metric for metric in [*usual, *config.metrics]}.values())


def learnt_of(description: Description, config: RunConfig) -> Learnt:
    """What the checkpoint keeps of its training samples. Raises ValueError."""
    transform = description.target_transform
    return Learnt(
        config.data.kept(description.preprocessing),
        None if transform is None else TargetTransform.from_json(transform),
        tuple(description.classes),
    )


def _plan(config: RunConfig, learnt: Learnt) -> NetworkPlan:
    """The network that the checkpoint describes, if it fits into the memory and its outputs to its classes."""
    plan = plan_network(config.layers, learnt.preprocessing.shape, learnt.preprocessing.embeddings)
    needed, free = plan.memory(BATCH_SIZE, np.dtype(config.precision).itemsize, slots=0), available_memory()
    if needed > free:
        what = f"its network takes {bytes_in_words(needed)} of memory, {bytes_in_words(free)} are free"
        raise CheckpointError(what, help="use a machine with more memory, or a smaller network")
    if config.loss.targets == "classes" and plan.outputs != (len(learnt.classes),):
        what = f"its network gives {plan.outputs[0]} outputs for {len(learnt.classes)} classes"
        raise CheckpointError(what, help="train again, or use another checkpoint")
    return plan


def _require_targets(samples: Split, plan: NetworkPlan, config: RunConfig) -> None:
    if config.loss.targets != "classes" and plan.outputs != samples.targets.shape[1:]:
        what = f"the samples have {samples.targets.shape[1]} targets each, the network gives {plan.outputs[0]} outputs"
        raise DataError(what, help="give samples of the kind that the network was trained on")


def _network(config: RunConfig, plan: NetworkPlan, kept: Checkpoint, samples: Split) -> Network:
    from nnctl.kernels import cpu

    network = Network(plan, min(BATCH_SIZE, len(samples.inputs)), config.precision, cpu)
    network.load(kept.tensors)
    return network


def _broken_weights(network: Network) -> tuple[str, ...]:
    broken = [name for name, values in network.named().items() if not np.isfinite(values).all()]
    if not broken:
        return ()
    return (f"NaN or infinite numbers in {', '.join(broken)}: this network has diverged, its metrics mean nothing",)


def _samples(
    config: RunConfig,
    description: Description,
    learnt: Learnt,
    data: Path | None,
    split: SplitName | None,
) -> tuple[Split, str, tuple[str, ...]]:
    """The samples to measure on, the split's name, and notes."""
    if data is not None:
        name = split or "test"
        targets, seed, precision = config.loss.targets, config.seed, config.precision
        return open_samples(config.data, name, targets, seed, precision, learnt, data), name, ()
    dataset = open_dataset(config.data, config.loss.targets, config.seed, config.precision, learnt=learnt)
    splits = dataset.splits()
    chosen = split or next(name for name in ("test", "validation", "train") if name in splits)
    if chosen not in splits:
        raise DataError(
            f"this run has no {chosen} samples",
            help=f"choose --split {' or '.join(splits)}, or give other data with --data",
        )
    changed = [file for file, digest in dataset.hashes.items() if description.data.get(file) != digest]
    notes = (f"the data changed since the training: {', '.join(sorted(changed))}",) if changed else ()
    return splits[chosen], chosen, notes


def _measured(
    config: RunConfig,
    network: Network,
    metrics: Sequence[Metric],
    samples: Split,
    learnt: Learnt,
    threads: int | None,
) -> tuple[dict[str, float], Any]:
    """Loss and metrics by name, and the confusion matrix where the targets have classes."""
    from nnctl.kernels import cpu
    from nnctl.kernels.kernel import set_threads
    from nnctl.metrics.scores import Scores
    from nnctl.objective import Measure, Objective

    set_threads(threads)
    scores = Scores(metrics, network.plan.outputs[0], len(learnt.classes) or 2, config.loss.threshold)
    values = Measure(Objective(network, config.loss, samples, cpu, learnt.transform), samples, scores).values()
    return values, scores.tallies.get("confusion") if config.loss.targets != "values" else None


def _by_class(confusion: Any, classes: Sequence[str]) -> dict[str, Any]:
    from nnctl.metrics.by_class import by_class

    names = list(classes) or ["0", "1"]
    return {
        "confusion_matrix": confusion.astype(int).tolist(),
        "classes": names,
        "by_class": [{"class": name} | row._asdict() for name, row in zip(names, by_class(confusion), strict=True)],
    }
