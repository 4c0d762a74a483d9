"""What a sweep will run, checked before its first trial."""

from __future__ import annotations

from dataclasses import dataclass

from nnctl.config.document import KeyPath
from nnctl.errors import ConfigError
from nnctl.sweeps.combination import Checks, Combination
from nnctl.sweeps.load import LoadedSweep
from nnctl.sweeps.observer import SweepObserver
from nnctl.sweeps.space import MOST_TRIALS
from nnctl.sweeps.trial import trial_name


@dataclass(frozen=True)
class SweepPlan:
    """count: how many combinations there will be.

    combinations: all of them where the method does not learn, else none.
    largest: of those that were checked, the one that takes most memory.
    """

    count: int
    combinations: list[Combination]
    largest: Combination


def plan_sweep(loaded: LoadedSweep, checks: Checks, observer: SweepObserver) -> SweepPlan:
    """Choose the combinations, or a learning method's extremes, and check each. Raises ConfigError and DataError."""
    method = loaded.settings.method
    count = _count(loaded)
    if loaded.settings.prune is not None:
        loaded.settings.prune.judge((), 1, False)  # raises where a package is missing
    chosen = list(loaded.space.corners() if method.learns else method.all(loaded.space, count, loaded.seed))
    used = {name for settings in chosen for name in settings}
    unused = [parameter for parameter in loaded.space.parameters if parameter.name not in used]
    if unused:
        what, help = "is never used: there is no combination in which its conditions hold", "change its `when`"
        raise ConfigError(*(p.place.problem(what, help, ("parameters", p.name)) for p in unused))
    combinations = checks.all(chosen, observer.checking)
    largest = max(combinations, key=lambda combination: combination.memory)
    if method.learns:
        return SweepPlan(count, [], largest)
    by_name = {trial_name(combination.config, combination): combination for combination in reversed(combinations)}
    distinct = list(reversed(by_name.values()))
    if len(distinct) < count:
        observer.note(f"{count - len(distinct)} of {count} combinations are the same runs as others, and run once")
    return SweepPlan(len(distinct), distinct, largest)


def _count(loaded: LoadedSweep) -> int:
    settings = loaded.settings
    path: KeyPath = ("method",) if settings.trials is None else ("trials",)
    asked = None if settings.trials is None else settings.trials // settings.seeds
    try:
        count = settings.method.count(loaded.space, asked)
    except ValueError as error:
        what, _, help = str(error).rpartition("; ")
        raise ConfigError(loaded.problem(path, what, help)) from None
    if count * settings.seeds > MOST_TRIALS:
        what = f"{count:,} combinations × {settings.seeds:,} seeds are more than {MOST_TRIALS:,} trials"
        raise ConfigError(loaded.problem(("seeds",), what, "use fewer seeds, or fewer values"))
    return count
