"""Predictions of trained networks, few samples or many at a time: nnctl, PyTorch, onnxruntime.

All have the same weights and samples, and their outputs are compared. They are asked in turn, a tenth of a second
each, so that a machine's moods meet all of them. Samples and outputs are arrays in memory.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import sleep
from typing import Any

from bench.busy import busy_core
from bench.contestant import ROOT, Contestant
from bench.data import write_nnctl
from bench.options import Options
from bench.others import Others
from bench.peers_venv import peers_python
from bench.prediction_serve import BATCHES
from bench.ratios import OWN, geometric_means
from bench.wording import microseconds, progress
from bench.workloads import WORKLOADS, Workload

NETWORKS = {"mlp-small, 32": "mlp-small", "cnn": "cnn", "gru 128": "gru 128"}  # workloads; their batches do not matter
ROUNDS = 7
PAUSE = 0.05  # seconds, in which the threads of the one before go to sleep
PROGRAM = f"{OWN}'s program alone"
PEERS = {"PyTorch": "bench.peers.torch_predictions", "onnxruntime": "bench.peers.onnx_predictions"}
WITHOUT_LEVELS = "onnxruntime"  # it uses the widest vectors there are, whatever it is told


def prediction_rates(options: Options) -> dict[str, Any]:
    """`rows`, one a network and number of samples; `geometric_mean` of their ratios, by median and by least.

    Raises ContestantError where outputs differ.
    """
    python = peers_python() if options.peers else None
    peers = [name for name in PEERS if python and not (options.level and name == WITHOUT_LEVELS)]
    rows = []
    with busy_core(options.busy) as spent:
        for name in options.workloads:
            if name in NETWORKS:
                commands = {peer: [str(python), "-m", PEERS[peer], name] for peer in peers}
                rows += _rows(WORKLOADS[name], commands, options.rounds or ROUNDS, spent)
    return {"rows": rows, "geometric_mean": geometric_means(row["contestants"] for row in rows)}


def _rows(
    workload: Workload, peers: dict[str, list[str]], rounds: int, spent: Callable[[], float]
) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name, ExitStack() as running:
        write_nnctl(Path(name), workload)
        subprocess.run([sys.executable, "-m", "bench.prediction_folder", name], cwd=ROOT, check=True)
        worker = [sys.executable, "-m", "bench.prediction_worker", name]
        commands = {OWN: [*worker, "call"], PROGRAM: [*worker, "program"]}
        commands |= {peer: [*command, name] for peer, command in peers.items()}
        contestants = [running.enter_context(Contestant(*named)) for named in commands.items()]
        for contestant in contestants:
            contestant.warmed_up()
        return [_row(NETWORKS[workload.name], n, contestants, rounds, Others(spent)) for n in BATCHES]


def _row(network: str, n: int, contestants: Sequence[Contestant], rounds: int, others: Others) -> dict[str, Any]:
    told: dict[str, list[dict[str, Any]]] = {contestant.name: [] for contestant in contestants}
    for contestant in contestants:
        contestant.ask(str(n))  # alone: it tries what suits it, and its outputs are compared
    for _ in range(rounds):
        for contestant in contestants:
            sleep(PAUSE)
            before = contestant.cpu_seconds
            others.watch()
            told[contestant.name].append(contestant.ask(str(n)))
            others.note(contestant.cpu_seconds - before)
    measured = {name: _summary(answers) for name, answers in told.items()}
    times = ", ".join(f"{name} {microseconds(of['median'])}" for name, of in measured.items())
    progress(f"{network}, {n} at a time: {times} us")
    return {"network": network, "batch": n, "contestants": measured, "taken_by_others": others.share}


def _summary(answers: list[dict[str, Any]]) -> dict[str, Any]:
    last = {key: answers[-1][key] for key in ("variant", "idle_cpu")}
    middle, least = median(answer["median"] for answer in answers), min(answer["least"] for answer in answers)
    return {"median": middle, "least": least, **last}
