"""Activations that start where their derivative is zero, or nearly so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.layers.operation import Array
from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject, in_order

DEAD = 0.3  # share of a layer's units
SATURATED = 0.5  # share of a layer's outputs
FLAT = {"sigmoid": (0.02, 0.98), "tanh": (-0.98, 0.98), "rnn": (-0.98, 0.98)}
"""By kind, where an output is so close to a bound that the derivative is less than a tenth of its largest."""


class DeadUnits(Check):
    """Units that are 0 for every sample get no gradient, and stay 0."""

    order = 4

    def findings(self, subject: Subject) -> Iterator[Finding]:
        for name, arrays in in_order(subject.layers, "relu"):
            outputs = _by_unit(subject.to_host(arrays.outputs))
            dead = (outputs == 0).all(axis=0)
            if dead.mean() > DEAD:
                evidence = f"{dead.sum():,} of {dead.size:,} units are 0 for all {len(subject.samples):,} samples"
                yield Finding("dead_units", name, evidence, "use leaky_relu in its place, or scale the inputs")


class SaturatedUnits(Check):
    """Outputs at the bounds of their activation let almost no gradient through."""

    order = 5

    def findings(self, subject: Subject) -> Iterator[Finding]:
        for kind, (low, high) in FLAT.items():
            for name, arrays in in_order(subject.layers, kind):
                outputs = subject.to_host(arrays.outputs)
                share = float(((outputs < low) | (outputs > high)).mean())
                if share > SATURATED:
                    evidence = f"{share:.0%} of the outputs of this {kind} are at its bounds"
                    remedy = "scale the inputs, or let the weights in front of it start smaller"
                    yield Finding("saturated_units", name, evidence, remedy)


def _by_unit(outputs: Array) -> Array:
    """(M, units): a unit of a picture or a sequence is a channel or feature, at any place."""
    return np.asarray(outputs.reshape(-1, outputs.shape[-1]))
