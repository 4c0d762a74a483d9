"""Loss and metrics of the training samples, as they are while the epoch goes on."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.preparation import Prepared, new_scores
from nnctl.training.probes.probe import Probe


class ScoresProbe(Probe):
    """`loss` and each metric by name, of every batch as it was before its update."""

    name: ClassVar[str] = "scores"
    group: ClassVar[Literal["metrics", "diagnoses"]] = "metrics"

    def __init__(self, objective: Objective, prepared: Prepared) -> None:
        super().__init__(objective, prepared)
        self._scores = new_scores(prepared.config, prepared.dataset, prepared.dataset.train, self.network.device)
        self.state = self._scores.state

    def record_batch(self, network: Network, n: int) -> None:
        self.objective.score(self._scores, n)

    def values(self) -> dict[str, float]:
        return self._scores.values()

    @property
    def mean_loss(self) -> float:
        return self._scores.mean_loss
