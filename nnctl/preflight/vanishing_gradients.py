"""Gradients that shrink on their way from the last layer to the first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.layers.operation import Array
from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject

TIMES = 1e4  # between the last layer and the first


class VanishingGradients(Check):
    """The gradient of the first layer's weights, relative to them, far below that of the last layer's.

    It cannot grow on its way by itself: what makes it large is a loss that is large at the start.
    """

    order = 6

    def findings(self, subject: Subject) -> Iterator[Finding]:
        if subject.embeds:
            return  # in a batch few slots get any gradient
        sizes = relative_gradients(subject)
        if len(sizes) < 2:
            return
        (first, least), (last, most) = next(iter(sizes.items())), list(sizes.items())[-1]
        if least < most / TIMES:
            evidence = f"the gradient is {least:.2g} of the weights here, and {most:.2g} in {last}"
            yield Finding("vanishing_gradients", first, evidence, "use relu or silu, batch_norm, or residual layers")


def relative_gradients(subject: Subject) -> dict[str, float]:
    """By layer with weights that train, the norm of their gradient as a share of theirs."""
    found: dict[str, float] = {}
    for name, link, arrays in subject.layers:
        names = [] if link.operation.chains else [own for own in arrays.gradients if own in link.operation.weights]
        weights = sum(_square_sum(subject.to_host(arrays.parameters[own])) for own in names)
        if weights > 0:
            found[name] = (sum(_square_sum(subject.to_host(arrays.gradients[own])) for own in names) / weights) ** 0.5
    return found


def _square_sum(array: Array) -> float:
    return float((np.float64(array) ** 2).sum())
