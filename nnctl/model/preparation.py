"""From a config to a checked data set and a planned network: every mistake is reported before any work."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nnctl.config.load import LoadedConfig
from nnctl.config.run_config import RunConfig
from nnctl.data.dataset import Dataset, Split, open_dataset
from nnctl.errors import ConfigError, DataError, Problem
from nnctl.kernels.device import Device
from nnctl.kernels.devices import device_named
from nnctl.layers.chain import Chain, Link
from nnctl.layers.embedding import Embedding, has_embedding, with_slots
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, size_of
from nnctl.layers.repeat import Repeat
from nnctl.memory import available_memory, bytes_in_words
from nnctl.metrics.scores import Scores
from nnctl.metrics.tally import Tally
from nnctl.metrics.threshold import BestThreshold, boundary
from nnctl.model.class_weight import class_weights, weight_problems, with_class_weights
from nnctl.model.frozen_problems import frozen_problems
from nnctl.model.missing_kernels import missing_kernels
from nnctl.model.objective import sizes_of
from nnctl.model.plan import NetworkPlan, plan_network

if TYPE_CHECKING:
    from nnctl.model.description import InitializedFrom

BLOCK = 1 << 12  # samples that are looked at together


@dataclass(frozen=True)
class Prepared:
    """A config that can run."""

    loaded: LoadedConfig
    dataset: Dataset
    plan: NetworkPlan
    memory: int
    """Bytes that training takes beside the data."""
    computed: tuple[str, ...] = ()
    """Notes on settings that were computed from the data."""
    initialized_from: InitializedFrom | None = None
    """The weights to start with, where the config names a checkpoint of some."""
    initial: Mapping[str, Array] = field(default_factory=dict)
    """They themselves, by their names here; none where the run goes on from a checkpoint of its own."""
    initial_notes: tuple[str, ...] = ()
    """What the user should know of them, and of others that stay as they are."""

    def with_layers(self, layers: Sequence[Layer]) -> Prepared:
        """The same run with other layers, which give outputs of the same shape. Raises ConfigError."""
        config = self.config.model_copy(update={"layers": list(layers)})
        embeddings, device = self.dataset.preprocessing.embeddings, self.plan.device
        plan = plan_network(config.layers, self.plan.inputs, embeddings, device, config.regularization)
        loaded = replace(self.loaded, config=config)
        return replace(self, loaded=loaded, plan=plan, memory=_memory_of(config, plan), initial={})

    @property
    def config(self) -> RunConfig:
        return self.loaded.config

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know though it is not a mistake."""
        lengths = {
            "training samples" if name == "train" else f"{name} samples": split.lengths
            for name, split in self.dataset.splits().items()
            if split.lengths is not None
        }
        of_data = *self.dataset.notes, *self.computed, *self.plan.notes_on_lengths(lengths)
        return (*self.loaded.notes, *of_data, *self.initial_notes)

    @property
    def class_weights(self) -> NDArray[np.float64] | None:
        """(K,), how much each class counts in the loss; None where all count alike."""
        return class_weights(self.config, self.dataset.classes)


def prepare(loaded: LoadedConfig, *, goes_on: bool = False) -> Prepared:
    """Read the data and check the network against it. The config then has every setting that was inferred or fitted.

    goes_on: whether the run goes on from a checkpoint of its own, and needs no weights to start with. Raises
    ConfigError, DataError and, where the config names a checkpoint to start from, CheckpointError.
    """
    return prepare_with(loaded, open_data(loaded), goes_on=goes_on)


def open_data(loaded: LoadedConfig) -> Dataset:
    """The data that a config names. Configs with the same `data_key` share it. Raises DataError."""
    config = loaded.config
    try:
        return open_dataset(config.data, config.loss.targets, config.seed, config.precision)
    except DataError as error:
        raise DataError(*(_placed(loaded, problem) for problem in error.problems)) from None


def data_key(config: RunConfig) -> str:
    """All that the data of a run depend on, beside the files."""
    return json.dumps([config.data.model_dump(mode="json"), config.loss.targets, config.seed, config.precision])


