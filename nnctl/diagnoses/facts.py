"""What is known of a run before its first step: its data in a few numbers, and the names of its layers.

They are kept in the run folder, so that a diagnosis does not need the data. Of many samples some are looked at,
evenly spaced among the training samples.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.dataset import Split
from nnctl.data.leaks import Leak
from nnctl.data.targets import class_counts
from nnctl.model.class_weight import BINARY
from nnctl.model.preparation import Prepared

SAMPLES = 256  # for the sizes of inputs
TARGETS = 2048  # for constant answers: their loss is known to 1 or 2 % then
NEIGHBOURS = 300  # for nearest neighbours
FEATURES = 256  # of a sample, that a distance is made of
FEW_FEATURES = 64  # are brought to one scale before
ROUNDS = 40  # of the search for the best constant answer, at most
PATIENCE = 3  # rounds that lower the loss by less than LITTLE, after which it ends
LITTLE = 0.001  # of the loss

Array = NDArray[Any]


def facts_of(prepared: Prepared) -> dict[str, Any]:
    """Numbers and names, as JSON has them.

    samples: how many, by split. last_batch: its size. baseline: the loss of the best constant answer;
    validation_baseline: of the same one, on validation samples. neighbours: how well a sample's nearest neighbour
    answers for it, `accuracy` or `r2`. inputs: the root mean squares of the largest and the smallest feature. classes:
    training samples of each. leaks: columns that tell the target. layers: what each is, in the order of the network.
    """
    config, dataset, train = prepared.config, prepared.dataset, prepared.dataset.train
    baseline, validation_baseline = _baselines(prepared)
    links = [layer for layer in prepared.plan.layers if not layer.operation.chains]
    return {
        "samples": {name: len(split) for name, split in dataset.splits().items()},
        "last_batch": len(train) % config.batch_size or min(len(train), config.batch_size),
        "parameters": prepared.plan.parameters,
        "baseline": _number(baseline),
        "validation_baseline": _number(validation_baseline),
        "neighbours": _neighbours(prepared),
        "inputs": _inputs(prepared),
        "classes": _classes(prepared),
        "leaks": [column for note in dataset.notes if isinstance(note, Leak) for column in note.columns],
        "layers": {layer.name: layer.kind for layer in links},
    }


def some(split: Split, most: int) -> NDArray[np.int64]:
    """The positions of so many samples, evenly spaced."""
    return np.linspace(0, len(split) - 1, min(len(split), most)).astype(np.int64)


def _number(value: float) -> float | None:
    return float(f"{value:.6g}") if np.isfinite(value) else None


def _baselines(prepared: Prepared) -> tuple[float, float]:
    """The loss of the best constant outputs on training samples, and that of the same ones on validation samples; NaN
    where there are none.

    Found by steps along the signs of the gradient that grow and shrink. Source: Riedmiller and Braun 1993, "RPROP".
    """
    targets, weights = _targets(prepared, prepared.dataset.train)
    if not len(targets):
        return float("nan"), float("nan")
    constant = _Constant(prepared, targets, weights)
    answer, step = _first_answer(prepared, targets, weights)
    best, best_answer, before, idle = np.inf, answer, np.zeros_like(answer), 0
    for _ in range(ROUNDS):
        loss, gradient = constant.evaluate(answer)
        idle = idle + 1 if loss > best - LITTLE * abs(best) else 0
        if loss < best:
            best, best_answer = loss, answer
        if idle == PATIENCE:
            break
        direction = np.sign(gradient)
        step = np.where(direction * before < 0, step / 2, step * 1.2)
        answer, before = answer - direction * step, direction
    validation = prepared.dataset.validation
    targets, weights = _targets(prepared, validation) if validation is not None else (targets[:0], weights[:0])
    validated = _Constant(prepared, targets, weights).evaluate(best_answer)[0] if len(targets) else float("nan")
    return best, validated


class _Constant:
    """Samples that constant outputs are evaluated on."""

    def __init__(self, prepared: Prepared, targets: Array, weights: Array) -> None:
        device, rows, kind = prepared.plan.device, len(targets), np.dtype(prepared.config.precision)
        self._loss, self._device, self._weights = prepared.config.loss, device, weights
        self._targets, self._count = device.from_host(targets), device.from_host(np.array([rows], np.int64))
        self._outputs = device.zeros((rows, prepared.plan.outputs[-1]), kind)
        self._losses, self._gradients = device.zeros(rows, np.float64), device.zeros(self._outputs.shape, kind)

    def evaluate(self, answer: Array) -> tuple[float, Array]:
        """The mean loss of an answer (K,), and its gradient but for a factor, (K,)."""
        device = self._device
        outputs = np.broadcast_to(answer, self._outputs.shape).astype(self._outputs.dtype)
        device.write(outputs, self._outputs)
        arguments = (self._outputs, self._targets, self._count, self._losses, self._gradients)
        self._loss.evaluate(*arguments, device.kernels)
        gradients = device.to_host(self._gradients).astype(np.float64)
        loss = float(np.average(device.to_host(self._losses), weights=self._weights))
        return loss, (gradients * self._weights[:, np.newaxis]).sum(axis=0)


def _targets(prepared: Prepared, split: Split) -> tuple[Array, Array]:
    """Those of some samples that have one, (rows, ...), and how much each counts in the loss, (rows,)."""
    chosen = some(split, TARGETS)
    targets = split.targets[chosen]
    if split.steps:
        targets = targets.reshape(-1, *targets.shape[2:])
    if prepared.config.loss.targets == "classes":
        targets = targets.astype(np.int64)
        targets = targets[targets >= 0]
    else:
        targets = targets[~np.isnan(targets[:, 0])]
    targets = np.ascontiguousarray(targets[:TARGETS])
    return targets, _weights(prepared, split, targets, chosen)


def _first_answer(prepared: Prepared, targets: Array, weights: Array) -> tuple[Array, Array]:
    """Where the search begins, and how far its first step goes, (K,) both. Of classes, at the logarithms of their
    shares, which are the best answer of cross-entropy.
    """
    width = prepared.plan.outputs[-1]
    if prepared.config.loss.targets == "classes":
        counts = np.bincount(targets, weights, width)
        return np.log((counts + 0.5) / (counts.sum() + 0.5 * width)), np.full(width, 0.05)
    if prepared.config.loss.targets != "values":
        return np.zeros(width), np.full(width, 0.5)
    mean, spread = targets.mean(axis=0, dtype=np.float64), targets.std(axis=0, dtype=np.float64) + 1e-12
    if prepared.config.loss.inside == "exp":
        return np.log(np.maximum(mean, 1e-6)), np.full(width, 0.1)
    return np.broadcast_to(mean, width).copy(), np.broadcast_to(spread / 4, width).copy()


def _weights(prepared: Prepared, split: Split, targets: Array, chosen: Array) -> Array:
    """How much each row counts in the loss, (rows,)."""
    own = np.ones(len(targets))
    if split.weights is not None and not split.steps:
        own = split.weights[chosen]
    if prepared.class_weights is not None and (targets.ndim == 1 or targets.shape[1] == 1):
        own = own * prepared.class_weights[targets.reshape(-1).astype(np.int64)]
    return own if own.sum() > 0 else np.ones(len(targets))


def _neighbours(prepared: Prepared) -> dict[str, float] | None:
    """How well the nearest other training sample answers for a sample; None where inputs are no amounts, where there
    are few samples, and where targets are one a step.
    """
    train = prepared.dataset.train
    chosen = some(train, NEIGHBOURS)
    if not _are_amounts(prepared) or train.steps or len(chosen) < 50:
        return None
    inputs = train.scaled(chosen).reshape(len(chosen), -1).astype(np.float32)
    inputs = inputs[:, :: -(-inputs.shape[1] // FEATURES)]
    inputs = inputs - inputs.mean(axis=0)
    if inputs.shape[1] <= FEW_FEATURES:
        spread = inputs.std(axis=0)
        inputs = inputs / np.where(spread > 0, spread, 1)
    squares = np.square(inputs).sum(axis=1)
    # einsum, since the threads of a BLAS look for more products on cores that training is about to use
    distances = squares[:, np.newaxis] + squares - 2 * np.einsum("if,jf->ij", inputs, inputs)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(axis=1)
    targets = train.targets[chosen]
    if prepared.config.loss.targets != "values":
        own = targets.reshape(len(targets), -1)
        return {"accuracy": round(float((own == own[nearest]).mean()), 4)}
    errors, variance = np.square(targets[nearest] - targets).mean(), targets.var(axis=0).mean()
    return {"r2": round(max(-1.0, float(1 - errors / variance)), 4)} if variance > 0 else None


def _are_amounts(prepared: Prepared) -> bool:
    """Whether inputs are numbers, and no names of words, characters or categories."""
    return prepared.dataset.preprocessing.slots is None and not prepared.dataset.preprocessing.embeddings


def _inputs(prepared: Prepared) -> dict[str, Any] | None:
    """The root mean squares of the features that are not all 0; a feature is what the last axis has."""
    train = prepared.dataset.train
    if prepared.dataset.preprocessing.slots is not None:
        return None
    inputs = train.scaled(some(train, SAMPLES)).astype(np.float64)
    numbers = inputs.shape[-1] - len(prepared.dataset.preprocessing.embeddings)
    wide = inputs.ndim == 2 and prepared.dataset.preprocessing.output_names
    sizes = np.sqrt(np.square(inputs.reshape(-1, inputs.shape[-1])[:, :numbers]).mean(axis=0))
    if not (sizes > 0).any():
        return None
    at = int(sizes.argmax())
    return {
        "largest": _number(sizes[at]),
        "smallest": _number(sizes[sizes > 0].min()),
        "column": prepared.dataset.preprocessing.output_names[at] if wide else None,
    }


def _classes(prepared: Prepared) -> dict[str, int] | None:
    """How many training targets each class has; None for values."""
    config, dataset, targets = prepared.config, prepared.dataset, prepared.dataset.train.targets
    if config.loss.targets == "classes":
        counts = class_counts(targets, len(dataset.classes))
        return dict(zip(dataset.classes, map(int, counts), strict=True))
    if config.loss.targets == "binary" and dataset.outputs == 1:
        ones = int(np.count_nonzero(targets > 0.5))
        return dict(zip(BINARY, (int(targets.size) - ones, ones), strict=True))
    return None
