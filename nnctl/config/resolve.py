"""Fills in the defaults that depend on other keys, so that the resolved config is complete."""

from __future__ import annotations

from nnctl.config.run_config import RunConfig
from nnctl.data.table.source import TableSource
from nnctl.data.table.target_transform import TargetStep
from nnctl.layers.default_weight import with_default_weights
from nnctl.layers.linear import Linear
from nnctl.metrics.accuracy import Accuracy
from nnctl.metrics.metric import Metric
from nnctl.metrics.r2 import R2
from nnctl.metrics.rmse import RMSE
from nnctl.schedules.measured_schedule import MeasuredSchedule


def resolved(config: RunConfig) -> RunConfig:
    """The same run with nothing left open. Resolving twice changes nothing."""
    usual: list[Metric] = [RMSE(), R2()] if config.loss.targets == "values" else [Accuracy()]
    monitor = config.monitor or ("val_loss" if config.data.has_validation else "loss")
    data = config.data
    if isinstance(data, TableSource) and data.target_transform is None:
        data = data.model_copy(update={"target_transform": _usual_transform(config)})
    early = config.early_stopping
    if early is not None and early.monitor is None:
        early = early.model_copy(update={"monitor": monitor})
    schedule = config.schedule
    if isinstance(schedule, MeasuredSchedule) and schedule.monitor is None:
        schedule = schedule.model_copy(update={"monitor": monitor})
    rules = [
        rule.model_copy(update={"monitor": monitor}) if rule.patience is not None and rule.monitor is None else rule
        for rule in config.dynamics
    ]
    return config.model_copy(
        update={
            "dynamics": rules,
            "data": data,
            "layers": with_default_weights(config.layers),
            "metrics": config.metrics or usual,
            "monitor": monitor,
            "early_stopping": early,
            "schedule": schedule,
        }
    )


def _usual_transform(config: RunConfig) -> list[TargetStep]:
    """standard for values of any size, which a linear layer gives; none for those that an activation bounds, or whose
    loss has a function of its own inside.
    """
    last = config.layers[-1]
    free = isinstance(last, Linear) and last.activation is None and not config.loss.inside
    return ["standard"] if config.loss.targets == "values" and free else []