def prepare_with(loaded: LoadedConfig, dataset: Dataset, *, goes_on: bool = False) -> Prepared:
    """Check the network against its data, and the weights to start with against both. Raises as `prepare`."""
    config = loaded.config
    slots = dataset.preprocessing.slots
    if slots is not None and not has_embedding(config.layers):
        what = "the inputs are slot numbers, which are names and no amounts"
        help = "put {type: embedding, embedding_dim: 32} in front of this layer"
        raise ConfigError(loaded.problem(("layers", 0), what, help))
    layers = config.layers if slots is None else with_slots(config.layers, slots)
    config = config.model_copy(update={"data": dataset.source, "layers": layers})
    loaded = replace(loaded, config=config)
    try:
        device = device_named(config.device)
        embeddings = dataset.preprocessing.embeddings
        plan = plan_network(config.layers, dataset.inputs_shape, embeddings, device, config.regularization)
        if any(split.lengths is not None for split in dataset.splits().values()):
            plan.check_lengths()
        dataset = dataset.for_outputs(plan.outputs)
    except ConfigError as error:
        raise ConfigError(*(_placed(loaded, problem) for problem in error.problems)) from None
    memory = _memory_of(config, plan)
    problems = [
        *_outputs(loaded, plan, dataset),
        *frozen_problems(loaded, plan),
        *_rates(loaded, dataset),
        *_threshold(loaded, dataset),
        *_calibrate(loaded, dataset),
        *_slots(loaded, plan, dataset),
        *_mixups(loaded, plan),
        *_batch_size(loaded, dataset),
        *_memory(loaded, plan, memory),
        *_dynamics(loaded, plan),
        *weight_problems(loaded, dataset),
    ]
    if problems:
        raise ConfigError(*problems)
    loaded, computed = with_class_weights(loaded, dataset)
    if not plan.device.is_complete:
        missing = missing_kernels(config, dataset, plan)
        if missing:
            raise ConfigError(*(_placed(loaded, problem) for problem in missing))
    prepared = Prepared(loaded, dataset, plan, memory, computed)
    return prepared if goes_on else _with_initial(prepared)


def _with_initial(prepared: Prepared) -> Prepared:
    """With the weights to start with."""
    plan = prepared.plan
    if prepared.config.initialize_from is None and plan.trainable == plan.parameters:
        return prepared
    from nnctl.model.initial_weights import frozen_as_they_start, initial_weights  # others do without its module

    found = initial_weights(prepared.loaded, plan, prepared.dataset)
    if found is None:
        return replace(prepared, initial_notes=tuple(frozen_as_they_start(plan)))
    notes = *found.notes, *frozen_as_they_start(plan, found.origin.layers)
    return replace(prepared, initialized_from=found.origin, initial=found.tensors, initial_notes=notes)


def new_scores(
    config: RunConfig, dataset: Dataset, split: Split, device: Device, tallies: Iterable[Tally] = ()
) -> Scores:
    """Empty scores for the config's metrics of a split, with a number for a threshold or else 0.5.

    tallies: that are kept beside those of the metrics.
    """
    metrics = [metric.beside(split.last_value_rmse) for metric in config.metrics]
    sizes = sizes_of(split, dataset.outputs, len(dataset.classes))
    threshold = config.threshold if isinstance(config.threshold, float) else None
    return Scores(metrics, sizes, boundary(config.loss.threshold, threshold), device, tallies)


def _placed(loaded: LoadedConfig, problem: Problem) -> Problem:
    """The problem with its place in the config, if it names a key and no file."""
    if problem.file or not problem.path:
        return problem
    parts = tuple(int(part) if part.isdigit() else part for part in problem.path.split("."))
    return loaded.problem(parts, problem.what, problem.help)


