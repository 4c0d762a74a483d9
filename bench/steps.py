"""Whole training steps of nnctl and its peers: batch, forward, loss, backward, update.

Contestants train the same samples in the same order, an epoch at a time in turn, so that a machine's moods meet all
of them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

from bench.busy import busy_core
from bench.contestant import Contestant
from bench.data import write_nnctl, write_peers
from bench.options import Options
from bench.others import Others
from bench.peak import gflops
from bench.peers_venv import peers_python
from bench.ratios import OWN, geometric_means
from bench.wording import microseconds, progress
from bench.workloads import WORKLOADS, Workload
from nnctl.machine import available_cores

ROW_SECONDS = 40.0  # for the rounds of one workload
FEWEST, MOST = 3, 15  # rounds
PAUSE = 0.05  # seconds, in which the threads of the one before go to sleep
PEERS = {"PyTorch": "bench.peers.torch_worker", "JAX": "bench.peers.jax_worker"}

Answers = dict[str, list[dict[str, Any]]]


def step_rates(options: Options) -> dict[str, Any]:
    """`rows`, one a workload; `peak_gflops` on all cores; `geometric_mean` of their ratios, by median and by least."""
    python = peers_python() if options.peers else None
    peak = gflops(available_cores())
    with busy_core(options.busy) as spent:
        rows = [_row(WORKLOADS[name], options.rounds, python, peak, spent) for name in options.workloads]
    return {"peak_gflops": peak, "rows": rows, "geometric_mean": geometric_means(row["contestants"] for row in rows)}


def _row(
    workload: Workload, rounds: int | None, python: Path | None, peak: float, spent: Callable[[], float]
) -> dict[str, Any]:
    """spent: processor seconds that the process on the busy core has taken, which is no other's."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        folder = Path(name)
        write_nnctl(folder, workload)
        steps = write_peers(folder, workload, 1 + (rounds or MOST))
        contestants = []
        for contestant, command in _commands(workload, folder, python).items():
            contestants.append(running.enter_context(Contestant(contestant, command)))
            contestants[-1].warmed_up()  # alone: the peers try there what suits them
        others = Others(spent)
        answers = _rounds(contestants, rounds, others)
    measured = {contestant: _summary(told) for contestant, told in answers.items()}
    row = _compared(workload, measured, peak)
    times = ", ".join(f"{contestant} {microseconds(of['median'])}" for contestant, of in measured.items())
    progress(f"{workload.name}: {times} us")
    sizes = {"parameters": workload.parameters, "steps_an_epoch": steps}
    return {"workload": workload.name, **sizes, "taken_by_others": others.share, **row}


def _commands(workload: Workload, folder: Path, python: Path | None) -> dict[str, list[str]]:
    commands = {OWN: [sys.executable, "-m", "bench.nnctl_worker", str(folder)]}
    if python is not None:
        for peer, module in PEERS.items():
            commands[peer] = [str(python), "-m", module, workload.name, str(folder)]
    return commands


def _rounds(contestants: Sequence[Contestant], rounds: int | None, others: Others) -> Answers:
    """Every contestant's answers, one a round. rounds: None for as many as the time allows."""
    answers: Answers = {contestant.name: [] for contestant in contestants}
    began, done = perf_counter(), 0
    while rounds is None or done < rounds:
        for contestant in contestants:
            sleep(PAUSE)
            before = contestant.cpu_seconds
            others.watch()
            answers[contestant.name].append(contestant.epoch())
            others.note(contestant.cpu_seconds - before)
        done += 1
        spent = perf_counter() - began
        if rounds is None and (done == MOST or (done >= FEWEST and spent * (done + 1) / done > ROW_SECONDS)):
            break
    return answers


def _summary(answers: list[dict[str, Any]]) -> dict[str, Any]:
    times = [answer["step_seconds"] for answer in answers]
    return {"median": median(times), "least": min(times), "rounds": times, **answers[-1]}


def _compared(workload: Workload, measured: dict[str, dict[str, Any]], peak: float) -> dict[str, Any]:
    losses = [of["loss"] for of in measured.values()]
    rate = 2 * workload.step_multiply_adds / measured[OWN]["median"] / 1e9
    return {
        "contestants": measured,
        "gflops": rate,
        "share_of_peak": rate / peak,
        "learn_alike": max(losses) <= 2 * min(losses) + 0.05,  # from other weights, to about the same place
    }
