"""The base of the operations over images, which have no steps."""

from __future__ import annotations

from nnctl.layers.operation import Array, Operation, ShapeError


class OverImages(Operation):
    """One over samples (height, width, channels)."""

    def steps(self, lengths: Array) -> Array:
        raise ShapeError(
            "needs images, and its inputs are sequences with a length each",
            "put a layer that makes one row of the steps in front of it, such as `- mean_over_steps`, or save the "
            "samples without `lengths`",
        )
