"""Mistakes between several keys, each of which is right by itself."""

from __future__ import annotations

from collections.abc import Iterator

from nnctl.averaging.swa import SWA
from nnctl.config.document import KeyPath
from nnctl.config.rule import contradictions, timing_mistakes
from nnctl.config.run_config import RunConfig
from nnctl.data.table.source import TableSource
from nnctl.errors import ConfigError
from nnctl.kernels.devices import device_named
from nnctl.layers.activation import Activation
from nnctl.layers.layer import Layer
from nnctl.metrics.measured import VALIDATION, measured_names
from nnctl.metrics.tally import CONFUSION
from nnctl.metrics.threshold import BestThreshold
from nnctl.schedules.measured_schedule import MeasuredSchedule
from nnctl.text import did_you_mean

Mistake = tuple[KeyPath, str, str]  # path, what, help
WORDS = {"classes": "class", "binary": "0 or 1", "values": "number"}  # for the targets that a loss takes

BEFORE = {  # activations that come last where somebody does not know of the function inside the loss
    "softmax": ("softmax", "sigmoid"),
    "sigmoid": ("softmax", "sigmoid"),
    "exp": ("relu", "softplus", "sigmoid", "softmax"),
}


def mistakes(config: RunConfig) -> Iterator[Mistake]:
    """Every mistake of a resolved config that its schema cannot see."""
    yield from _device(config)
    if config.data.fold is not None and config.data.test is not None:
        yield ("data", "fold"), "is set, and `test` is set as well: both set samples aside", "leave one of them out"
    if config.clip_norm is not None and config.clip_value is not None:
        yield ("clip_value",), "is set, and `clip_norm` is set as well", "leave one of them out"
    yield from _text(config)
    yield from _weight(config)
    yield from _class_weight(config)
    yield from _last_activation(config)
    yield from _target_transform(config)
    yield from _horizon(config)
    yield from _metrics(config)
    yield from _monitors(config)
    yield from _dynamics(config)
    yield from _threshold(config)
    if config.calibrate and not config.loss.makes_probabilities:
        what = f"is of probabilities, and {_type(config.loss)} makes none"
        yield ("calibrate",), what, "remove it, or use a loss like cross_entropy or binary_cross_entropy"
    if isinstance(config.averaging, SWA) and config.averaging.start > config.epochs:
        what = f"is epoch {config.averaging.start:,}, and the run has {config.epochs:,}"
        yield ("averaging", "start"), what, "let it start before the run ends"
    if config.schedule.warmup > config.epochs:
        what = f"is {config.schedule.warmup:g} epochs, the run has {config.epochs}"
        yield ("schedule", "warmup"), what, "make it shorter than the run"


def _device(config: RunConfig) -> Iterator[Mistake]:
    try:
        device_named(config.device)
    except ConfigError as error:
        for problem in error.problems:
            yield ("device",), problem.what, problem.help


def _text(config: RunConfig) -> Iterator[Mistake]:
    """A text is the whole input."""
    data = config.data
    if not isinstance(data, TableSource) or data.text is None:
        return
    text, features = data.text.column, data.features
    alone = f"is set, and with `text` the column {text} is the whole input"
    either = "leave it out, or leave `text` out to train on columns as in any table"
    if features.include not in (None, [text]) or text in features.exclude:
        yield ("data", "features"), alone, either
    if data.series is not None:
        yield ("data", "series"), alone, "leave one of them out"
    if text in data.columns:
        yield ("data", "columns", text), "is set, and the column is the text", "leave it out, or leave `text` out"
    for key, names in (("target", data.target), ("id", [data.id])):
        if text in names:
            yield ("data", "text", "column"), f"is {text}, which is the {key} as well", "name another column"


def _weight(config: RunConfig) -> Iterator[Mistake]:
    """The column of weights is for nothing else."""
    data = config.data
    if not isinstance(data, TableSource) or data.weight is None:
        return
    if data.series is not None:
        what = "is set, and with `series` a sample is a window of many rows"
        yield ("data", "weight"), what, "leave one of them out"
    text = [] if data.text is None else [data.text.column]
    for role, names in (("target", data.target), ("id", [data.id]), ("text", text)):
        if data.weight in names:
            yield ("data", "weight"), f"is {data.weight}, which is the {role} as well", "name another column"
    if data.weight in (data.features.include or ()):
        what = f"has {data.weight}, which is the weight of rows and no input"
        yield ("data", "features"), what, "take it out of the list, or leave `weight` out"


def _class_weight(config: RunConfig) -> Iterator[Mistake]:
    if config.class_weight is not None and config.loss.targets == "values":
        what = f"is set, and the targets of {_type(config.loss)} are numbers, not classes"
        yield ("class_weight",), what, "remove it, or use the loss cross_entropy; `data.weight` weighs rows"


def _last_activation(config: RunConfig) -> Iterator[Mistake]:
    """A function that is inside the loss must not be before it as well."""
    position = len(config.layers) - 1
    last: Layer | None = config.layers[position]
    path: KeyPath = ("layers", position)
    own = getattr(last, "activation", None)
    if own is not None:
        last, path = own, (*path, "activation")
    name = _type(last) if isinstance(last, Activation) else ""
    inside = config.loss.inside
    if name in BEFORE.get(inside, ()):
        takes = "logits" if config.loss.makes_probabilities else "the logarithm of a rate"
        what = f"is {name}, but {_type(config.loss)} takes {takes}: {inside} is inside the loss"
        yield path, what, f"remove {name}"


