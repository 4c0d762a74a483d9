"""Layers in a row: their shapes, one after the other, and then forward and backward through them.

A network is a chain, and so is each branch of a layer that holds layers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from nnctl.kernels.device import Device
from nnctl.layers.activity_penalty import ActivityPenalty
from nnctl.layers.freezable import Freezable, frozen_epochs
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays, ArraySpec, Mixing, Operation, Shape, ShapeError, StepContext, View
from nnctl.layers.regularization import WeightedLayer


@dataclass(frozen=True)
class Link:
    """A layer in its place. name: within the chain, `layers.0` or `layers.0.activation`. inputs: what it is given.

    frozen_epochs: for how many epochs it, with all that is in it, is not trained and computes as in evaluation.
    """

    name: str
    layer: Layer
    inputs: Shape
    operation: Operation
    frozen_epochs: float = 0.0

    @property
    def arrays(self) -> tuple[ArraySpec, ...]:
        """The operation's, with the role that they have here."""
        if self.frozen_epochs < math.inf:
            return self.operation.arrays
        return tuple(
            replace(spec, role="frozen") if spec.role == "parameter" else spec for spec in self.operation.arrays
        )

    def step(self, position: int, step: StepContext) -> StepContext:
        """What its operation is told. position: in the chain; step: what the chain is told."""
        inner = step.inner(position, self.name)
        return replace(inner, training=False) if self.frozen_epochs >= max(1, step.epoch) else inner


