"""Gradients that become nothing on their way to the first layers, or to the first steps of a sequence."""

from __future__ import annotations

from typing import ClassVar

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, shown
from nnctl.diagnoses.record import RECENT, RunRecord
from nnctl.diagnoses.remedies import default_weights, key_of, kind_of, squashing, with_kind
from nnctl.diagnoses.steps_of_time import gradients_over_time

BY_LAYER = 1e-4  # of another layer's gradient: ten layers of relu leave 0.2, of sigmoid 1e-7
AT_FIRST = 1e-2  # of it, in the first step: else it is what training did, as steps that are too large
OUTPUTS = 1e-4  # of the first layer's outputs, in the first step
BY_STEP = 1e-5  # of the last step's gradient
UNLEARNT = 0.9  # of the loss of a constant answer, or of the first one: else what is far back does not matter
LATEST = 10  # measured steps, before which a loss says nothing


class VanishingGradients(Diagnosis):
    """One of three:

    - backwards: the first layer's weights get less than 1e-4 of the largest gradient of a layer behind it (root mean
      squares), in the median of the last four measured steps, in each of them less than 1e-3, and in the first step
      less than 1e-2: what comes later has another cause.
    - forwards: in the first step, the outputs of the last hidden layer are less than 1e-4 of the first layer's, and the
      loss has not come below 90 % of a constant answer's. Here all weights get as little as the first ones, so that no
      ratio of their gradients shows it.
    - in time: in a recurrent layer, the first step of a sequence gets less than 1e-5 of the largest gradient of a step,
      and the loss has not come below 90 %: where the last steps are enough, the first may be forgotten.

    The ratio is of layers of one network, so that neither the loss's scale nor the batch matters. Source: Hochreiter
    1991; Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", 4.2.
    """

    name: ClassVar[str] = "vanishing_gradients"
    is_early: ClassVar[bool] = True
    rank: ClassVar[int] = 0
    explains: ClassVar[tuple[str, ...]] = (
        "loss_stalls", "underfit", "learning_rate_too_low", "learning_rate_too_high", "plateau", "more_epochs",
        "stopped_too_early", "unbalanced_classes", "noisy_validation",
    )  # fmt: skip

    def find(self, run: RunRecord) -> Finding | None:
        if len(run.measured) < RECENT:
            return None
        return _backwards(run) or _forwards(run) or _by_step(run)


def _backwards(run: RunRecord) -> Finding | None:
    layers = run.weighted
    if len(layers) < 3:
        return None
    first, own = layers[0], {layer: run.recent(layer, "gradient") for layer in layers}
    largest = max(layers[1:], key=lambda layer: own[layer])
    if not 0 < own[first] < BY_LAYER * own[largest]:
        return None
    if run.first(first, "gradient") > AT_FIRST * max(run.first(layer, "gradient") for layer in layers[1:]):
        return None
    rows = [[row["layers"][layer]["gradient"] for layer in (first, largest)] for row in run.measured[-RECENT:]]
    if not all(low < 10 * BY_LAYER * high for low, high in rows):
        return None
    return Finding(
        VanishingGradients.name,
        f"vanishing gradients: {first} gets {shown(own[first] / own[largest])} of the gradient of {largest}, so that "
        "the first layers do not learn",
        where=tuple(layer for layer in layers if own[layer] < 100 * BY_LAYER * own[largest]),
        epoch=run.last_measured_epoch,
        evidence={"ratio": own[first] / own[largest], "gradients": own},
        remedy=default_weights(run.config, layers) or with_kind(run.config, squashing(run), "relu"),
        advice="put batch_norm between the layers, or shortcuts around them (residual)",
    )


def _forwards(run: RunRecord) -> Finding | None:
    layers = run.weighted
    if len(layers) < 4 or len(run.measured) < LATEST or _has_learnt(run):
        return None
    first, last = (run.first(layer, "outputs") for layer in (layers[0], layers[-2]))
    if not 0 < last < OUTPUTS * first:
        return None
    remedy = default_weights(run.config, layers) or with_kind(run.config, squashing(run), "relu")
    return Finding(
        VanishingGradients.name,
        f"vanishing gradients: outputs shrink to {shown(last / first)} of their size from {layers[0]} to {layers[-2]}, "
        "so that little of the inputs is left, and next to no gradient comes back",
        where=layers,
        epoch=run.last_measured_epoch,
        evidence={"ratio": last / first, "outputs": {layer: run.first(layer, "outputs") for layer in layers}},
        remedy=remedy,
        advice="put batch_norm between the layers, or shortcuts around them (residual)",
    )


def _has_learnt(run: RunRecord) -> bool:
    """By the loss of an epoch, or that of the last batches while a run goes on."""
    if run.unlearnt == run.unlearnt:
        return run.unlearnt < UNLEARNT
    return run.recent_loss < UNLEARNT * run.start


def _by_step(run: RunRecord) -> Finding | None:
    if len(run.measured) < LATEST or _has_learnt(run):
        return None
    for layer, gradients in gradients_over_time(run):
        found = key_of(run.config, layer)
        if found is None or len(gradients) < 2 or gradients[0] >= BY_STEP * gradients.max():
            continue
        ratio = gradients[0] / gradients.max()
        return Finding(
            VanishingGradients.name,
            f"vanishing gradients: in {layer} the first steps of a sequence get {shown(ratio)} of the gradient of the "
            "last ones, so that what is far back is not learnt",
            where=(layer,),
            epoch=run.last_measured_epoch,
            evidence={"ratio": ratio, "by_step": gradients.tolist()},
            remedy=(f"{found[0]}.type=lstm",) if kind_of(found[1]) == "rnn" else (),
            advice="let it give all steps (`return: sequence`) to a mean_over_steps, or make the sequences shorter",
        )
    return None