def _outputs(loaded: LoadedConfig, plan: NetworkPlan, dataset: Dataset) -> list[Problem]:
    last = len(loaded.config.layers) - 1
    if plan.outputs == dataset.outputs_shape:
        if plan.trainable:
            return []
        if plan.parameters:
            help = "leave `freeze` out in the last layer that has weights"
            return [loaded.problem(("layers",), "all layers with weights are frozen: nothing would train", help)]
        return [loaded.problem(("layers",), "no layer has anything to train", "add a linear layer")]
    steps = dataset.train.steps
    if len(plan.outputs) == 2 and not steps:
        what = f"the network gives one answer a step, {plan.outputs[0]:,} a sample; the data has one target a sample"
        help = "put mean_over_steps or flatten in front of the last one"
        from nnctl.layers.recurrent import Recurrent  # a config without one does without its module

        if any(isinstance(layer.layer, Recurrent) for layer in plan.layers):
            help = f"set `return: last` in the last recurrent layer, or {help}"
        return [loaded.problem(("layers", last), what, help)]
    if steps and len(plan.outputs) != 2:
        what = f"the network gives one answer a sample, the data has one target a step, {steps:,} a sample"
        help = "set `return: sequence` in recurrent layers and keep the steps apart, or give one target a sample"
        return [loaded.problem(("layers", last), what, help)]
    if steps and plan.outputs[0] != steps:
        return [_other_steps(loaded, plan, steps)]
    own = plan.outputs[-1:] if steps else plan.outputs
    given = str(own[0]) if len(own) == 1 else str(own)
    if dataset.classes:
        shown = ", ".join(dataset.classes[:10]) + (", …" if len(dataset.classes) > 10 else "")
        what = f"the last layer gives {given} outputs, the data has {dataset.outputs} classes ({shown})"
    else:
        what = f"the last layer gives {given} outputs, the data has {dataset.outputs} target columns"
    return [loaded.problem(("layers", last), what, f"give the last layer {dataset.outputs} outputs")]


def _rates(loaded: LoadedConfig, dataset: Dataset) -> list[Problem]:
    """Whether targets are amounts, where the network gives the logarithm of a rate."""
    if loaded.config.loss.inside != "exp":
        return []
    least = {name: float(np.nanmin(split.targets)) for name, split in dataset.splits().items()}
    name = min(least, key=lambda name: least[name])
    if least[name] >= 0:
        return []
    what = f"it takes counts, which are not negative, and a {name} target is {least[name]:g}"
    return [loaded.problem(("loss",), what, "fix the target, or use another loss like mse")]


def _threshold(loaded: LoadedConfig, dataset: Dataset) -> list[Problem]:
    """Whether there are two classes to part, and samples to find out where."""
    threshold = loaded.config.threshold
    if threshold is not None and len(dataset.classes) > 2:
        what = f"parts two classes, and the data has {len(dataset.classes)}"
        help = "remove it: of more than two the class with the largest probability is predicted"
        return [loaded.problem(("threshold",), what, help)]
    if isinstance(threshold, BestThreshold) and dataset.validation is None:
        what = "is chosen on validation samples, and there are none"
        return [loaded.problem(("threshold",), what, "set data.validation: 0.1, or write a number such as 0.5")]
    return []


def _calibrate(loaded: LoadedConfig, dataset: Dataset) -> list[Problem]:
    """Whether there are samples to find a temperature on."""
    if not loaded.config.calibrate or dataset.validation is not None:
        return []
    what = "needs validation samples to find a temperature on, and there are none"
    return [loaded.problem(("calibrate",), what, "set data.validation: 0.1, or leave it out")]


def _other_steps(loaded: LoadedConfig, plan: NetworkPlan, steps: int) -> Problem:
    """A network that answers other steps than there are targets, at the first layer that changes their number."""
    at = next(at for at, link in enumerate(plan.chain.links) if link.operation.outputs[0] != link.inputs[0])
    link = plan.chain.links[at]
    made = f"makes {link.operation.outputs[0]:,} steps of {link.inputs[0]:,}"
    what = f"{link.layer.kind} {made}, and the data has one target a step, {steps:,} a sample"
    help = "keep their number: no `stride`, and `padding: same` or causal, or give one target a sample"
    return loaded.problem(tuple(int(part) if part.isdigit() else part for part in link.name.split(".")), what, help)


def _slots(loaded: LoadedConfig, plan: NetworkPlan, dataset: Dataset) -> list[Problem]:
    """Whether the numbers that are embedded are slot numbers, as the data have them."""
    problems: list[Problem] = []
    for layer, before in _embeddings(plan.chain):
        path = tuple(int(part) if part.isdigit() else part for part in layer.name.split("."))
        if before:
            what = f"its inputs are what {before} makes, and no slot numbers of the data"
            help = "put it in front of all layers that compute: slot numbers are names, and no gradient gets past it"
            problems.append(loaded.problem(path, what, help))
        elif isinstance(layer.layer, Embedding) and layer.layer.num_embeddings is not None:
            problems += _slots_of(loaded, path, layer.layer.num_embeddings, dataset)
    return problems


