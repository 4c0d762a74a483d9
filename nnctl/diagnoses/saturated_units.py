"""Activations at the ends of their range, where a change of the inputs changes nothing."""

from __future__ import annotations

from typing import ClassVar

from nnctl.diagnoses.diagnosis import Diagnosis, Finding
from nnctl.diagnoses.record import RECENT, RunRecord
from nnctl.diagnoses.remedies import default_biases, default_weights, squashing, with_kind, with_learning_rate

SHARE = 0.5  # of a layer's outputs
AT_FIRST = 0.25  # of them, already before any learning
LEARNT = 0.5  # of the first loss
WORSE = 1.25  # times the first loss, more than batches differ by


class SaturatedUnits(Diagnosis):
    """In a hidden layer, half of the outputs of sigmoid or tanh are within 1 % of an end of the range, in the median of
    the last four measured steps. Either a quarter were from the first step on, and the loss is still more than half of
    the first one, or the loss is worse than at first, by a quarter.

    A network that learns may end with saturated units: they have made up their mind. Source: LeCun et al. 1998,
    "Efficient backprop", 4.4; Glorot and Bengio 2010, 3.1.
    """

    name: ClassVar[str] = "saturated_units"
    is_early: ClassVar[bool] = True
    rank: ClassVar[int] = 0
    explains: ClassVar[tuple[str, ...]] = (
        "loss_stalls", "underfit", "vanishing_gradients", "learning_rate_too_low", "plateau",
        "more_epochs", "stopped_too_early", "unbalanced_classes",
    )  # fmt: skip

    def find(self, run: RunRecord) -> Finding | None:
        if len(run.measured) < 2 * RECENT:
            return None
        own = {layer: run.recent(layer, "saturated") for layer in squashing(run)}
        own = {layer: share for layer, share in own.items() if share > SHARE}
        if not own:
            return None
        worst = max(own, key=lambda layer: own[layer])
        began = max(run.of_layer(layer, "saturated")[0] for layer in own)
        if run.recent_loss < (LEARNT if began > AT_FIRST else WORSE) * run.start:
            return None
        remedy: tuple[str, ...] = (with_learning_rate(run.config, 0.1),)
        if began > AT_FIRST:
            begins = (*default_weights(run.config, run.weighted), *default_biases(run.config, tuple(own)))
            remedy = begins or with_kind(run.config, tuple(own), "relu")
        return Finding(
            self.name,
            f"saturated units: {own[worst]:.0%} of the outputs of {worst} are at an end of their range, where "
            "gradients are next to 0",
            where=tuple(own),
            epoch=run.last_measured_epoch,
            evidence={"share": own, "at_first": began},
            remedy=remedy,
        )
