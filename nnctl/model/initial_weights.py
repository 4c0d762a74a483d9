"""The weights that a run starts with where its config names a checkpoint: which it takes of it, and what is said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nnctl import paths
from nnctl.config.document import KeyPath
from nnctl.config.initialize_from import InitializeFrom
from nnctl.config.load import LoadedConfig
from nnctl.data.dataset import Dataset
from nnctl.errors import CheckpointError, ConfigError, Problem
from nnctl.layers.operation import Array
from nnctl.model.checkpoint import fitting, hash_of
from nnctl.model.description import InitializedFrom, checkpoint_errors
from nnctl.model.other_data import foreign_layers, foreign_outputs, notes_on_data
from nnctl.model.plan import NetworkPlan
from nnctl.model.trained_model import TrainedModel, read_trained_model
from nnctl.model.weighted_layers import WeightedLayer, in_order, inside, weighted_layers
from nnctl.regular_file import shown
from nnctl.text import counted, did_you_mean, listed

KEY = "initialize_from"


@dataclass(frozen=True)
class InitialWeights:
    """origin: what the run's checkpoints say of them. tensors: by their names here, in the run's precision. notes: what
    the user should know.
    """

    origin: InitializedFrom
    tensors: dict[str, Array]
    notes: tuple[str, ...]


def initial_weights(loaded: LoadedConfig, plan: NetworkPlan, dataset: Dataset) -> InitialWeights | None:
    """Read and check them; None where the config names no checkpoint.

    Raises CheckpointError where that cannot be read, and ConfigError where its weights do not fit.
    """
    settings = loaded.config.initialize_from
    if settings is None:
        return None
    model = _read(loaded, settings)
    return _Choice(loaded, settings, plan, dataset, model).weights()


class _Choice:
    """What a config takes of a checkpoint."""

    def __init__(
        self, loaded: LoadedConfig, settings: InitializeFrom, plan: NetworkPlan, dataset: Dataset, model: TrainedModel
    ) -> None:
        self._loaded, self._settings, self._model, self._dataset = loaded, settings, model, dataset
        self._layers, self._others = weighted_layers(plan), weighted_layers(model.plan)
        self._foreign = foreign_layers(model, dataset, self._layers)

    def weights(self) -> InitialWeights:
        """Raises ConfigError."""
        self._refuse_unknown()
        excluded = {layer for name in self._settings.exclude for layer in inside(name, list(self._layers))}
        taken, new = self._whole(excluded) if self._settings.layers is None else self._named(excluded)
        if not taken:
            what = f"{self._path} has nothing that fits: {self._listed(new)}"
            raise ConfigError(self._problem((), what, self._remedy(taken)))
        tensors = dict(self._tensors(taken))
        origin = InitializedFrom(weights=self._hash(), layers=taken)
        return InitialWeights(origin, tensors, tuple(self._notes(taken, new)))

    def _whole(self, excluded: set[str]) -> tuple[dict[str, str], dict[str, str]]:
        """By the name of a layer the one that it takes its weights from, and for the others, why they start new.

        All must fit but the last, which other classes make another one.
        """
        new = {name: "excluded" if name in excluded else self._misfit(name, name) for name in self._layers}
        *front, last = self._layers
        if not new[last]:
            new[last] = foreign_outputs(self._model, self._dataset)
        taken = {name: name for name, why in new.items() if not why}
        new = {name: why for name, why in new.items() if why}
        if taken and (unfit := {name: why for name, why in new.items() if name in front and name not in excluded}):
            what = f"{len(unfit)} of {counted(len(self._layers), 'layer')} cannot take weights of {self._path}"
            raise ConfigError(self._problem((), f"{what}: {self._listed(unfit)}", self._remedy(taken)))
        return taken, new

    def _named(self, excluded: set[str]) -> tuple[dict[str, str], dict[str, str]]:
        """The same for the layers that are named, all of which must fit."""
        names, problems = self._settings.layers, []
        taken: dict[str, str] = {}
        pairs = names.items() if isinstance(names, dict) else [(name, name) for name in names or ()]
        for position, (name, other) in enumerate(pairs):
            path: KeyPath = ("layers", name if isinstance(names, dict) else position)
            for layer in inside(name, list(self._layers)):
                if layer in excluded:
                    continue
                taken[layer] = other + layer.removeprefix(name)
                if why := self._misfit(layer, taken[layer]):
                    what = f"{layer} cannot take weights of {self._path}: {self._listed({layer: why})}"
                    problems.append(self._problem(path, what, "leave it out, or make it like the one there"))
        if problems:
            raise ConfigError(*problems)
        new = {name: "excluded" if name in excluded else "not named" for name in self._layers if name not in taken}
        return taken, new

    def _misfit(self, name: str, other: str) -> str:
        return self._layers[name].misfit(self._others.get(other)) or self._foreign.get(name, "")

    def _refuse_unknown(self) -> None:
        """Raise ConfigError for names of layers that are not there, here or in the checkpoint."""
        names, problems = self._settings.layers, []
        named: list[tuple[KeyPath, str, Mapping[str, WeightedLayer], str]] = [
            *((("exclude", at), name, self._layers, "here") for at, name in enumerate(self._settings.exclude))
        ]
        if isinstance(names, dict):
            named += [(("layers", name), name, self._layers, "here") for name in names]
            named += [(("layers", name), other, self._others, f"in {self._path}") for name, other in names.items()]
        else:
            named += [(("layers", at), name, self._layers, "here") for at, name in enumerate(names or ())]
        for path, name, layers, where in named:
            if not any(inside(name, list(layers))):
                similar = [layer for layer in layers if _digits(layer) == _digits(name)]
                help = did_you_mean(name, similar) or f"there are: {listed(layers)}"
                problems.append(self._problem(path, f"{name} is no layer with weights {where}", help))
        if problems:
            raise ConfigError(*problems)

    def _tensors(self, taken: Mapping[str, str]) -> Iterator[tuple[str, Array]]:
        """What is taken, by its names here, in this run's precision. Raises CheckpointError where it is not finite."""
        precision = self._loaded.config.precision
        for name, other in taken.items():
            for own in self._layers[name].shapes:
                tensor = self._tensor(other, own)
                if tensor.dtype.kind == "f":
                    with np.errstate(over="ignore"):
                        tensor = tensor.astype(precision)
                if not np.isfinite(tensor).all():
                    what = f"has NaN or infinite numbers in {other}.{own}: this network has diverged"
                    help = "use the checkpoint of another run"
                    raise CheckpointError(Problem(what, self._path, path=KEY, help=help))
                yield f"{name}.{own}", tensor

    def _hash(self) -> str:
        """Of all weights of the checkpoint."""
        hashes = [
            (f"{name}.{own}", hash_of(self._tensor(name, own)))
            for name, layer in self._others.items()
            for own in layer.shapes
        ]
        return hashlib.sha256(json.dumps(hashes).encode()).hexdigest()

    def _tensor(self, name: str, own: str) -> Array:
        """Of a layer of the checkpoint. Raises CheckpointError where it does not have it."""
        with checkpoint_errors(self._model.path):
            layer = self._others[name]
            return fitting(self._model.checkpoint.tensors, f"{name}.{own}", layer.shapes[own], layer.most.get(own))

    def _notes(self, taken: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
        epoch = counted(self._model.description.counters.epoch, "epoch")
        note = f"takes the weights of {len(taken)} of {counted(len(self._layers), 'layer')} from {self._path}"
        note += f", trained for {epoch}"
        if new:
            note += f"; {'starts' if len(new) == 1 else 'start'} new: {self._listed(new)}"
        unused = [name for name in self._others if name not in taken.values() and name not in self._layers]
        if unused:
            note += f"; not used of it: {', '.join(unused)}"
        yield note
        if self._model.config.precision != self._loaded.config.precision:
            yield f"these weights were {self._model.config.precision}, are {self._loaded.config.precision} here"
        unlike = {name: self._layers[name].differences(self._others[other]) for name, other in taken.items()}
        if told := {name: what for name, what in unlike.items() if what}:
            yield f"these weights were trained for other settings: {self._listed(told)}"
        yield from notes_on_data(self._model, self._dataset, takes_last=list(self._layers)[-1] in taken)

    def _listed(self, layers: Mapping[str, str]) -> str:
        """Layers and what is said of each: `layers.7 (linear, 10 -> 26 outputs)`."""
        return ", ".join(f"{name} ({self._layers[name].kind}, {why})" for name, why in layers.items())

    def _remedy(self, taken: Mapping[str, str]) -> str:
        """What to write where not all fit: those that do, or those that do under other names."""
        moved = {
            name: other for name, other in in_order(self._layers, self._others).items() if name not in self._foreign
        }
        if len(moved) > len(taken):
            names = ", ".join(f"{name}: {other}" for name, other in moved.items())
            return f"name a layer here and the one there: {KEY}: {{checkpoint: …, layers: {{{names}}}}}"
        if taken:
            return f"name those that fit: {KEY}: {{checkpoint: …, layers: [{', '.join(taken)}]}}"
        return "use the checkpoint of a network like this one"

    def _problem(self, path: KeyPath, what: str, help: str) -> Problem:
        return self._loaded.problem((KEY, *path), what, help)

    @property
    def _path(self) -> str:
        return shown(self._model.path)


def frozen_as_they_start(plan: NetworkPlan, taken: Collection[str] = ()) -> Iterator[str]:
    """A note on layers that are frozen and take no weights. taken: the layers that take some."""
    names = [name for name, layer in weighted_layers(plan).items() if layer.is_frozen and name not in taken]
    if names:
        yield f"{', '.join(names)}: frozen, and taking no weights; random ones stay as they are"


def _digits(name: str) -> str:
    return "".join(letter for letter in name if letter.isdigit())


def _read(loaded: LoadedConfig, settings: InitializeFrom) -> TrainedModel:
    try:
        return read_trained_model(settings.checkpoint)
    except CheckpointError as error:
        problems = [replace(problem, path=problem.path or KEY) for problem in error.problems]
        if (help := _seen_from_here(loaded, settings)) and not Path(settings.checkpoint).exists():
            problems = [replace(problem, help=help) for problem in problems]
        raise CheckpointError(*problems) from None


def _seen_from_here(loaded: LoadedConfig, settings: InitializeFrom) -> str:
    """The remedy where a path was meant that starts from the working folder, not from the config's."""
    given: Any = loaded.document.tree.get(KEY)
    text = given.get("checkpoint") if isinstance(given, dict) else given
    if not isinstance(text, str) or not text or not Path(text).exists() or not Path(loaded.document.file).is_file():
        return ""
    folder = Path(loaded.document.file).absolute().parent
    return f"paths start from the config's folder: write {paths.relative(str(Path(text).absolute()), folder)}"
