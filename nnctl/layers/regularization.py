"""What keeps weights and outputs small: penalties that training minimizes beside the loss, and a limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import Field

from nnctl.layers.freezable import Freezable
from nnctl.layers.layer import Layer, changed
from nnctl.spec import Spec


class Regularization(Spec):
    """Penalties are added to what training minimizes; the loss that is shown is without them.

    Weights are the arrays of two and more axes, and that of `sparse_linear`: biases, and the scales of norms, are not
    penalized. Sources: Hoerl and Kennard 1970 (L2), Tibshirani 1996 (L1), Srebro and Shraibman 2005 (max-norm).
    """

    l1: float = Field(default=0.0, ge=0.0)
    """Adds l1 times the sum of the weights' absolute values; it drives weights to 0."""
    l2: float = Field(default=0.0, ge=0.0)
    """Adds l2 times the sum of the weights' squares; a `weight_decay` of 2 l2 does it to biases too."""
    activity_l1: float = Field(default=0.0, ge=0.0)
    """Adds so many times the sum of a sample's absolute outputs, behind the activation, as a mean over the batch."""
    activity_l2: float = Field(default=0.0, ge=0.0)
    """Adds so many times the sum of a sample's squared outputs, behind the activation, as a mean over the batch."""
    max_norm: float | None = Field(default=None, gt=0.0)
    """The weights that lead to an output are scaled down after each step where their norm is above it."""

    @property
    def has_penalty(self) -> bool:
        """Whether the weights' gradients have a further term."""
        return self.l1 > 0.0 or self.l2 > 0.0

    @property
    def has_activity(self) -> bool:
        """Whether the outputs' gradients have a further term."""
        return self.activity_l1 > 0.0 or self.activity_l2 > 0.0


class WeightedLayer(Freezable):
    """Base of the layers with weights."""

    regularization: Regularization | None = None
    """Its own penalties and limit, in the place of all of the config's."""

    def with_regularization(self, default: Regularization) -> Self:
        """The layer with this one where it has none of its own."""
        return self if self.regularization is not None else self.model_copy(update={"regularization": default})


def with_regularization(layers: Sequence[Layer], default: Regularization) -> list[Layer]:
    """The layers, and those inside them, each with its own regularization or else the default."""
    return changed(
        layers, lambda layer: layer.with_regularization(default) if isinstance(layer, WeightedLayer) else layer
    )
