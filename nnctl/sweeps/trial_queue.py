"""The queue of a sweep's trials: which one is next, as far as that is known by now.

With methods that learn, and with pruning, a trial knows those that are at least `parallel` before it and no others, and
begins when all of these have ended. So what is tried and pruned depends neither on timing nor on the number of workers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

from nnctl.sweeps.combination import Checks, SweepMetric
from nnctl.sweeps.engines.engine import Task
from nnctl.sweeps.load import LoadedSweep
from nnctl.sweeps.methods.method import Tried
from nnctl.sweeps.plan import SweepPlan
from nnctl.sweeps.pruning import pruning
from nnctl.sweeps.record import TrialRecord
from nnctl.sweeps.trial import Trial, new_trial
from nnctl.sweeps.work import new_task
from nnctl.training.metrics_file import read_rows
from nnctl.training.result_file import Status


class TrialQueue:
    """Trials in their order. trials: those that are known. records: what is known of each."""

    def __init__(self, sweep: LoadedSweep, checks: Checks, plan: SweepPlan, folder: Path):
        self._sweep = sweep
        self._checks = checks
        self._folder = folder
        self._count = plan.count
        self._combinations = list(plan.combinations)
        self._next = 0  # the position of the trial that was not yet given
        settings = sweep.settings
        self.total = plan.count * settings.seeds
        self.learns = settings.method.learns
        self.window = settings.parallel if self.learns or settings.prune is not None else self.total
        self.trials: list[Trial] = []
        self.records: list[TrialRecord] = []
        if not self.learns:
            for position in range(self.total):
                self._add(self._trial(position))

    @property
    def metric(self) -> SweepMetric:
        return self._checks.metric

    def next(self) -> Trial | None:
        """The next trial that has to run; None while it must wait for others, or where there is none."""
        while self._next < self.total and self._known_up_to(self._next):
            if self._next == len(self.trials):
                self._add(self._trial(self._next))
            trial = self.trials[self._next]
            self._next += 1
            if self.records[trial.number - 1].status == "unfinished":
                return trial
        return None

    def is_over(self) -> bool:
        """Whether every trial was given, or had ended before."""
        return self._next >= self.total

    @property
    def left(self) -> int:
        """Trials that have not ended."""
        return self.total - sum(record.status != "unfinished" for record in self.records)

    def cost_left(self) -> float:
        """Of the trials that have not ended; of those that are not known yet, as much as of the others on average."""
        known = [trial.combination.cost for trial in self.trials]
        left = [cost for cost, record in zip(known, self.records, strict=True) if record.status == "unfinished"]
        unknown = self.total - len(known)
        return sum(left) + (unknown * fmean(known) if known else 0.0)

    def task(self, trial: Trial, threads: int | None) -> Task:
        """What a worker needs for it."""
        pruner, metric = self._sweep.settings.prune, self.metric
        if pruner is None:
            return new_task(trial.config, threads)
        earlier = list(self._curves(trial.number - 1))
        return new_task(trial.config, threads, pruning(pruner, metric.name, metric.higher_is_better, earlier))

    def update(self, trial: Trial, status: Status | None = None) -> TrialRecord:
        """Read again what is known of a trial."""
        record = trial.record(self.metric, status)
        self.records[trial.number - 1] = record
        return record

    def best(self) -> TrialRecord | None:
        """The trial with the best value so far; the earlier of two equal ones."""
        ended = [record for record in self.records if record.value == record.value and record.value is not None]
        sign = 1 if self.metric.higher_is_better else -1
        ranked = [record for record in ended if record.status in ("finished", "early")]
        return max(ranked, key=lambda record: sign * (record.value or 0.0), default=None)

    def _known_up_to(self, position: int) -> bool:
        """Whether all trials that this one knows of have ended."""
        last = position - self.window  # the ones before it were waited for before
        return last < 0 or self.records[last].status != "unfinished"

    def _trial(self, position: int) -> Trial:
        number, seed = divmod(position, self._sweep.settings.seeds)
        if number == len(self._combinations):
            self._combinations.append(self._checks.one(self._chosen(number, position)))
        return new_trial(position + 1, number, self._combinations[number], seed, self._folder)

    def _chosen(self, number: int, position: int) -> Any:
        settings = self._sweep.settings
        tried = [self._tried(earlier, position) for earlier in range(number)]
        higher = self.metric.higher_is_better
        return settings.method.choose(self._sweep.space, number, self._count, self._sweep.seed, tried, higher)

    def _tried(self, number: int, position: int) -> Tried:
        """What the trial at a position knows of a combination."""
        seeds = self._sweep.settings.seeds
        known = slice(number * seeds, (number + 1) * seeds)
        records, settings = self.records[known], self._combinations[number].settings
        if known.stop - 1 > position - self.window:
            return Tried(settings, ended=False)
        values = [record.value for record in records if record.status in ("finished", "early")]
        if len(values) == seeds and None not in values:
            return Tried(settings, fmean(value for value in values if value is not None))
        pruned = [trial for trial, record in zip(self.trials[known], records, strict=True) if record.status == "pruned"]
        return Tried(settings, curve=self._curve(pruned[0]) if pruned else ())

    def _curves(self, position: int) -> Iterator[tuple[float, ...]]:
        """Of all trials that the one at a position knows of, except those that failed."""
        for trial in self.trials[: max(0, position - self.window + 1)]:
            if self.records[trial.number - 1].status in ("finished", "early", "pruned"):
                yield self._curve(trial)

    def _curve(self, trial: Trial) -> tuple[float, ...]:
        values = [row.get(self.metric.name) for row in read_rows(trial.folder)]
        return tuple(float("nan") if value is None else float(value) for value in values)

    def _add(self, trial: Trial) -> None:
        final = trial.is_final()
        if final:
            trial.refuse_changed_data()
        self.trials.append(trial)
        self.records.append(trial.record(self.metric, None if final else "unfinished"))
