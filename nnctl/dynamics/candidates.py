"""Units that are trained beside a network, to vary as its errors do, before one of them becomes a part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

# of resilient propagation: Riedmiller and Braun 1993, "A direct adaptive method for faster backpropagation learning"
SLOWER, FASTER = 0.5, 1.2
FIRST_STEP, LEAST_STEP, LARGEST_STEP = 0.1, 1e-6, 10.0


@dataclass(frozen=True)
class Candidate:
    """weight: (F,). score: of its outputs with the errors, from 0 to 1: see `best_candidate`."""

    weight: Float64
    bias: float
    score: float


def best_candidate(
    features: Float64,
    errors: Float64,
    activation: Literal["tanh", "sigmoid"],
    rounds: int,
    start: Float64,
) -> Candidate:
    """Of some candidates the one whose outputs vary most with the errors of the samples.

    features: (N, F), what candidates read. errors: (N, K). start: (C, F + 1), the weights that the candidates start
    with and, in the last column, the bias. What is maximized is S, the sum over the errors of |the sum over the samples
    of (output - mean output) (error - mean error)|: Fahlman and Lebiere 1990, "The cascade-correlation learning
    architecture", equation 1, by resilient propagation, which knows each gradient by its sign alone. The score is S
    over the largest that it could be for outputs with that variance and a single error.
    """
    inputs = np.concatenate([features, np.ones((len(features), 1))], axis=1)
    centred = errors - errors.mean(axis=0)
    weights, steps, before = start.copy(), np.full(start.shape, FIRST_STEP), np.zeros(start.shape)
    best, most = start.copy(), np.full(len(start), -np.inf)
    for _ in range(rounds):
        outputs, slopes = _outputs(inputs, weights, activation)
        covariances = np.einsum("nc,nk->ck", outputs, centred)
        sums = np.abs(covariances).sum(axis=1)
        better = sums > most
        best[better], most[better] = weights[better], sums[better]
        pull = np.einsum("nk,ck->nc", centred, np.sign(covariances)) * slopes
        gradient = np.einsum("nc,nf->cf", pull, inputs)
        turned = gradient * before < 0
        steps = np.clip(
            steps * np.where(turned, SLOWER, np.where(gradient * before > 0, FASTER, 1.0)), LEAST_STEP, LARGEST_STEP
        )
        gradient = np.where(turned, 0.0, gradient)
        weights = weights + np.sign(gradient) * steps
        before = gradient
    outputs, _ = _outputs(inputs, best, activation)
    spread = np.sqrt(np.square(outputs - outputs.mean(axis=0)).sum(axis=0) * np.square(centred).sum())
    scores = np.where(spread > 0, most / np.where(spread > 0, spread, 1.0), 0.0)
    chosen = int(np.argmax(most))
    return Candidate(best[chosen, :-1], float(best[chosen, -1]), float(scores[chosen]))


def _outputs(inputs: Float64, weights: Float64, activation: str) -> tuple[Float64, Float64]:
    """What candidates give, (N, C), and its derivative with respect to their sums."""
    sums = np.einsum("nf,cf->nc", inputs, weights)
    if activation == "tanh":
        outputs = np.tanh(sums)
        return outputs, 1.0 - outputs * outputs
    outputs = 0.5 + 0.5 * np.tanh(0.5 * sums)
    return outputs, outputs * (1.0 - outputs)
