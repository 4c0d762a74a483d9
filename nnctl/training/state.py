"""What a run has to remember to go on to the same bits, and how it goes into a checkpoint and comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from nnctl.kernels.device import Array
from nnctl.model.checkpoint import Checkpoint, fitting
from nnctl.model.description import Changed
from nnctl.model.network import Network
from nnctl.model.preparation import Prepared
from nnctl.model.whereabouts import placeless_config
from nnctl.training.best_value import BestValue
from nnctl.training.history import History
from nnctl.training.probes.probe import Probe


@dataclass
class Counters:
    """epoch: finished ones. step: of the whole run. step_in_epoch: of the epoch under way."""

    epoch: int = 0
    step: int = 0
    step_in_epoch: int = 0


class State:
    """Parameters, buffers, optimizer slots, counters, what the probes have measured, and the best values so far.

    slots: (number of slots, P). average: that of the parameters, (P,), or None. Random streams need no place here: they
    are functions of the counters.
    """

    def __init__(
        self,
        prepared: Prepared,
        network: Network,
        probes: Sequence[Probe],
        best: BestValue,
        early: BestValue | None,
        average: Array | None = None,
    ) -> None:
        self.counters = Counters()
        self.network = network
        self.probes = probes
        self.average = average
        self.best = best
        self.early = early
        self.threshold: float | None = None  # of the best checkpoint, like the next one
        self.temperature: float | None = None
        self.history = History.beginning(prepared.config)
        self._of_the_run = _of_the_run(prepared)
        self._has_rules = bool(prepared.config.dynamics)
        self._slot_names = list(prepared.config.optimizer.slots)
        self._device = network.device
        self.slots: Array = self._device.zeros((len(self._slot_names), network.parameters.size), network.dtype)

    def to_checkpoint(self) -> Checkpoint:
        """A copy of everything; the state may go on while it waits to be written."""
        own = self.network.kept() | self._arrays()
        tensors = {name: self._device.to_host(array).copy() for name, array in own.items()}
        description = self._of_the_run | {
            "counters": asdict(self.counters),
            "best": _to_json(self.best),
            "early": _to_json(self.early),
            "threshold": self.threshold,
            "temperature": self.temperature,
            **({"dynamics": self.history.to_json()} if self._has_rules else {}),
        }
        return Checkpoint(tensors | self.history.tensors(), description)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the same config. Raises CheckpointError where tensors do not fit."""
        description = checkpoint.description
        counters = {field.name: description["counters"][field.name] for field in fields(Counters)}
        self.counters = Counters(**counters)
        self.threshold, self.temperature = description.get("threshold"), description.get("temperature")
        self.network.load(checkpoint.tensors)
        for name, array in self._arrays().items():
            self._device.write(fitting(checkpoint.tensors, name, array.shape), array)
        changed = description.get("dynamics")
        if changed is not None:
            self.history = History.of(Changed.model_validate(changed), checkpoint.tensors)
        for best, kept in ((self.best, description["best"]), (self.early, description["early"])):
            if best is not None and kept is not None:
                best.value, best.epoch = kept["best"], kept["epoch"]

    def _arrays(self) -> dict[str, Array]:
        """What a checkpoint holds beside the network, by the tensors' names.

        Between two epochs the probes know nothing, and what they collect may be large.
        """
        slots = {f"optimizer.{name}": self.slots[position] for position, name in enumerate(self._slot_names)}
        probes = self.probes if self.counters.step_in_epoch else ()
        average = {} if self.average is None else {"averaging.parameters": self.average}
        return slots | average | {f"training.{probe.name}": probe.state for probe in probes}


def _of_the_run(prepared: Prepared) -> dict[str, Any]:
    """The part of a checkpoint's description that stays the same."""
    dataset, initial = prepared.dataset, prepared.initialized_from
    return {
        "config": placeless_config(prepared.config),
        "preprocessing": dataset.preprocessing.to_json(),
        "target_transform": None if dataset.transform is None else dataset.transform.to_json(),
        "classes": list(dataset.classes),
        "target_names": list(dataset.target_names),
        "data": dataset.hashes,
        **({} if initial is None else {"initialized_from": initial.model_dump()}),
    }


def _to_json(best: BestValue | None) -> dict[str, Any] | None:
    return None if best is None else {"best": best.value, "epoch": best.epoch}
