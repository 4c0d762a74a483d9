"""Decoding beside others: in this process, or in others where there are many pictures.

Pillow lets other threads run while it decodes, and not while it reads a header: of small pictures two threads decode
fewer than one, and two processes 1.4 times as many.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Self

import numpy as np

from nnctl.data.images.picture import Decoded, Look, decode_or_problem
from nnctl.data.images.resizing import Frame
from nnctl.errors import Problem

MANY = 1_000  # pictures, from which on processes pay for their start
COMMAND = [sys.executable, "-P", "-W", "ignore", "-m", "nnctl.data.images.decode_worker"]


class Decoders:
    """As many as there are threads that ask. count: of the pictures to come."""

    def __init__(self, count: int, threads: int) -> None:
        self._processes = threads if count >= MANY and threads > 1 else 0
        self._free: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for _ in range(self._processes):
            process = subprocess.Popen(
                COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            self._stack.callback(process.communicate)
            self._stack.callback(process.kill)  # what it still does is wanted no more
            self._free.put(process)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def decode(self, paths: Sequence[Path], frame: Frame) -> list[Decoded]:
        """These pictures, in their order."""
        if self._processes:
            process = self._free.get()
            try:
                with suppress(_EndedError):
                    return _decoded_by(process, paths, frame)
            finally:
                self._free.put(process)
        return [decode_or_problem(path, frame) for path in paths]


class _EndedError(Exception):
    """A process is there no more, as one that was killed for the memory it took."""


def _decoded_by(process: subprocess.Popen[bytes], paths: Sequence[Path], frame: Frame) -> list[Decoded]:
    """Raises _EndedError."""
    questions, answers = process.stdin, process.stdout
    assert questions is not None
    assert answers is not None
    try:
        questions.write(json.dumps([asdict(frame), [str(path) for path in paths]]).encode() + b"\n")
        questions.flush()
    except OSError:
        raise _EndedError from None
    answer = answers.readline()
    if not answer.endswith(b"\n"):
        raise _EndedError
    found = json.loads(answer)
    count = sum("problem" not in item for item in found)
    pixels = answers.read(count * math.prod(frame.shape))
    if len(pixels) < count * math.prod(frame.shape):
        raise _EndedError
    sound = iter(np.frombuffer(pixels, np.uint8).reshape(count, *frame.shape))
    return [Problem(**item["problem"]) if "problem" in item else (_look(item), next(sound)) for item in found]


def _look(found: dict[str, Any]) -> Look:
    return Look(**(found | {"traits": frozenset(found["traits"])}))
