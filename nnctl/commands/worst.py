"""The samples of the largest loss, for `nnctl eval --worst`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.commands.prediction_columns import PredictionColumns
from nnctl.data.table.dates import written_date
from nnctl.model.sample_losses import SampleLosses

Array = NDArray[Any]


def worst_rows(losses: Array, weights: Array | None, count: int) -> NDArray[np.int64]:
    """The samples of the largest loss, NaN first, then the largest; the first of equal ones. A weight of 0 is none.

    losses: (N,). weights: (N,), or None.
    """
    rows = np.arange(len(losses)) if weights is None else np.flatnonzero(weights)
    own = np.where(np.isnan(losses), np.inf, losses)[rows]
    return np.asarray(rows[np.argsort(-own, kind="stable")[:count]])


def worst_samples(
    found: SampleLosses, targets: Array, names: Sequence[dict[str, Any]], predicted: PredictionColumns
) -> list[dict[str, Any]]:
    """A row a sample: what it is known by, its true and its predicted target, and its loss.

    {**name, "true":, "predicted":, "probability":, "loss":}: a class is its name, a value a number in the target's own
    units, and what has several outputs {name: value}. probability: of what is predicted, where there is one. Where
    targets are one a step, the loss is the mean over the steps, and "step" (from 1 on), "step_loss", "true" and
    "predicted" are of the worst step.

    found: of these samples. targets: theirs as the file has them, (n,) class numbers or (n, K), or of each step.
    """
    assert found.outputs is not None
    outputs, steps = found.outputs, found.of_steps
    own: list[dict[str, Any]] = [{} for _ in names]
    if steps is not None:
        places = np.argmax(np.where(np.isnan(steps), -np.inf, steps), axis=1)
        each = np.arange(len(places))
        own = [{"step": place + 1, "step_loss": float(steps[row, place])} for row, place in enumerate(places.tolist())]
        outputs, targets = outputs[each, places], targets[each, places]
    answers = _answers(predicted, targets.reshape(len(names), -1), outputs)
    losses = found.of_samples.tolist()
    return [
        name | step | answer | {"loss": loss}
        for name, step, answer, loss in zip(names, own, answers, losses, strict=True)
    ]


def _answers(predicted: PredictionColumns, targets: Array, outputs: Array) -> list[dict[str, Any]]:
    """What is true and what is predicted. targets: (n, 1) class numbers, or (n, K). outputs: (n, K)."""
    outputs = outputs.copy()
    predicted.limit(outputs)
    probabilities = predicted.probabilities_of(outputs)
    if predicted.classes:
        largest = predicted.largest(outputs)
        chances = probabilities[np.arange(len(largest)), largest].tolist() if predicted.probabilities else []
        pairs = zip(targets[:, 0].tolist(), largest.tolist(), strict=True)
        rows = [{"true": predicted.classes[own], "predicted": predicted.classes[guess]} for own, guess in pairs]
        return [row | {"probability": chance} for row, chance in zip(rows, chances, strict=True)] if chances else rows
    if predicted.loss.targets == "binary":
        ones = predicted.are_ones(outputs)
        columns = {"true": targets.astype(int), "predicted": ones.astype(int)}
        if predicted.probabilities:
            columns["probability"] = np.where(ones, probabilities, 1 - probabilities)
    else:
        columns = {"true": targets, "predicted": predicted.in_own_units(outputs)}
    return [
        {key: _named(predicted, values[row].tolist()) for key, values in columns.items()} for row in range(len(outputs))
    ]


def _named(predicted: PredictionColumns, values: list[float]) -> Any:
    """One value as it is, several by the names of the outputs; dates as the file writes them."""
    pairs = zip(predicted.names, values, strict=True)
    shown = {
        name: written_date(value, predicted.dates[name]) if name in predicted.dates else value for name, value in pairs
    }
    return shown if len(shown) > 1 else next(iter(shown.values()))
