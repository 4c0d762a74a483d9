"""Runs a command whose stderr is a terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def run_on_terminal(
    command: Sequence[str], *, cwd: Path, env: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], str]:
    """What it returned and printed on stdout, and all that it wrote to the terminal."""
    ours, theirs = os.openpty()
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(_read_to_the_end, ours)
        try:
            done = subprocess.run(
                command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=300
            )
        finally:
            os.close(theirs)
    os.close(ours)
    return done, written.result().decode()


def _read_to_the_end(terminal: int) -> bytes:
    """While it is written: one read gives a part, and what nobody reads would stop the writer."""
    read = b""
    while True:
        try:
            part = os.read(terminal, 1 << 16)
        except OSError:  # how Linux tells that nobody has the other side open any more
            return read
        if not part:
            return read
        read += part
