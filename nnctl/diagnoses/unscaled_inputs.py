"""Inputs that are much larger or smaller than 1, which initial weights and learning rates take for granted."""

from __future__ import annotations

from typing import ClassVar

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, shown
from nnctl.diagnoses.record import RunRecord

FACTOR = 30.0  # times 1, or less than one of it


class UnscaledInputs(Diagnosis):
    """The root mean square of the largest feature is more than 30, or less than 1/30, as the network gets it, and the
    first layer is no norm.

    Source: LeCun et al. 1998, "Efficient backprop", 4.3: inputs with mean 0 and variance 1.
    """

    name: ClassVar[str] = "unscaled_inputs"
    is_early: ClassVar[bool] = True
    rank: ClassVar[int] = 0
    makes_diverge: ClassVar[bool] = True
    explains: ClassVar[tuple[str, ...]] = (
        "exploding_gradients", "vanishing_gradients", "saturated_units", "dead_units", "loss_stalls", "underfit",
        "learning_rate_too_low", "learning_rate_too_high", "plateau", "more_epochs", "stopped_too_early",
        "noisy_validation", "unbalanced_classes",
    )  # fmt: skip

    def find(self, run: RunRecord) -> Finding | None:
        inputs, kinds = run.facts.get("inputs"), tuple(run.facts.get("layers", {}).values())
        first = next((kind for kind in kinds if kind not in ("flatten", "reshape", "permute", "dropout")), "")
        if inputs is None or first.endswith("_norm") or 1 / FACTOR <= inputs["largest"] <= FACTOR:
            return None
        column = f" ({inputs['column']})" if inputs["column"] else ""
        which = "the largest feature has" if inputs["largest"] > 1 else "all features have"
        return Finding(
            self.name,
            f"unscaled inputs: {which} a root mean square of {shown(inputs['largest'])}{column}, and networks expect 1",
            where=() if inputs["column"] is None else (inputs["column"],),
            evidence=inputs,
            remedy=_remedy(run),
            advice="" if _remedy(run) else "put batch_norm in front of the first layer",
        )


def _remedy(run: RunRecord) -> tuple[str, ...]:
    """What scales them, where the format of the data has it."""
    data = run.config.data
    if hasattr(data, "numbers"):
        return ("data.numbers.scale=standard",)
    return ("data.standardize=true",) if getattr(data, "standardize", None) is False else ()
