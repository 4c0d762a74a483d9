"""What a device cannot compute for lack of kernels, found by recording a step that is never run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from nnctl.config.run_config import RunConfig
from nnctl.data.dataset import Dataset
from nnctl.errors import Problem
from nnctl.kernels.device import MissingKernelsError
from nnctl.layers.operation import StepContext
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.plan import NetworkPlan
from nnctl.model.regularizer import Regularizer
from nnctl.spec import Spec


def missing_kernels(config: RunConfig, dataset: Dataset, plan: NetworkPlan) -> list[Problem]:
    """A problem for each layer, loss and optimizer that the plan's device has no kernels for, with its path.

    It takes the parameters' memory and that of one sample, and gives it back.
    """
    device = plan.device
    problems: list[Problem] = []
    named: set[str] = set()  # so that a layer is not told for what a layer inside it lacks
    with device.record(1):
        for path, kind, calls in _calls(config, dataset, plan):
            try:
                calls()
            except MissingKernelsError as error:
                if str(error.name) not in named:
                    named.add(str(error.name))
                    what = f"device {device.name} has no kernels for {kind} yet"
                    problems.append(Problem(what, path=path, help="use device: cpu"))
    return problems


def _calls(config: RunConfig, dataset: Dataset, plan: NetworkPlan) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """The parts of a training step on one sample, each with its path in the config and its kind."""
    network = Network(plan, 1, config.precision)
    objective = Objective(network, config.loss, dataset.train, dataset.transform)
    slots = plan.device.zeros((len(config.optimizer.slots), plan.trainable), network.dtype)
    for name, link, arrays in network.walk(1):
        for direction in (link.operation.forward, link.operation.backward):
            yield name, link.layer.kind, partial(direction, arrays, StepContext(training=True))
    regularizer = Regularizer(network)
    for layer in network.spans():
        for calls in (regularizer.penalize, regularizer.limit):
            yield "regularization", "penalties and limits of weights", partial(calls, layer)
    yield "loss", _kind(config.loss), partial(objective.evaluate, 1)
    optimizer, flat = config.optimizer, (network.parameters, network.gradients, slots, network.shapes())
    yield "optimizer", _kind(optimizer), partial(optimizer.update, *flat, config.learning_rate, 1, plan.device)


def _kind(spec: Spec) -> str:
    return str(getattr(spec, spec.tag))
