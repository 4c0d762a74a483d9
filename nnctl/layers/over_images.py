"""The base of the operations over images, which have no steps."""

from __future__ import annotations

from nnctl.layers.operation import Array, Operation, ShapeError


class OverImages(Operation):
    """One over samples (height, width, channels)."""

    def steps(self, lengths: Array) -> Array:
        raise ShapeError(
            "needs images, and its inputs are sequences with a length each",
            "use a layer over steps, such as conv1d or max_pool1d, or save the samples without `lengths`",
        )
