"""Trials in processes of this machine, each of which runs one after another.

They get orders and give answers as lines of JSON on their stdin and stdout, and end when their stdin does: so none is
left over, however the process ends that gives the orders.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import IO, Any, Self, cast

from nnctl.kernels.compiler import cache
from nnctl.sweeps.engines.engine import Ended, Engine, Task

COMMAND = [sys.executable, "-P", "-m", "nnctl.sweeps.worker"]  # -P: nothing is imported from the working folder
PATIENCE = 5.0  # seconds that a worker has to end by itself
LAST_LINES = 10  # of what a worker wrote to stderr before it ended


class LocalEngine(Engine):
    """workers: processes, each started when there is a trial for it. threads: of the kernels in each, where the trial
    does not say; None: as many as there are cores.
    """

    def __init__(self, workers: int, threads: int | None) -> None:
        self._most = workers
        self._variables = {} if threads is None else {"NUMBA_NUM_THREADS": str(threads)}
        self._workers: list[_Worker] = []
        self._not_begun: list[Ended] = []
        self._selector = selectors.DefaultSelector()

    @property
    def workers(self) -> int:
        return self._most

    @property
    def running(self) -> list[Path]:
        begun = [worker.folder for worker in self._workers if worker.folder is not None]
        return begun + [ended.folder for ended in self._not_begun]

    def start(self, folder: Path, task: Task) -> None:
        try:
            self._idle_worker().begin(folder, task)
        except OSError as error:
            self._not_begun.append(Ended(folder, "lost", reason=f"no worker can be started: {error.strerror}"))

    def wait(self, seconds: float) -> list[Ended]:
        ended, self._not_begun = self._not_begun, []
        for key, _ in self._selector.select(0.0 if ended else seconds):
            worker: _Worker = key.data
            folder, worker.folder = worker.folder, None
            answer = worker.answer()
            if answer is None:
                self._selector.unregister(worker.answers)
                self._workers.remove(worker)
                answer = {"how": "lost", "reason": worker.close(PATIENCE)}
            if folder is not None:
                ended.append(Ended(folder, **answer))
        return ended

    def stop(self) -> None:
        for worker in self._workers:
            if worker.folder is not None:
                worker.order({"stop": True})

    def __enter__(self) -> Self:
        cache.prepare()  # once for all workers, where its errors are reported
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.dismiss(at_once=kind is not None)
        deadline = monotonic() + PATIENCE
        for worker in self._workers:
            worker.close(deadline - monotonic())
        self._selector.close()

    def _idle_worker(self) -> _Worker:
        for worker in self._workers:
            if worker.folder is None and worker.is_alive():
                return worker
        worker = _Worker(os.environ | self._variables)
        self._workers.append(worker)
        self._selector.register(worker.answers, selectors.EVENT_READ, worker)
        return worker


class _Worker:
    """A process of `nnctl.sweeps.worker`. folder: of the running trial. answers: its stdout."""

    def __init__(self, variables: dict[str, str]) -> None:
        self.folder: Path | None = None
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        try:
            self._process = subprocess.Popen(
                COMMAND,
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                start_new_session=True,  # Ctrl-C reaches the sweep alone, which asks its workers to stop
            )
        except BaseException:
            self._stderr.close()
            raise
        self._orders = cast(IO[bytes], self._process.stdin)
        self.answers = cast(IO[bytes], self._process.stdout)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def begin(self, folder: Path, task: Task) -> None:
        self.folder = folder
        self.order({"folder": str(folder), "task": task})

    def order(self, what: dict[str, Any]) -> None:
        with suppress(BrokenPipeError):  # it is gone; its answers tell
            self._orders.write(json.dumps(what).encode() + b"\n")
            self._orders.flush()

    def answer(self) -> dict[str, Any] | None:
        """How its trial ended, as the arguments of `Ended`; None where the process did."""
        line = self.answers.readline()
        return cast(dict[str, Any], json.loads(line)) if line.endswith(b"\n") else None

    def dismiss(self, *, at_once: bool) -> None:
        """Let it end, soon or now; `close` waits for it."""
        if at_once:
            self._process.kill()
        with suppress(BrokenPipeError):
            self._orders.close()

    def close(self, seconds: float) -> str:
        """Wait for its end, for so long, and then end it. Returns why it ended, in words."""
        try:
            self._process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.dismiss(at_once=False)
        self.answers.close()
        with self._stderr:
            return self._reason()

    def _reason(self) -> str:
        code = self._process.returncode
        if code < 0:
            memory = ", perhaps since memory ran out" if -code == signal.SIGKILL else ""
            return f"its worker was killed (signal {-code}){memory}"
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join([f"its worker ended with exit code {code}", *lines])