def _embeddings(chain: Chain, before: str = "") -> Iterator[tuple[Link, str]]:
    """Each embedding, with its path as its name, and the kind of the last layer in front of it that computes, if one
    does.

    before: that of the last one in front of the chain.
    """
    for link in chain.links:
        if isinstance(link.layer, Embedding):
            yield link, before
        for inner in link.operation.chains:
            assert isinstance(inner, Chain)
            for embedding, before_it in _embeddings(inner, before):
                own = embedding.name.partition(".")[2] if isinstance(link.layer, Repeat) else embedding.name
                yield replace(embedding, name=f"{link.name}.{own}"), before_it
        if not link.operation.is_view:
            before = link.layer.kind


def _slots_of(loaded: LoadedConfig, path: tuple[str | int, ...], slots: int, dataset: Dataset) -> list[Problem]:
    """Whether the inputs are slot numbers. path: of the embedding."""
    low, high, is_whole = np.inf, -np.inf, True
    for start in range(0, len(dataset.train), BLOCK):
        block = dataset.train.scaled(np.arange(start, min(start + BLOCK, len(dataset.train))))
        low, high = min(low, float(block.min())), max(high, float(block.max()))
        is_whole = is_whole and bool((block == np.floor(block)).all())
    if is_whole and low >= 0 and high < slots:
        return []
    what = f"has {slots:,} slots, and the training inputs go from {low:g} to {high:g}"
    if not is_whole or low < 0:
        what += "" if is_whole else ", not all of them whole numbers"
        return [loaded.problem(path, what, "give slot numbers: 0, 1, 2, …, neither scaled nor standardized")]
    return [loaded.problem((*path, "num_embeddings"), what, f"set it to {int(high) + 1}, or more")]


def _mixups(loaded: LoadedConfig, plan: NetworkPlan) -> list[Problem]:
    """Where samples are mixed and the loss, which mixes their targets, would not know."""
    problems: list[Problem] = []
    first = ""
    for layer in plan.layers:
        if layer.kind == "mixup":
            path = tuple(int(part) if part.isdigit() else part for part in layer.name.split("."))
            if layer.depth:
                what = "is inside another layer, and the targets are mixed with all that the network has of a sample"
                problems.append(loaded.problem(path, what, "put it among the network's own layers"))
            elif first:
                what = f"mixes samples that {first} has mixed, and the loss is of two of them"
                problems.append(loaded.problem(path, what, "leave one of the two out"))
            first = first or layer.name
    return problems


def _batch_size(loaded: LoadedConfig, dataset: Dataset) -> list[Problem]:
    samples = len(dataset.train)
    if loaded.config.effective_batch_size <= samples:
        return []
    if loaded.config.batch_size <= samples:
        size = loaded.config.effective_batch_size
        what = f"makes steps of {size:,} samples, there are {samples:,} training samples"
        most = samples // loaded.config.batch_size
        return [loaded.problem(("gradient_accumulation",), what, f"use at most {most}, or lower batch_size")]
    by_default = "" if "batch_size" in loaded.document.tree else " by default"
    what = f"is {loaded.config.batch_size}{by_default}, there are {samples} training samples"
    return [loaded.problem(("batch_size",), what, f"use at most {samples}")]


def _dynamics(loaded: LoadedConfig, plan: NetworkPlan) -> list[Problem]:
    """What keeps the rules from changing the network."""
    return [
        loaded.problem(("dynamics", position, *path), what, help)
        for position, rule in enumerate(loaded.config.dynamics)
        for path, what, help in rule.problems(plan)
    ]


def _memory_of(config: RunConfig, plan: NetworkPlan) -> int:
    """Bytes that training takes beside the data."""
    itemsize, vectors = np.dtype(config.precision).itemsize, int(config.gradient_accumulation > 1)
    vectors += 0 if config.averaging is None else 3  # it, a copy in the best checkpoint, and the weights meanwhile
    return plan.memory(config.batch_size, itemsize, len(config.optimizer.slots), vectors)


def _memory(loaded: LoadedConfig, plan: NetworkPlan, memory: int) -> list[Problem]:
    free = available_memory()
    if memory <= free:
        return []
    costs = {
        layer.name: 4 * layer.parameters + loaded.config.batch_size * 2 * size_of(layer.operation.outputs)
        for layer in plan.layers
    }
    largest = max(costs, key=lambda name: costs[name])
    path = tuple(int(part) if part.isdigit() else part for part in largest.split("."))
    what = f"training takes {bytes_in_words(memory)} of memory, {bytes_in_words(free)} are free; this layer needs most"
    return [loaded.problem(path, what, "make this layer smaller, or lower batch_size")]
