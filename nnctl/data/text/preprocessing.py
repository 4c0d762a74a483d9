"""How characters become a network's inputs: their slot numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from nnctl.data.scaling import Scaling
from nnctl.data.source import Array
from nnctl.data.table.preprocessing import Embedding
from nnctl.data.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class TextPreprocessing:
    """steps: of a sequence. vocabulary: of the training part alone."""

    steps: int
    vocabulary: Vocabulary

    embeddings: ClassVar[tuple[Embedding, ...]] = ()
    output_names: ClassVar[tuple[str, ...]] = ()
    input_ranges: ClassVar[dict[str, tuple[int, int]]] = {}

    @property
    def shape(self) -> tuple[int]:
        """Of one sample."""
        return (self.steps,)

    @property
    def slots(self) -> int:
        """How many slot numbers there are."""
        return self.vocabulary.slots

    def scaling(self, precision: str) -> Scaling:
        """What `transform` does to bytes."""
        return Scaling(precision, 1.0)

    def transform(self, inputs: Array, rows: Array | None, precision: str) -> Array:
        """The slot numbers as floats, (N, steps). inputs: (M, steps) slot numbers; rows: (N,), or None for all."""
        chosen = inputs if rows is None else inputs[rows]
        return np.ascontiguousarray(chosen, dtype=precision)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"steps": self.steps, "vocabulary": self.vocabulary.characters}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TextPreprocessing:
        """The inverse of `to_json`. Raises ValueError where the value cannot be one."""
        steps, characters = value.get("steps"), value.get("vocabulary")
        if not isinstance(steps, int) or isinstance(steps, bool) or steps < 1:
            raise ValueError(f"invalid preprocessing: {steps!r} is not a number of steps")
        if not isinstance(characters, str) or len(characters) != len(set(characters)):
            raise ValueError("invalid preprocessing: its vocabulary is none")
        return cls(steps, Vocabulary(characters))
