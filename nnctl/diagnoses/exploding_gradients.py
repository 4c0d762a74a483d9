"""Gradients or outputs that grow from layer to layer, or from step to step of a sequence."""

from __future__ import annotations

from typing import ClassVar

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, shown
from nnctl.diagnoses.record import RECENT, RunRecord
from nnctl.diagnoses.remedies import default_weights
from nnctl.diagnoses.steps_of_time import gradients_over_time

BACKWARD = 30.0  # times the last layer's gradient of activations
FORWARD = 30.0  # times the outputs of the first layer
LOSS = 30.0  # times that of the best constant answer
BY_STEP = 1e3  # times the last step's gradient


class ExplodingGradients(Diagnosis):
    """The run ends in its first step, whose outputs, loss or gradients are not finite. Or one of three; a growth from
    layer to layer counts in the first step, before training has changed it, and for three layers and more, a growth in
    time in the median of the last four measured steps:

    - backwards: the gradient of the first layer's outputs is 30 times that of the last hidden layer's. With tanh,
      which hides it from the outputs, it is the only sign.
    - forwards: the first loss is 30 times that of the best constant answer, and the last layer's outputs are 30 times
      the first layer's. Here every layer's gradient is huge, so that no ratio of them shows it.
    - in time: the first step of a sequence gets 1000 times the gradient of the last one.

    Source: Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013, "On the difficulty of training recurrent
    neural networks"; Schoenholz et al. 2017, "Deep information propagation", for tanh.
    """

    name: ClassVar[str] = "exploding_gradients"
    is_early: ClassVar[bool] = True
    rank: ClassVar[int] = 0
    makes_diverge: ClassVar[bool] = True
    explains: ClassVar[tuple[str, ...]] = (
        "loss_stalls", "underfit", "learning_rate_too_low", "learning_rate_too_high", "plateau", "more_epochs",
        "stopped_too_early", "unbalanced_classes", "noisy_validation", "dead_units", "saturated_units", "overfit",
    )  # fmt: skip

    def find(self, run: RunRecord) -> Finding | None:
        if run.ended == "diverged" and not run.measured and run.facts:
            return _at_once(run)
        if len(run.measured) < RECENT and run.ended != "diverged":
            return None
        return _by_layer(run) or _by_step(run)


def _at_once(run: RunRecord) -> Finding:
    layers = tuple(run.facts.get("layers", {}))
    remedy = default_weights(run.config, layers)
    return Finding(
        ExplodingGradients.name,
        "exploding gradients: outputs or gradients of the first step are not finite, before any weight has changed",
        where=layers,
        evidence={"baseline": run.baseline},
        remedy=remedy,
        advice="put batch_norm or layer_norm between the layers, and look at the sizes of inputs and targets",
    )


def _by_layer(run: RunRecord) -> Finding | None:
    layers = run.weighted
    if len(layers) < 3 or not run.measured:
        return None
    backward = run.first(layers[0], "d_outputs") / max(run.first(layers[-2], "d_outputs"), 1e-300)
    forward = run.first(layers[-1], "outputs") / max(run.first(layers[0], "outputs"), 1e-300)
    loss = run.first_loss / run.baseline
    if backward > BACKWARD:
        what = f"the gradient grows {shown(backward)} times from {layers[-2]} back to {layers[0]}"
    elif forward > FORWARD and not loss < LOSS:
        what = f"outputs grow {shown(forward)} times from {layers[0]} to {layers[-1]}"
        what += f", and the loss begins at {shown(run.first_loss)}" if loss == loss else ""
    else:
        return None
    remedy = default_weights(run.config, layers)
    return Finding(
        ExplodingGradients.name,
        f"exploding gradients: {what}",
        where=layers,
        epoch=run.last_measured_epoch,
        evidence={"backward": backward, "forward": forward, "loss": run.first_loss, "baseline": run.baseline},
        remedy=remedy,
        advice="put batch_norm or layer_norm between the layers"
        if remedy
        else "put layer_norm between the layers, or let weights start smaller (`weight: he_normal`)",
    )


def _by_step(run: RunRecord) -> Finding | None:
    for layer, gradients in gradients_over_time(run):
        ratio = gradients[0] / gradients[-1] if len(gradients) > 1 else 0.0
        if not ratio > BY_STEP:
            continue
        return Finding(
            ExplodingGradients.name,
            f"exploding gradients: in {layer} the gradient grows {shown(ratio)} times from the last step of a sequence "
            "back to the first",
            where=(layer,),
            epoch=run.last_measured_epoch,
            evidence={"ratio": ratio, "by_step": gradients.tolist()},
            remedy=(*default_weights(run.config, [layer]), *(() if run.config.clip_norm else ("clip_norm=1.0",))),
        )
    return None
