"""Orthogonal initialization."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnctl.initializers.initializer import Initializer


class Orthogonal(Initializer):
    """Rows, or where there are more of them columns, of length `gain` at right angles to each other.

    An array with more axes is a matrix whose columns are its last axis. One that is several times as wide as high is as
    many square matrices side by side: the gates of a recurrent layer. Source: Saxe, McClelland and Ganguli 2014,
    "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks".
    """

    type: Literal["orthogonal"] = "orthogonal"
    gain: float = Field(default=1.0, gt=0.0)
    """The length of each row or column."""

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        columns = shape[-1] if shape else 1
        rows = int(np.prod(shape[:-1]))
        blocks = columns // rows if rows and columns % rows == 0 else 1
        parts = [self._block(rows, columns // blocks, random) for _ in range(blocks)]
        return self.gain * np.concatenate(parts, axis=1).reshape(shape)

    def _block(self, rows: int, columns: int, random: np.random.Generator) -> NDArray[np.float64]:
        drawn = random.normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(drawn)
        q *= np.where(np.diag(r) < 0, -1.0, 1.0)  # else the directions are not evenly distributed
        return q if rows >= columns else q.T
