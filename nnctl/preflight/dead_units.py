"""Units of a relu that start at 0 for every sample."""

from __future__ import annotations

from collections.abc import Iterator

from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject

DEAD = 0.3  # share of a layer's units


class DeadUnits(Check):
    """Units that are 0 for every sample get no gradient, and stay 0."""

    order = 4

    def findings(self, subject: Subject) -> Iterator[Finding]:
        for name, link, arrays in subject.layers:
            if link.layer.kind != "relu":
                continue
            outputs = subject.to_host(arrays.outputs)
            dead = (outputs.reshape(-1, outputs.shape[-1]) == 0).all(axis=0)  # of a picture a unit is a channel
            if dead.mean() > DEAD:
                evidence = f"{dead.sum():,} of {dead.size:,} units are 0 for all {len(subject.samples):,} samples"
                yield Finding("dead_units", name, evidence, "use leaky_relu in its place, or scale the inputs")
