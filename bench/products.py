"""Products and convolutions in the three directions: nnctl's layers, OpenBLAS through NumPy, PyTorch.

Contestants are asked for the same product in turn, some milliseconds each, so that a machine's moods meet all of them,
and the peak that shares are told of. What it takes them is what their users wait for: NumPy and PyTorch are called from
Python, nnctl runs what it recorded.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

from bench.contestant import Contestant
from bench.options import Options
from bench.others import Others
from bench.peers_venv import peers_python
from bench.product_goals import goals, reached
from bench.product_shapes import ROWS, Convolution, Product
from bench.ratios import OWN
from bench.wording import progress
from nnctl.machine import available_cores

FEWEST, MOST = 3, 5  # rounds
ROW_SECONDS = 1.0  # for the rounds of one product
PAUSE = 0.03  # seconds, in which the threads of the one before go to sleep: PyTorch's after 20 ms
TOLD = 20  # products between two lines that tell how far it is
OF_PRODUCTS = "OpenBLAS"  # it knows no convolutions
PEAK = "peak"


def product_rates(options: Options) -> dict[str, Any]:
    """`peak_gflops` by number of threads, the median of those of the rows; `rows`, one a product and number of threads;
    `goals` and how many reach them.

    Raises ContestantError where a result is wrong.
    """
    python = peers_python() if options.peers else None
    peaks, rows = {}, []
    for threads in sorted({1, available_cores()}):
        answers = _answers(threads, options.rounds, python)
        own = [_row(row, threads, *answers[name]) for name, row in ROWS.items()]
        peaks[str(threads)] = median(row["peak_gflops"] for row in own)
        rows += own
    return {"peak_gflops": peaks, "rows": rows, "goals": reached(rows)}


def _answers(threads: int, rounds: int | None, python: Path | None) -> dict[str, tuple[dict[str, Any], float | None]]:
    """For each product what the contestants took, and what others took of the machine meanwhile."""
    answers = {}
    with ExitStack() as running:
        contestants = [running.enter_context(contestant) for contestant in _contestants(threads, python)]
        for contestant in contestants:
            contestant.warmed_up()
        for number, (name, row) in enumerate(ROWS.items()):
            if number % TOLD == 0:
                progress(f"threads {threads}: {number} of {len(ROWS)} products")
            entered = [one for one in contestants if row.kind == "products" or one.name != OF_PRODUCTS]
            answers[name] = _measured(entered, name, rounds, PAUSE if threads > 1 else 0)
    return answers


def _contestants(threads: int, python: Path | None) -> list[Contestant]:
    number = str(threads)
    openblas = {"OPENBLAS_NUM_THREADS": number, "OPENBLAS_THREAD_TIMEOUT": "22"}  # waits 2^22 cycles for more, not 2^26
    made = [
        Contestant(OWN, [sys.executable, "-m", "bench.product_worker", number]),
        Contestant(PEAK, [sys.executable, "-m", "bench.peak_worker", number]),
        Contestant(OF_PRODUCTS, [sys.executable, "-m", "bench.numpy_worker", number], openblas),
    ]
    if python is not None:
        made.append(Contestant("PyTorch", [str(python), "-m", "bench.peers.torch_products", number]))
    return made


def _measured(
    contestants: Sequence[Contestant], name: str, rounds: int | None, pause: float
) -> tuple[dict[str, Any], float | None]:
    for contestant in contestants:
        contestant.ask(name)  # checks the result
    before, others = sum(contestant.cpu_seconds for contestant in contestants), Others()
    told: dict[str, list[dict[str, Any]]] = {contestant.name: [] for contestant in contestants}
    others.watch()
    began = perf_counter()
    for done in range(rounds or MOST):
        if rounds is None and done >= FEWEST and perf_counter() - began > ROW_SECONDS:
            break
        for contestant in contestants:
            sleep(pause)
            told[contestant.name].append(contestant.ask(name))
    others.note(sum(contestant.cpu_seconds for contestant in contestants) - before)
    peak = {PEAK: {"gflops": median(answer["gflops"] for answer in told.pop(PEAK))}}
    return peak | {contestant: _summary(answers) for contestant, answers in told.items()}, others.share


def _summary(answers: list[dict[str, Any]]) -> dict[str, Any]:
    times = [answer["seconds"] for answer in answers]
    return {"median": median(times), "least": min(times), "variant": answers[-1]["variant"]}


def _row(row: Product | Convolution, threads: int, measured: dict[str, Any], others: float | None) -> dict[str, Any]:
    peak = measured.pop(PEAK)["gflops"]
    for of in measured.values():
        of["gflops"] = 2e-9 * row.multiply_adds / of["median"]
    share = measured[OWN]["gflops"] / peak
    named = {"kind": row.kind, "name": row.name, "of": row.of, "threads": threads}
    shares = {"peak_gflops": peak, "share_of_peak": share}
    return {
        **named,
        "contestants": measured,
        **shares,
        "goals": goals(row, threads, measured, share),
        "taken_by_others": others,
    }