class Chain(Operation):
    """Operations, each of which takes what the one before gives; with none it is the identity.

    links: in the order of the config. Parameters, buffers and scratch of a link are the chain's own, with the link's
    name in front: `layers.0.weight`. What is between two links is scratch named `layers.0:outputs`.
    """

    def __init__(self, links: Sequence[Link], inputs: Shape, device: Device) -> None:
        self.links = tuple(links)
        self.inputs = inputs
        self.outputs = links[-1].operation.outputs if links else inputs
        self.multiply_adds = sum(link.operation.multiply_adds for link in links)
        self.is_view = all(link.operation.is_view for link in links)
        self.chains = (self,)
        self.changes_lengths = any(link.operation.changes_lengths for link in links)
        self._computed = _as_computed(links, device)
        computed = {link.name: link for link in self._computed}
        own = [replace(spec, name=f"{link.name}.{spec.name}") for link in links for spec in computed[link.name].arrays]
        self.arrays = (*own, *self._between())

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        for position, (link, its) in enumerate(self.arrays_of_links(arrays)):
            link.operation.forward(its, link.step(position, step))

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        for position, (link, its) in reversed(list(enumerate(self.arrays_of_links(arrays)))):
            if its.d_inputs is None and not its.gradients:
                break  # nor does any link in front of it train
            inner = link.step(position, step)
            link.operation.backward(its, inner)
            if its.gradients and not link.operation.chains:
                step.gradients_ready(inner.name)

    def mixing(self, samples: int, step: StepContext) -> Mixing | None:
        inner = [link.operation.mixing(samples, step.inner(at, link.name)) for at, link in enumerate(self._computed)]
        return next((mixing for mixing in inner if mixing is not None), None)

    def steps(self, lengths: Array) -> Array:
        for link in self.links:
            try:
                lengths = link.operation.steps(lengths)
            except ShapeError as error:
                what = error.what if error.path else f"{link.layer.kind} {error.what}"
                raise ShapeError(what, error.help, f"{link.name}.{error.path}".rstrip(".")) from None
            if len(link.operation.outputs) < 2:  # a row of features has no steps
                self._check_no_steps_follow(link)
                break
        return lengths

    def _check_no_steps_follow(self, link: Link) -> None:
        """Raise ShapeError where steps, one number each, go through a link as a row of features and are steps again."""
        behind = self.links[self.links.index(link) + 1 :]
        again = next((other for other in behind if len(other.operation.outputs) > 1), None)
        if len(link.inputs) == 1 and again is not None:
            what = f"{again.layer.kind} makes steps, and the {link.layer.kind} in front of it has taken their lengths"
            help = f"put it in front of the {link.layer.kind}, or save the samples without `lengths`"
            raise ShapeError(what, help, again.name)

    def notes_on(self, lengths: Mapping[str, Array]) -> Iterator[tuple[str, str]]:
        for link in self.links:
            for path, note in link.operation.notes_on(lengths):
                yield (f"{link.name}.{path}", note) if path else (link.name, f"{link.layer.kind}: {note}")
            if len(link.operation.outputs) < 2:
                break
            lengths = {samples: link.operation.steps(own) for samples, own in lengths.items()}

    def lengths_of_outputs(self, arrays: Arrays) -> Array | None:
        linked = self.arrays_of_links(arrays)
        return linked[-1][0].operation.lengths_of_outputs(linked[-1][1]) if linked else arrays.lengths

    def arrays_of_chains(self, arrays: Arrays) -> tuple[Arrays, ...]:
        return (arrays,)

    def arrays_of_links(self, arrays: Arrays) -> list[tuple[Link, Arrays]]:
        """Each link with its arrays, in the order in which they are computed."""
        values = self._boundaries(arrays.inputs, arrays.outputs, arrays.scratch, "outputs")
        gradients = self._boundaries(arrays.d_inputs, arrays.d_outputs, arrays.scratch, "d_outputs")
        found = []
        is_wanted, lengths = arrays.d_inputs is not None, arrays.lengths
        for position, link in enumerate(self._computed):
            its = Arrays(
                inputs=values[position],
                outputs=values[position + 1],
                d_inputs=gradients[position] if is_wanted else None,
                d_outputs=gradients[position + 1],
                lengths=lengths,
                parameters=_own(link, arrays.parameters),
                gradients=_own(link, arrays.gradients),
                buffers=_own(link, arrays.buffers),
                scratch=_own(link, arrays.scratch),
            )
            found.append((link, its))
            lengths = link.operation.lengths_of_outputs(its)
            is_wanted = is_wanted or bool(its.gradients)  # in front of the first that trains nobody reads a gradient
        return found

    def walk(self, arrays: Arrays, prefix: str = "") -> Iterator[tuple[str, Link, Arrays]]:
        """Each link with its full name and its arrays, as they are computed; those inside a link before the link."""
        for link, its in self.arrays_of_links(arrays):
            name = f"{prefix}{link.name}"
            for chain, inner in zip(link.operation.chains, link.operation.arrays_of_chains(its), strict=True):
                assert isinstance(chain, Chain)
                yield from chain.walk(inner, f"{name}.")
            yield name, link, its

    def _between(self) -> Iterator[ArraySpec]:
        """What is between two links and is neither the chain's inputs nor its outputs in another shape."""
        first, last = self._written()
        for position, link in enumerate(self._computed):
            if first <= position < last and not link.operation.is_view:
                for kind in ("outputs", "d_outputs"):
                    yield ArraySpec(f"{link.name}:{kind}", link.operation.outputs, "per_sample")

    def _written(self) -> tuple[int, int]:
        """The positions of the first and the last link that is no view."""
        positions = [position for position, link in enumerate(self._computed) if not link.operation.is_view]
        return (positions[0], positions[-1]) if positions else (len(self._computed), len(self._computed))

    def _boundaries(self, before: Array | None, behind: Array, scratch: Mapping[str, Array], kind: str) -> list[Array]:
        """The arrays in front of each link, then the one behind the last; None for what `before` is None for."""
        first, last = self._written()
        found: list[Any] = [before]
        for position, link in enumerate(self._computed):
            shape = (-1, *link.operation.outputs)
            if position >= last or position == len(self._computed) - 1:
                found.append(behind.reshape(shape))
            elif position < first:
                found.append(None if before is None else before.reshape(shape))
            elif link.operation.is_view:
                found.append(found[-1].reshape(shape))
            else:
                found.append(scratch[f"{link.name}:{kind}"])
        return found


def plan_chain(layers: Sequence[tuple[str, Layer]], inputs: Shape, device: Device) -> Chain:
    """Infer and check every shape. layers: each with its name; its `activation` becomes a link of its own, and so does
    a penalty on its outputs.

    Raises ShapeError with the inner layer's path.
    """
    links: list[Link] = []
    shape = inputs
    for name, layer, frozen in _with_followers(layers):
        try:
            operation = layer.plan(shape, device)
        except ShapeError as error:
            remedy = _in_front(links, error.axes)
            help, axes = remedy or error.help, 0 if remedy else error.axes
            if error.path:
                raise ShapeError(error.what, help, f"{name}.{error.path}", axes) from None
            what = f"{layer.kind} {error.what}; got inputs of shape {in_words(shape)}"
            raise ShapeError(what, help, name, axes) from None
        _check_initial_values(name, operation)
        _check_training(name, layer, operation)
        links.append(Link(name, layer, shape, operation, frozen))
        shape = operation.outputs
    return Chain(links, inputs, device)


