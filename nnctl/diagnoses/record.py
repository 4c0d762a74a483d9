"""All that is known of a run, in the form that diagnoses read: its config, its rows, its measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any, Literal

import numpy as np

from nnctl.config.run_config import RunConfig
from nnctl.diagnoses.statistics import CERTAIN, Series, series, slope, smoothed, tail, trend
from nnctl.metrics.measured import VALIDATION, higher_is_better, since_pruned

Ended = Literal["finished", "early", "pruned", "signal", "diverged"]
Row = dict[str, Any]

BY_CHANCE = 0.8  # of the loss of all samples, that a batch of them may have
STOCHASTIC = ("dropout", "noise", "random_", "mixup", "cutout")  # in the names of layers that draw anew in each step
RECENT = 4  # measured steps that are looked at together, so that a single odd batch says nothing


@dataclass(frozen=True)
class RunRecord:
    """rows: of metrics.jsonl. measured: those of diagnostics.jsonl that have `layers`. facts: what is known before the
    first step. ended: how the run did, None while it goes on. loss_at_first: of the first measured step.
    """

    config: RunConfig
    rows: tuple[Row, ...]
    measured: tuple[Row, ...]
    facts: dict[str, Any]
    ended: Ended | None
    loss_at_first: float | None = None

    @classmethod
    def of(cls, config: RunConfig, rows: Sequence[Row], diagnostics: Sequence[Row], ended: Ended | None) -> RunRecord:
        """diagnostics: the rows of diagnostics.jsonl, as `facts`, as measurements, or as the end of a diverged run."""
        known = [at for at, row in enumerate(diagnostics) if "facts" in row]
        facts: dict[str, Any] = diagnostics[known[-1]]["facts"] if known else {}
        diverged = any("diverged" in row for row in diagnostics)
        measured = [row for row in diagnostics if "layers" in row]
        first_loss = measured[0]["loss"] if measured else None
        # a network that a rule has changed has other layers, and those before are no part of the record
        present = tuple(row for row in diagnostics[known[-1] if known else 0 :] if "layers" in row)
        return cls(config, tuple(rows), present, facts, "diverged" if diverged else ended, first_loss)

    @property
    def epochs(self) -> int:
        return len(self.rows)

    @cached_property
    def losses(self) -> Series:
        """Of the training samples, by epoch."""
        return self.values("loss")

    @cached_property
    def validation_losses(self) -> Series:
        """By epoch; empty where there are no validation samples."""
        return self.values(f"{VALIDATION}loss") if self.rows and f"{VALIDATION}loss" in self.rows[0] else series([])

    def values(self, name: str) -> Series:
        """A number of each row of metrics.jsonl, NaN where it has none."""
        return series([row.get(name) for row in self.rows])

    def epoch_of(self, position: int) -> int:
        """The number of the epoch of a row."""
        return int(self.rows[position]["epoch"])

    @property
    def baseline(self) -> float:
        """The loss of the best constant answer on the training samples; NaN where it is unknown or not above 0."""
        value = self.facts.get("baseline")
        return float(value) if value is not None and value > 0 else float("nan")

    @property
    def first_loss(self) -> float:
        """Of the first batch, before any update; NaN where it was not measured or is infinite."""
        return float("nan") if self.loss_at_first is None else float(self.loss_at_first)

    @property
    def start(self) -> float:
        """The loss without any learning: the best constant answer's, or the first one where it is smaller by more than
        a batch has by chance.
        """
        first, constant = self.first_loss, self.baseline
        return constant if first > BY_CHANCE * constant or first != first else first

    @property
    def recent_loss(self) -> float:
        """Of the last measured batches, the median; infinite where one is not finite."""
        losses = series([row["loss"] for row in self.measured[-RECENT:]])
        return float(np.median(np.where(np.isnan(losses), np.inf, losses))) if len(losses) else float("nan")

    def kind(self, layer: str) -> str:
        """What `type` says of a layer."""
        return str(self.facts.get("layers", {}).get(layer, ""))

    def is_output(self, layer: str) -> bool:
        """Whether a layer's outputs are the network's."""
        return layer == next(reversed(self.facts.get("layers", {})), "")

    @property
    def weighted(self) -> tuple[str, ...]:
        """The layers with weights that train, from the inputs to the outputs; a scale and a shift are none."""
        own = self.measured[-1]["layers"] if self.measured else {}
        return tuple(name for name in own if "gradient" in own[name])

    def of_layer(self, layer: str, key: str) -> Series:
        """A measured number of a layer, by measured step; empty where it has none."""
        if not self.measured or key not in self.measured[-1]["layers"].get(layer, {}):
            return series([])
        return series([row["layers"][layer].get(key) for row in self.measured])

    def recent(self, layer: str, key: str) -> float:
        """The median of the last measurements of a layer; NaN where it has none."""
        return _median(self.measured[-RECENT:], layer, key)

    def first(self, layer: str, key: str) -> float:
        """Measured of a layer in the first step; NaN where it was not, or is infinite."""
        return _median(self.measured[:1], layer, key)

    @cached_property
    def best(self) -> Row | None:
        """The row of the best epoch, which is the checkpoint's."""
        monitor = self.config.monitor or "loss"
        rows = since_pruned(self.rows)
        values = series([row.get(monitor) for row in rows]) * (
            1 if higher_is_better(monitor, self.config.metrics) else -1
        )
        return None if np.isnan(values).all() else rows[int(np.nanargmax(values))]

    @property
    def judged(self) -> Series:
        """The losses that say how good the network is: of the validation samples where there are some."""
        return self.validation_losses if len(self.validation_losses) else self.losses

    @property
    def unlearnt(self) -> float:
        """The best loss of the training samples over that of the best constant answer; NaN where that is unknown.

        Of single epochs the median of three counts.
        """
        return float(np.nanmin(smoothed(self.losses)) / self.baseline) if self.epochs else float("nan")

    @property
    def is_falling(self) -> bool:
        """Whether the loss of the training samples certainly still falls in the last third of the epochs, by 3 %."""
        last = tail(self.losses, 1 / 3)
        return trend(last) < -CERTAIN and -slope(last) * len(last) > 0.03 * abs(float(np.median(last)))

    @property
    def is_stochastic(self) -> bool:
        """Whether layers draw anew in each step, so that the loss goes up and down without any change of weights."""
        kinds = self.facts.get("layers", {}).values()
        return any(word in kind for kind in kinds for word in STOCHASTIC)

    def is_changed_in_last(self, epochs: int) -> bool:
        """Whether a rule has changed the network in the last so many epochs: then the loss jumps for that alone."""
        return any("changes" in row for row in self.rows[-epochs:])

    @property
    def steps_an_epoch(self) -> float:
        return self.rows[-1]["step"] / self.epochs if self.rows else float("nan")

    @property
    def largest_update(self) -> float:
        """As `update`, of the measured step with the largest one."""
        own = [float(np.max(self.of_layer(layer, "update"), initial=0.0)) for layer in self.weighted]
        return max(own, default=float("nan"))

    @property
    def usual_update(self) -> float:
        """As `update`, the median of all measured steps."""
        own = [float(np.median(self.of_layer(layer, "update"))) for layer in self.weighted]
        return max(own, default=float("nan"))

    @property
    def update(self) -> float:
        """The largest relative change of a layer's parameters in a step, the median of the last measured ones."""
        own = [self.recent(layer, "update") for layer in self.weighted]
        return max(own, default=float("nan"))

    @property
    def last_measured_epoch(self) -> int | None:
        return int(self.measured[-1]["epoch"]) if self.measured else None


def _median(rows: Sequence[Row], layer: str, key: str) -> float:
    """Of a measured number of a layer; NaN where it has none, or where one is not finite."""
    values = [row["layers"].get(layer, {}).get(key) for row in rows]
    return float("nan") if not values or None in values else median(values)
