"""Pruning by asynchronous successive halving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from nnctl.sweeps.optuna_study import new_study, quiet, require_optuna
from nnctl.sweeps.pruners.pruner import Curve, Judge, Pruner, comparable


class ASHA(Pruner):
    """Lets one run in `factor` continue after `min_epochs` epochs, and again after `factor` times as many, and so on.

    A run is compared with the earlier ones that have come as far. Of fewer than `factor` the best continues.
    Source: Li et al. 2020, "A system for massively parallel hyperparameter tuning", in the form that Optuna uses.
    """

    type: Literal["asha"] = "asha"
    factor: int = Field(default=3, ge=2)
    """One run in so many continues."""

    def judge(self, earlier: Sequence[Curve], epochs: int, higher: bool) -> Judge:
        require_optuna("prune: asha")
        rungs = set()
        rung = self.first(epochs)
        while rung < epochs:
            rungs.add(rung)
            rung *= self.factor

        def worse(curve: Curve) -> bool:
            epoch = len(curve)
            if epoch not in rungs:
                return False
            from optuna.pruners import SuccessiveHalvingPruner

            with quiet():  # this rung alone is a study: what a run was worth at others does not matter here
                pruner = SuccessiveHalvingPruner(min_resource=epoch, reduction_factor=self.factor)
                study = new_study(higher, pruner=pruner)
                values = [comparable(other[epoch - 1], higher) for other in earlier if len(other) >= epoch]
                for value in [*values, curve[-1]]:
                    trial = study.ask()
                    trial.report(value, epoch)
                    pruned = trial.should_prune()
            return pruned

        return worse
