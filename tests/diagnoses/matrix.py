"""What small runs that are ill or well are told, by seed, and what the remedies do that they are told."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import zlib
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import nnctl
from nnctl.errors import DivergedError
from tests.diagnoses import patients, strangers
from tests.diagnoses.patients import Patient

TABLES = {
    "patients": (patients.PATIENTS, patients.write_data),
    "strangers": (strangers.STRANGERS, strangers.write_data),
}


class Verdict(NamedTuple):
    """What a run was told. gone, better: whether its remedy took the diagnosis away, or made the loss lower;
    None where none was tried. losses: at the end, without and with it.
    """

    table: str
    seed: int
    patient: Patient
    told: tuple[str, ...]
    remedy: tuple[str, ...] = ()
    gone: bool | None = None
    better: bool | None = None
    losses: tuple[float, float] = (math.nan, math.nan)

    @property
    def is_right(self) -> bool:
        """Whether an ill one is told its illness, and a well one is not told that which it might have."""
        return (self.patient.illness in self.told) == self.patient.is_ill


def verdicts(
    tables: Sequence[str],
    seeds: Sequence[int],
    folder: Path,
    *,
    workers: int | None = None,
    only: Collection[str] = (),
    with_remedies: bool = False,
) -> Iterator[Verdict]:
    """Those of all runs, in the folder; runs that are there are not made again. only: names of diagnoses, else all."""
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    jobs = []
    for table in tables:
        every, write_data = TABLES[table]
        for seed in seeds:
            own = folder / table / str(seed)
            if not own.is_dir():
                own.mkdir(parents=True)
                write_data(own, seed)
            jobs += [
                (table, seed, patient, own, with_remedies)
                for patient in patients.cases(every)
                if not only or patient.illness in only
            ]
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_verdict, jobs, chunksize=4)


def _verdict(job: tuple[str, int, Patient, Path, bool]) -> Verdict:
    table, seed, patient, folder, with_remedies = job
    config = patient.write(folder)
    report = _report(config, [f"seed={seed}"], folder / "runs" / patient.id)
    told = tuple(finding["name"] for finding in report["diagnoses"])
    own = next((finding for finding in report["diagnoses"] if finding["name"] == patient.illness), None)
    if not with_remedies or not patient.is_ill or own is None or not own["remedy"]:
        return Verdict(table, seed, patient, told)
    after = _report(
        config, [f"seed={seed}", *own["remedy"]], folder / "remedied" / f"{patient.id}-{_short(own['remedy'])}"
    )
    gone = patient.illness not in [finding["name"] for finding in after["diagnoses"]]
    losses = _at_the_end(report), _at_the_end(after)
    return Verdict(table, seed, patient, told, tuple(own["remedy"]), gone, losses[1] < losses[0], losses)


def _short(remedy: Sequence[str]) -> str:
    return f"{zlib.crc32(' '.join(remedy).encode()):08x}"


def _report(config: Path, overrides: Sequence[str], run: Path) -> dict[str, Any]:
    """What `nnctl diagnose` says of a run, which is made where it is not there."""
    if not run.is_dir():
        with contextlib.suppress(DivergedError):
            nnctl.train(config, overrides, run=run)
    return nnctl.diagnose(run)


def _at_the_end(report: dict[str, Any]) -> float:
    """The median of the last three losses of the validation samples, or of those for training where there are none: the
    lowest one would be lower where it goes up and down.
    """
    losses = report["losses"].get("val_loss") or report["losses"].get("loss") or []
    return median([math.inf if loss is None else loss for loss in losses[-3:]] or [math.inf])
