"""Measures a run's layers at some of its steps, writes rows of diagnostics.jsonl, and tells what is wrong with it.

Which steps are measured depends on their number alone: the first four, then two as long as the number doubles. So a
run has some dozens of rows, a resumed run has those of one that was left alone, and the cost fades. What is
certain is told while the run goes on, at steps whose number is a power of four.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from nnctl.diagnoses.diagnosis import Finding, diagnose, diagnoses
from nnctl.diagnoses.facts import facts_of
from nnctl.diagnoses.record import Ended, RunRecord
from nnctl.files import to_json
from nnctl.kernels.device import Array
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.preparation import Prepared
from nnctl.training.layer_measurements import LayerMeasurements, Parameters, digits
from nnctl.training.metrics_file import Row, read_rows
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder

BITS = 2  # of the number of a measured step that may be other than 0, from the first


def next_measured(step: int) -> int:
    """The number of the next step that is measured after so many: 1, 2, 3, 4, 6, 8, 12, 16, …"""
    unit = max(0, step.bit_length() - BITS)
    return ((step >> unit) + 1) << unit


class Diagnostics:
    """Those of one run; without a folder, and where the config switches them off, no step is measured, nothing is told.

    norm: (1,) float64 on the device, of the last step's gradient before it was clipped.
    """

    def __init__(
        self,
        prepared: Prepared,
        folder: RunFolder | None,
        network: Network,
        objective: Objective,
        norm: Array,
        observer: Observer,
    ) -> None:
        self._prepared, self._observer = prepared, observer
        self._folder = folder if prepared.config.diagnostics else None
        self._network, self._objective, self._norm = network, objective, norm
        self._measurements = LayerMeasurements(network)
        self._before: Parameters | None = None
        self._told: set[str] = set()
        self._rows: list[Row] = []

    def begin(self, step: int) -> None:
        """The run begins, or goes on, after so many steps: rows of later ones are dropped, they will come again."""
        if self._folder is not None:
            self._rows = self._folder.keep_diagnostics_until(step)
            if not self._rows:
                self._append({"epoch": 0, "step": 0, "facts": facts_of(self._prepared)})
            self._tell(self._found(None))

    def take_over(self, before: Diagnostics, step: int) -> None:
        """The run goes on with another network after so many steps: what was told of it is told, and layers are others.

        before: of the network until now.
        """
        self._told, self._rows = before._told, before._rows
        is_there = any("facts" in row and row["step"] == step for row in self._rows[-1:])  # from before a kill
        if self._folder is not None and not is_there:
            self._append({"epoch": self._rows[-1]["epoch"], "step": step, "facts": facts_of(self._prepared)})

    def steps_at_once(self, step: int, most: int) -> int:
        """How many steps may run before one is measured, which runs alone: then its parameters are kept."""
        due = sys.maxsize if self._folder is None else next_measured(step)
        if due > step + 1:
            return min(most, due - step - 1)
        self._before = self._measurements.parameters()
        return 1

    def stepped(self, epoch: int, step: int, n: int) -> None:
        """The steps are done, the last one on a batch of n samples. step: of the run."""
        if self._before is None:
            return
        limit = self._prepared.config.clip_norm
        norm = float(self._network.device.to_host(self._norm)[0])
        clipped = limit / norm if limit is not None and norm > limit else 1.0
        layers = self._measurements.measure(n, epoch, self._before, clipped)
        self._before = None
        self._append({"epoch": epoch, "step": step, "loss": digits(self._objective.mean_loss(n)), "layers": layers})
        if step & (step - 1) == 0 and step.bit_length() % 2:
            self._tell(self._found(None))

    def diverged(self, epoch: int, step: int, place: str) -> str:
        """The run ends in NaN or infinity in this place: what to do about it, nothing where nothing is known."""
        if self._folder is None:
            return ""
        self._append({"epoch": epoch, "step": step, "diverged": place})
        causes = {diagnosis.name for diagnosis in diagnoses() if diagnosis.makes_diverge}
        found = [finding for finding in self._found("diverged") if finding.name in causes]
        return found[0].remedy_in_words if found else ""

    def verdict(self, ended: Ended) -> list[Finding]:
        """What is wrong with the run, which has ended, the worst first. What was not told before is told now."""
        found = [] if self._folder is None else self._found(ended)
        self._tell(found)
        return found

    def _found(self, ended: Ended | None) -> list[Finding]:
        """While the run goes on, its rows are of no matter."""
        rows = () if ended is None or self._folder is None else read_rows(self._folder.path)
        return diagnose(RunRecord.of(self._prepared.config, rows, self._rows, ended))

    def _append(self, row: Row) -> None:
        if self._folder is not None:
            line = to_json(row)
            self._folder.append_diagnostics(line)
            self._rows.append(json.loads(line))  # as those who read the file have it

    def _tell(self, found: Sequence[Finding]) -> None:
        for finding in found:
            if finding.name not in self._told and not finding.is_noted:
                self._told.add(finding.name)
                self._observer.diagnosed(finding.name, finding.in_words)
