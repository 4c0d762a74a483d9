"""What an averaging is: how an average follows the weights while they train."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from nnctl.spec import Spec


class Averaging(Spec):
    """Base of all averagings of the weights over the steps of a run.

    The average is what is validated and what the best checkpoint has in place of the weights; training goes on with the
    weights themselves.
    """

    @abstractmethod
    def share(self, step: int, steps_per_epoch: int) -> float:
        """How far the average goes towards the weights after a step: 1 makes it these weights, with 0 it stays.

        step: counts from 0 over the whole run.
        """

    @abstractmethod
    def is_of_epochs(self, epoch: int) -> bool:
        """Whether the average after this epoch, from 1, is one of several networks, so far apart that the running
        statistics of none of them are its own.
        """

    def shares(self, steps: NDArray[np.int64], steps_per_epoch: int) -> list[float]:
        """`share` of each of the steps."""
        return [self.share(int(step), steps_per_epoch) for step in steps]
