"""A network as it is changed: its layers, and what is kept of each of its arrays, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from nnctl.dynamics.channels import Channels, channels_of
from nnctl.layers.embed_columns import Embedding
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Shape, size_of
from nnctl.model.checkpoint import Checkpoint, fitting
from nnctl.model.description import checkpoint_errors
from nnctl.model.plan import NetworkPlan, plan_network
from nnctl.model.preparation import Prepared
from nnctl.model.trained_model import TrainedModel
from nnctl.model.whereabouts import placeless_config

ByName = Mapping[str, Array]

OPTIMIZER = "optimizer."  # how the names of the tensors of an optimizer's slots begin


@dataclass(frozen=True)
class Structure:
    """layers: of the config. inputs: the shape of a sample. embeddings: of its last columns.

    arrays: parameters and buffers by name, on the host. slots: by the name of an optimizer's slot, its numbers by the
    names of the parameters that train. degrees: of the slots, as the optimizer gives them.
    """

    layers: tuple[Layer, ...]
    inputs: Shape
    arrays: ByName
    slots: Mapping[str, ByName] = field(default_factory=dict)
    degrees: Mapping[str, int] = field(default_factory=dict)
    embeddings: tuple[Embedding, ...] = ()

    @cached_property
    def plan(self) -> NetworkPlan:
        return plan_network(self.layers, self.inputs, self.embeddings)

    @cached_property
    def channels(self) -> dict[str, Channels]:
        """By its name each layer that makes channels."""
        return channels_of(self.plan)


def by_name(plan: NetworkPlan, flat: Array) -> dict[str, Array]:
    """What a flat vector over all that trains, (P,), has of each parameter: views of it."""
    found, start = {}, 0
    for name, shape in _trainable(plan).items():
        found[name] = flat[start : start + size_of(shape)].reshape(shape)
        start += size_of(shape)
    return found


def flat(plan: NetworkPlan, named: ByName) -> Array:
    """The reverse: one vector (P,) of what each parameter that trains has, in the order of the plan."""
    parts = [named[name].ravel() for name in _trainable(plan)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _trainable(plan: NetworkPlan) -> dict[str, Shape]:
    return {spec.name: spec.shape for spec in plan.chain.arrays if spec.role == "parameter"}


def structure_in(prepared: Prepared, tensors: ByName) -> Structure:
    """That of a run, of its tensors as a checkpoint has them."""
    plan, slots = prepared.plan, prepared.config.optimizer.slots
    kept = {spec.name: tensors[spec.name] for spec in plan.chain.arrays if spec.is_kept}
    of_optimizer = {name: by_name(plan, tensors[f"{OPTIMIZER}{name}"]) for name in slots}
    embeddings = prepared.dataset.preprocessing.embeddings
    return Structure(tuple(prepared.config.layers), plan.inputs, kept, of_optimizer, dict(slots), embeddings)


def tensors_of(structure: Structure) -> dict[str, Array]:
    """The reverse: what a checkpoint has of it."""
    return {
        **structure.arrays,
        **{f"{OPTIMIZER}{name}": flat(structure.plan, numbers) for name, numbers in structure.slots.items()},
    }


def structure_of(model: TrainedModel) -> Structure:
    """That of a checkpoint. Raises CheckpointError where it lacks an array of its network."""
    plan, tensors = model.plan, model.checkpoint.tensors
    with checkpoint_errors(model.path):
        kept = {
            spec.name: fitting(tensors, spec.name, spec.shape, spec.most) for spec in plan.chain.arrays if spec.is_kept
        }
    return Structure(tuple(model.config.layers), plan.inputs, kept, embeddings=model.fitted.preprocessing.embeddings)


def with_structure(model: TrainedModel, structure: Structure) -> TrainedModel:
    """The model with another network in it; its checkpoint has the network alone, without the optimizer's slots."""
    config = model.config.model_copy(update={"layers": list(structure.layers)})
    description = model.checkpoint.description | {"config": placeless_config(config)}
    checkpoint = Checkpoint(dict(structure.arrays), description)
    return replace(model, config=config, plan=structure.plan, checkpoint=checkpoint)
