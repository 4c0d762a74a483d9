"""Pruning by the median."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from nnctl.sweeps.optuna_study import new_study, quiet, require_optuna
from nnctl.sweeps.pruners.pruner import Curve, Judge, Pruner, comparable

if TYPE_CHECKING:
    from optuna import Study


class Median(Pruner):
    """Stops a run whose best value so far is worse than the median of those that earlier runs had at the same epoch.

    Source: Golovin et al. 2017, "Google Vizier", the median stopping rule, in the form that Optuna uses.
    """

    type: Literal["median"] = "median"
    startup: int = Field(default=5, ge=1)
    """Earlier runs that there must be."""

    def judge(self, earlier: Sequence[Curve], epochs: int, higher: bool) -> Judge:
        require_optuna("prune: median")
        first = self.first(epochs)

        @cache
        def study() -> Study:
            from optuna.trial import create_trial

            made = new_study(higher)
            curves = [[comparable(value, higher) for value in curve] for curve in earlier if curve]
            made.add_trials(
                [create_trial(value=curve[-1], intermediate_values=dict(enumerate(curve, 1))) for curve in curves]
            )
            return made

        def worse(curve: Curve) -> bool:
            if not first <= len(curve) < epochs or len(earlier) < self.startup:
                return False
            from optuna.pruners import MedianPruner
            from optuna.trial import TrialState, create_trial

            with quiet():
                pruner = MedianPruner(n_startup_trials=self.startup, n_warmup_steps=first)
                run = create_trial(state=TrialState.RUNNING, intermediate_values=dict(enumerate(curve, 1)))
                return pruner.prune(study(), run)

        return worse
