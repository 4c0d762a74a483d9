"""How trials that run at a time divide the machine."""

from __future__ import annotations

from dataclasses import dataclass

from nnctl.errors import UsageError
from nnctl.machine import available_cores
from nnctl.memory import available_memory, bytes_in_words
from nnctl.text import counted

PROCESS = 150 * 2**20  # bytes of a worker before it has data and a network


@dataclass(frozen=True)
class Resources:
    """workers: trials that run at a time.
    threads: of each.
    memory: bytes that all of them take.
    notes: what the user should know.
    """

    workers: int
    threads: int
    memory: int
    notes: tuple[str, ...] = ()


def refuse_too_many_threads(workers: int | None, threads: int | None) -> None:
    """Raise UsageError where so many threads are asked for as there are no cores."""
    cores = available_cores()
    if threads is not None and threads > cores:
        raise UsageError(f"--threads is {threads}, {_there_are(cores)}", help="leave it out")
    if workers is not None and threads is not None and workers * threads > cores:
        what = f"--workers {workers} and --threads {threads} are {workers * threads} threads, {_there_are(cores)}"
        raise UsageError(what, help="leave one of the two out")


def allocate(workers: int | None, threads: int | None, most: int, memory: int) -> Resources:
    """As many workers as were asked for, but never more threads than the machine has cores, nor more memory than is
    free.

    workers, threads: what was asked for.
    most: trials that could run at a time.
    memory: bytes of the largest trial, without its process.
    """
    cores = available_cores()
    notes = []
    wanted = workers or cores // (threads or 1)
    if wanted > cores:
        notes.append(f"{_there_are(cores)}: {counted(cores, 'worker')}, not {wanted}")
        wanted = cores
    useful = max(1, min(wanted, most))
    each = memory + PROCESS
    room = max(1, available_memory() // each)
    if room < useful:
        free = bytes_in_words(available_memory())
        takes = f"a trial takes {bytes_in_words(each)} of memory, {free} are free"
        notes.append(f"{takes}: {counted(room, 'worker')}, not {useful}")
        useful = room
    return Resources(useful, threads or max(1, cores // useful), useful * each, tuple(notes))


def _there_are(cores: int) -> str:
    return f"there {'is' if cores == 1 else 'are'} {counted(cores, 'core')}"
