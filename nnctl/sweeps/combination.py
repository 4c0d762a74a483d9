"""Combinations of settings, each checked as a run would be: schema, data, shapes, memory, and the sweep's metric."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nnctl.config.checks import unmeasured
from nnctl.config.document import PROBLEMS_LIMIT
from nnctl.config.load import LoadedConfig, load_document
from nnctl.config.run_config import RunConfig
from nnctl.data.dataset import Dataset
from nnctl.errors import CheckpointError, ConfigError, DataError, NnctlError, Problem
from nnctl.metrics.measured import higher_is_better
from nnctl.model.preparation import data_key, open_data, prepare_with
from nnctl.sweeps.label import label
from nnctl.sweeps.load import LoadedSweep
from nnctl.sweeps.parameter import Settings


@dataclass(frozen=True)
class SweepMetric:
    """What a sweep optimizes. name: the key of a row of metrics.jsonl."""

    name: str
    higher_is_better: bool


@dataclass(frozen=True)
class Combination:
    """Settings that can run. parameters: the settings as people wrote them. config: with the first seed.

    memory: bytes that training takes, with its data. cost: of the whole run, in multiply-adds of the forward pass.
    hashes: of the data's files. weights: a hash of those of the checkpoint that the run starts from, else empty.
    """

    settings: Settings
    parameters: dict[str, Any]
    config: RunConfig
    memory: int
    cost: float
    hashes: dict[str, str]
    weights: str

    @property
    def chooses_data(self) -> bool:
        """Whether a parameter is of the data."""
        keys = [key.strip() for name in self.parameters for key in name.split(",")]
        return any(key.partition(".")[0] == "data" for key in keys)


class Checks:
    """Checks combinations of one sweep; keeps the data of the last."""

    def __init__(self, sweep: LoadedSweep) -> None:
        self._sweep = sweep
        self._data: dict[str, Dataset] = {}
        self.notes: dict[str, None] = {}  # what the user should know of the data, each once
        self.metric = SweepMetric("", False)  # known after the first combination

    def all(self, chosen: Sequence[Settings], progress: Callable[[int, int], None]) -> list[Combination]:
        """Check many, those with the same data in a row. progress: receives how many are done, of how many.

        Raises ConfigError, DataError or CheckpointError with every mistake, and in which combinations it is.
        """
        failed: dict[Problem, list[Settings]] = {}
        kinds: list[type[NnctlError]] = []

        def record(error: NnctlError, settings: Settings) -> None:
            kinds.append(type(error))
            for problem in error.problems:
                failed.setdefault(problem, []).append(settings)

        loaded: list[tuple[str, int, LoadedConfig]] = []
        for number, settings in enumerate(chosen):
            try:
                config = self._loaded(settings)
                loaded.append((data_key(config.config), number, config))
            except ConfigError as error:
                record(error, settings)
            if len(failed) >= PROBLEMS_LIMIT:
                break
        done: dict[int, Combination] = {}
        for _, number, config in sorted(loaded, key=lambda item: item[:2]):
            try:
                done[number] = self._fitted(config, chosen[number])
            except (ConfigError, DataError, CheckpointError) as error:
                record(error, chosen[number])
            progress(len(done), len(chosen))
            if len(failed) >= PROBLEMS_LIMIT:
                break
        if failed:
            raise kinds[0](*(self._where(problem, found, len(chosen)) for problem, found in failed.items()))
        return [done[number] for number in range(len(chosen))]

    def one(self, settings: Settings) -> Combination:
        """Check one. Raises as `all`."""
        return self._fitted(self._loaded(settings), settings)

    def _loaded(self, settings: Settings) -> LoadedConfig:
        loaded = load_document(self._sweep.space.document(settings), self._sweep.folder)
        self._set_metric(loaded.config)
        return loaded

    def _fitted(self, loaded: LoadedConfig, settings: Settings) -> Combination:
        key = data_key(loaded.config)
        if key not in self._data:
            self._data.clear()  # before the other is read
            self._data[key] = open_data(loaded)
        dataset = self._data[key]
        prepared = prepare_with(loaded, dataset)
        self.notes |= dict.fromkeys(prepared.notes)
        return Combination(
            settings,
            self._sweep.space.json(settings),
            loaded.config,
            prepared.memory + sum(split.memory for split in dataset.splits().values()),
            float(max(1, prepared.plan.multiply_adds)) * len(dataset.train) * loaded.config.epochs,
            dataset.hashes,
            "" if prepared.initialized_from is None else prepared.initialized_from.weights,
        )

    def _set_metric(self, config: RunConfig) -> None:
        """The sweep's metric, which every run must measure."""
        settings = self._sweep.settings.metric
        name = self.metric.name or (settings.name if settings is not None else config.monitor or "loss")
        if (mistake := unmeasured(name, config)) is not None:
            raise ConfigError(self._sweep.problem(("metric",), *mistake))
        direction = settings.direction if settings is not None else None
        higher = higher_is_better(name, config.metrics) if direction is None else direction == "maximize"
        self.metric = SweepMetric(name, higher)

    def _where(self, problem: Problem, found: Sequence[Settings], total: int) -> Problem:
        """The mistake, with the combinations that have it."""
        if len(found) == total:
            return problem
        example = " ".join(f"{name}={label(value)}" for name, value in self._sweep.space.json(found[0]).items())
        return replace(problem, what=f"{problem.what} (in {len(found):,} of {total:,} combinations, such as {example})")
