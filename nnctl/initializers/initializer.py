"""What an initializer is: how a weight or a bias starts."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator

from nnctl.spec import OneOf, Spec


class Initializer(Spec):
    """Base of all initializers. A bare word is a kind, a number a constant, a list the values themselves."""

    @classmethod
    def shorthand(cls, value: Any) -> Any:
        if isinstance(value, list):
            return {"type": "values", "values": value}
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"type": "constant", "value": value}
        return super().shorthand(value)

    def check(self, shape: tuple[int, ...]) -> None:
        """Raise ValueError where this shape cannot be filled; takes no memory for it."""

    @abstractmethod
    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Initial values of this shape, float64. Raises ValueError where they cannot have it."""


OneInitializer = Annotated[Initializer, OneOf()]
MaybeInitializer = OneInitializer | None
OptionalBias = Annotated[OneInitializer | None, BeforeValidator(lambda value: None if value is False else value)]