def _target_transform(config: RunConfig) -> Iterator[Mistake]:
    if config.data.target_steps and config.loss.targets != "values":
        has = WORDS[config.loss.targets]
        what = f"is {', '.join(config.data.target_steps)}, and the targets of {_type(config.loss)} are {has} targets"
        yield ("data", "target_transform"), what, "remove it, or use a loss on numbers like mse"
    elif config.data.target_steps and config.loss.inside:
        what = f"is {', '.join(config.data.target_steps)}, and {_type(config.loss)} takes targets as they are"
        yield ("data", "target_transform"), what, "remove it, or use another loss like mse"


def _horizon(config: RunConfig) -> Iterator[Mistake]:
    """A sample has one class."""
    series = config.data.series if isinstance(config.data, TableSource) else None
    if series is not None and series.horizon > 1 and config.loss.targets == "classes":
        what = f"is {series.horizon:,}, and {_type(config.loss)} predicts the class of one row"
        help = f"leave it out; with `gap: {series.gap + series.horizon - 1}` it is that of the last of these rows"
        yield ("data", "series", "horizon"), what, help


def _metrics(config: RunConfig) -> Iterator[Mistake]:
    names: list[str] = []
    for position, metric in enumerate(config.metrics):
        if metric.name in names:
            yield ("metrics", position), f"{metric.name} is listed twice", "keep one of the two"
        names.append(metric.name)
        if config.loss.targets not in metric.fits:
            has = WORDS[config.loss.targets]
            what = f"{metric.name} cannot be measured: the targets of {_type(config.loss)} are {has} targets"
            yield ("metrics", position), what, "remove it, or change the loss"
        elif metric.needs_probabilities and not config.loss.makes_probabilities:
            what = f"{metric.name} is measured of probabilities, and {_type(config.loss)} makes none"
            yield ("metrics", position), what, "remove it, or change the loss"
        elif metric.needs_naive_forecasts and not config.data.has_naive_forecasts:
            what = f"{metric.name} compares with the last value of a series, and the data have no `series`"
            yield ("metrics", position), what, "remove it, or set data.series"


def _threshold(config: RunConfig) -> Iterator[Mistake]:
    if config.threshold is None:
        return
    if not config.loss.makes_probabilities:
        what = f"is a probability, and {_type(config.loss)} makes none"
        yield ("threshold",), what, "remove it, or use a loss like cross_entropy or binary_cross_entropy"
    if isinstance(config.threshold, BestThreshold) and config.threshold.best_for.tally is not CONFUSION:
        what = f"is {config.threshold.best_for.name}, which is the same for every threshold"
        yield ("threshold", "best_for"), what, "choose balanced_accuracy, f1, accuracy, precision or recall"


def unmeasured(name: str, config: RunConfig) -> tuple[str, str] | None:
    """What is wrong with the name of a number that a run shall measure, and the remedy; None where it measures it."""
    known = measured_names(config.metrics)
    if name not in known:
        return f"is {name}, which is not measured", did_you_mean(name, known) or f"choose one of: {', '.join(known)}"
    if name.startswith(VALIDATION) and config.data.has_validation is False:
        return f"is {name}, but there are no validation samples", "set data.validation: 0.1"
    return None


def _monitors(config: RunConfig) -> Iterator[Mistake]:
    monitored: list[tuple[KeyPath, str | None]] = [(("monitor",), config.monitor)]
    if config.early_stopping is not None and config.early_stopping.monitor != config.monitor:  # once is enough
        monitored.append((("early_stopping", "monitor"), config.early_stopping.monitor))
    if isinstance(config.schedule, MeasuredSchedule) and config.schedule.monitor != config.monitor:
        monitored.append((("schedule", "monitor"), config.schedule.monitor))
    for position, rule in enumerate(config.dynamics):
        if rule.monitor not in (None, config.monitor):
            monitored.append((("dynamics", position, "monitor"), rule.monitor))
    for path, monitor in monitored:
        if monitor is not None and (mistake := unmeasured(monitor, config)) is not None:
            yield path, *mistake


def _dynamics(config: RunConfig) -> Iterator[Mistake]:
    """When rules act, and what they cannot be together with. What they do is checked against the network, later."""
    if config.dynamics and config.averaging is not None:
        what = "is set, and networks before and after a change of `dynamics` have no average"
        yield ("averaging",), what, "leave one of them out"
    for position, rule in enumerate(config.dynamics):
        for path, what, help in timing_mistakes(rule, config.epochs):
            yield ("dynamics", position, *path), what, help
        early = config.early_stopping
        if early is not None and rule.patience is not None and early.patience <= rule.patience:
            what = f"is {rule.patience:,}, and early stopping ends the run after {early.patience:,} epochs that stall"
            yield ("dynamics", position, "patience"), what, f"set early_stopping.patience={2 * rule.patience} or more"
    for path, what, help in contradictions(config.dynamics):
        yield ("dynamics", *path), what, help


def _type(spec: object) -> str:
    return str(getattr(spec, "type", ""))
