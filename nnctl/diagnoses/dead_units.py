"""Units of relu that are 0 for every sample, and learn nothing any more."""

from __future__ import annotations

from typing import ClassVar

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, named
from nnctl.diagnoses.record import RECENT, RunRecord
from nnctl.diagnoses.remedies import default_biases, default_weights, with_kind, with_learning_rate

SHARE = 0.6  # of a layer's units
GROWTH = 0.3  # of them, that died since the first step: else it began so


class DeadUnits(Diagnosis):
    """In a layer of relu, 60 % of the units are 0 for all samples looked at (32 of a batch, all their positions), in
    each of the last four measured steps, and 30 % more than at the first step; or 90 %, whenever they died.

    Few dead units are usual, and some are so at the start by chance, in narrow and deep networks above all. Source: Lu
    et al. 2019, "Dying ReLU and initialization".
    """

    name: ClassVar[str] = "dead_units"
    is_early: ClassVar[bool] = True
    rank: ClassVar[int] = 0
    explains: ClassVar[tuple[str, ...]] = (
        "loss_stalls", "underfit", "vanishing_gradients", "learning_rate_too_low", "plateau",
        "more_epochs", "stopped_too_early", "unbalanced_classes",
    )  # fmt: skip

    def find(self, run: RunRecord) -> Finding | None:
        if len(run.measured) < 2 * RECENT:
            return None
        dead = {layer: share for layer in run.measured[-1]["layers"] if (share := _dead(run, layer)) > 0}
        if not dead:
            return None
        worst = max(dead, key=lambda layer: dead[layer])
        return Finding(
            self.name,
            f"dead units: {dead[worst]:.0%} of the units of {named(tuple(dead))} are 0 for every sample, and learn "
            "nothing any more",
            where=tuple(dead),
            epoch=run.last_measured_epoch,
            evidence={"share": dead},
            remedy=_remedy(run, tuple(dead)),
        )


def _remedy(run: RunRecord, dead: tuple[str, ...]) -> tuple[str, ...]:
    """Of units that were dead from the first step on, how they begin is the cause; else how large steps are."""
    leaky = with_kind(run.config, dead, "leaky_relu")
    if all(run.of_layer(layer, "stuck")[0] >= SHARE for layer in dead):
        return default_biases(run.config, dead) or default_weights(run.config, run.weighted) or leaky
    return (*leaky, with_learning_rate(run.config, 0.1))


def _dead(run: RunRecord, layer: str) -> float:
    """The share of dead units in a hidden layer, 0 where it is none to tell."""
    own = run.of_layer(layer, "stuck")
    if not len(own) or len(run.of_layer(layer, "saturated")) or run.is_output(layer):
        return 0.0
    least = float(own[-RECENT:].min())
    return least if least >= 0.9 or (least >= SHARE and least >= own[0] + GROWTH) else 0.0
