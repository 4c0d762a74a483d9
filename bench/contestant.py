"""One of those that are timed: a process of its own that does what it is asked for, and sleeps in between."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[1]


class ContestantError(Exception):
    """It ended before it answered."""


class Contestant:
    """A worker that speaks the language of `bench.serve`; it answers once unasked. environment: beside the usual."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.cpu_seconds = 0.0  # that it has spent when it last answered
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._input, self._output = self._process.stdin, self._process.stdout

    def warmed_up(self) -> dict[str, Any]:
        """Wait for the first answer: of training, that to an epoch which is not counted."""
        return self._read()

    def epoch(self) -> dict[str, Any]:
        """Train one epoch: `step_seconds`, `loss`, `peak_bytes`, `idle_cpu`, and what else the worker tells."""
        return self.ask("epoch")

    def ask(self, what: str) -> dict[str, Any]:
        """The answer to a line."""
        assert self._input is not None
        with suppress(BrokenPipeError):  # an end is told below, with its reason
            self._input.write(f"{what}\n")
            self._input.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._output is not None
        line = self._output.readline()
        if not line:
            code = self._process.wait()
            self._errors.seek(0)
            last = self._errors.read().decode(errors="replace")[-2000:]
            raise ContestantError(f"{self.name} ended with exit code {code}:\n{last}")
        answer: dict[str, Any] = json.loads(line)
        self.cpu_seconds = answer["cpu_seconds"]
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._input is not None
        with suppress(BrokenPipeError):
            self._input.close()
        if any(exception):
            self._process.kill()
        self._process.wait()
        self._errors.close()