def _in_front(links: Sequence[Link], axes: int) -> str:
    """What to do where a layer lacks axes that a layer in front of it has taken: nothing where none has.

    axes: how many it needs.
    """
    for link in reversed(links):
        outputs = link.operation.outputs
        if len(outputs) < axes <= len(link.inputs):
            made = f"which makes {in_words(outputs)} of {in_words(link.inputs)}"
            remedy = link.layer.remedy_for_axes
            return f"{remedy}, {made}" if remedy else f"put it in front of the {link.layer.kind}, {made}"
    return ""


def _check_initial_values(name: str, operation: Operation) -> None:
    for spec in () if operation.chains else operation.arrays:
        try:
            if spec.initializer is not None:
                spec.initializer.check(spec.shape)
        except ValueError as error:
            numbers = " x ".join(str(length) for length in spec.shape)
            raise ShapeError(str(error), f"give {numbers} numbers", f"{name}.{spec.name}") from None


def _check_training(name: str, layer: Layer, operation: Operation) -> None:
    """Raise ShapeError where a layer says how its weights are trained, and they are not, or it has none."""
    if not isinstance(layer, Freezable):
        return
    has_weights = any(spec.role in ("parameter", "frozen") for spec in operation.arrays)
    if layer.freeze and not has_weights:
        raise ShapeError(f"{layer.kind} has no weights to freeze", "leave `freeze` out", f"{name}.freeze")
    for key in ("learning_rate_scale", "weight_decay"):
        if getattr(layer, key) is not None and (layer.freeze is True or not has_weights):
            what = f"is set, and {layer.kind} {'is frozen' if has_weights else 'has no weights'}"
            raise ShapeError(what, "leave it out", f"{name}.{key}")


def in_words(shape: Shape) -> str:
    """A shape as Python writes it: (28, 28, 1)."""
    return f"({', '.join(str(length) for length in shape)}{',' if len(shape) == 1 else ''})"


def _with_followers(layers: Sequence[tuple[str, Layer]]) -> Iterator[tuple[str, Layer, float]]:
    """Name, layer, and for how many epochs it is frozen. So long its activation is frozen with it, and its outputs get
    no penalty.
    """
    for name, layer in layers:
        frozen = frozen_epochs(layer)
        yield name, layer, frozen
        activation = getattr(layer, "activation", None)
        if activation is not None:
            follows = frozen if isinstance(activation, Freezable) else 0.0
            yield f"{name}.activation", activation, max(frozen_epochs(activation), follows)
        regularization = layer.regularization if isinstance(layer, WeightedLayer) and frozen < math.inf else None
        if regularization is not None and regularization.has_activity:
            penalty = ActivityPenalty(l1=regularization.activity_l1, l2=regularization.activity_l2)
            yield f"{name}.activity", penalty, frozen


def _as_computed(links: Sequence[Link], device: Device) -> list[Link]:
    """The links in the order in which they are computed, each with its operation there.

    What commutes with a maximum follows it, with less to do. What is absorbed by the link in front has nothing to do.
    """
    computed = list(links)
    for position in range(len(computed) - 2, -1, -1):
        first, second = computed[position : position + 2]
        if first.operation.commutes_with_maximum and second.operation.selects_maximum:
            shape = second.operation.outputs
            moved = replace(first, inputs=shape, operation=first.layer.plan(shape, device))
            computed[position : position + 2] = [second, moved]
    for position, (first, second) in enumerate(pairwise(tuple(computed))):
        absorbing = first.operation.absorb(second.layer.kind)
        if absorbing is not None:
            absorbed = replace(second, operation=View(second.operation.outputs))
            computed[position : position + 2] = [replace(first, operation=absorbing), absorbed]
    return computed


def _own(link: Link, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Those of the chain's arrays that belong to the link, by its own names."""
    named = {spec.name: f"{link.name}.{spec.name}" for spec in link.operation.arrays}
    return {own: arrays[name] for own, name in named.items() if name in arrays}
