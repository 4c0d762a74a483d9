"""Search that learns, by Optuna's tree-structured Parzen estimator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from nnctl.random import key
from nnctl.sweeps.methods.method import Method, Tried
from nnctl.sweeps.methods.random import draws, enough
from nnctl.sweeps.optuna_study import new_study, quiet, require_optuna
from nnctl.sweeps.parameter import Parameter, Setting, Settings
from nnctl.sweeps.space import Space

if TYPE_CHECKING:
    from optuna import Trial
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

ASKED = 20  # times for a combination that is not tried yet


class TPE(Method):
    """The first combinations are those of a random search; each later one lies where good ones were, not bad ones.

    Failed trials count as worse than all others, and running ones as bad, so that the next goes elsewhere.
    Needs the extra `search`. Source: Bergstra et al. 2011, "Algorithms for hyper-parameter optimization".
    """

    type: Literal["tpe"] = "tpe"
    learns: ClassVar[bool] = True
    startup: int = Field(default=10, ge=1)
    """Trials that must have ended before it learns from them."""

    def count(self, space: Space, asked: int | None) -> int:
        require_optuna("method tpe")
        return enough(space, asked)

    def choose(
        self, space: Space, number: int, count: int, seed: int, tried: Sequence[Tried], higher: bool
    ) -> Settings:
        seen = [each.settings for each in tried]
        if sum(each.ended for each in tried) >= self.startup:
            settings = _proposed(space, seen, key(seed, "tpe", number), tried, higher)
            if settings is not None:
                return settings
        return next(settings for settings in draws(space, seed) if settings not in seen)


def _proposed(
    space: Space, seen: Sequence[Settings], key: int, tried: Sequence[Tried], higher: bool
) -> Settings | None:
    """What Optuna proposes that is not seen yet; None where it proposes nothing new."""
    from optuna.samplers import TPESampler

    with quiet():
        sampler = TPESampler(n_startup_trials=0, multivariate=True, constant_liar=True, seed=key % 2**32)
        study = new_study(higher, sampler=sampler)
        distributions = {parameter.name: _distribution(parameter) for parameter in space.parameters}
        study.add_trials([_known(each, distributions) for each in tried])
        for _ in range(ASKED):  # what was asked for stays in the study as running
            settings = _walked(space, study.ask())
            if settings not in seen:
                return settings
    return None


def _known(tried: Tried, distributions: dict[str, BaseDistribution]) -> FrozenTrial:
    """A trial as Optuna knows it. A failed one is a pruned one without a curve: the worst there is."""
    from optuna.trial import TrialState, create_trial

    state = TrialState.COMPLETE if tried.value is not None else TrialState.PRUNED if tried.ended else TrialState.RUNNING
    return create_trial(
        state=state,
        value=tried.value,
        params=dict(tried.settings),
        distributions={name: distributions[name] for name in tried.settings},
        intermediate_values=dict(enumerate(tried.curve, 1)),
    )


def _walked(space: Space, trial: Trial) -> Settings:
    def suggest(parameter: Parameter) -> Setting:
        name, numbers = parameter.name, parameter.range
        if numbers is None:
            return trial.suggest_categorical(name, _indices(parameter))
        if numbers.integer:
            return trial.suggest_int(name, int(numbers.low), int(numbers.high), log=numbers.log)
        return numbers.rounded(trial.suggest_float(name, numbers.low, numbers.high, log=numbers.log))

    return space.walk(suggest)


def _distribution(parameter: Parameter) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    numbers = parameter.range
    if numbers is None:
        return CategoricalDistribution(_indices(parameter))
    if numbers.integer:
        return IntDistribution(int(numbers.low), int(numbers.high), log=numbers.log)
    return FloatDistribution(numbers.low, numbers.high, log=numbers.log)


def _indices(parameter: Parameter) -> list[int]:
    return list(range(len(parameter.choices)))
