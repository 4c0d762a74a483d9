"""Outputs that start where the derivative of their activation is nearly 0."""

from __future__ import annotations

from collections.abc import Iterator

from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject

SATURATED = 0.5  # share of a layer's outputs
FLAT = {"sigmoid": (0.02, 0.98), "tanh": (-0.98, 0.98)}
"""By activation, where an output is so close to a bound that the derivative is less than a tenth of its largest."""


class SaturatedUnits(Check):
    """Outputs at the bounds of their activation let almost no gradient through."""

    order = 5

    def findings(self, subject: Subject) -> Iterator[Finding]:
        for name, link, arrays in subject.layers:
            kind = getattr(link.layer, "nonlinearity", link.layer.kind)  # that of an rnn
            if kind not in FLAT:
                continue
            (low, high), outputs = FLAT[kind], subject.to_host(arrays.outputs)
            share = float(((outputs < low) | (outputs > high)).mean())
            if share > SATURATED:
                evidence = f"{share:.0%} of the outputs of this {link.layer.kind} are at its bounds"
                remedy = "scale the inputs, or let the weights in front of it start smaller"
                yield Finding("saturated_units", name, evidence, remedy)
