"""Trials on a Dask cluster: one that is there already, or processes of this machine that end with the sweep.

What goes to a worker is the path of a run folder and a dictionary, and a dictionary comes back. A worker that sees the
folder trains there; for others the folder's files travel with the task and with its answer.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import uuid
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Self

from nnctl import __version__
from nnctl.errors import NnctlError, UsageError
from nnctl.files import write_atomically
from nnctl.sweeps.engines import dask_worker
from nnctl.sweeps.engines.dask_cluster import local_cluster, start_missing
from nnctl.sweeps.engines.engine import Ended, Engine, Task
from nnctl.training.run_folder import LockedError, RunFolder

PATIENCE = 10.0  # seconds that a scheduler has to answer, and to have a worker
START = 60.0  # seconds that the processes of this machine have
Answer = dict[str, Any]


class DaskEngine(Engine):
    """scheduler: the address of a cluster; None: `workers` processes of this machine. threads: that kernels use in
    these where a trial does not say; in the workers of a cluster as many as Dask gave them (`dask worker --nthreads`).

    Raises UsageError where Dask is missing; when entered where the cluster does not answer or has no worker; then and
    later where a worker has another nnctl, and where the scheduler is gone.
    """

    def __init__(self, scheduler: str | None, workers: int, threads: int | None) -> None:
        require_distributed()
        self._scheduler = scheduler
        self._most = workers
        self._threads = threads if scheduler is None else None
        self._name = f"nnctl-{uuid.uuid4().hex}"
        self._cluster: Any = None  # of this machine
        self._trials: dict[Path, Any] = {}  # futures of Dask
        self._answers: SimpleQueue[tuple[Path, Answer]] = SimpleQueue()
        self._known: set[str] = set()  # addresses of workers that have this nnctl
        self._sees: dict[tuple[Path, str], bool] = {}  # by the folder of a sweep and a worker
        self._folders: set[Path] = set()  # of sweeps, which have a token
        self._sent = 0
        self._stopping = False

    @property
    def workers(self) -> int:
        return len(self._addresses())

    @property
    def is_here(self) -> bool:
        return self._scheduler is None

    @property
    def running(self) -> list[Path]:
        return list(self._trials)

    def start(self, folder: Path, task: Task) -> None:
        order = {
            "engine": self._name,
            "version": __version__,
            "task": task | {"threads": task["threads"] or self._threads},
            "files": {} if self._all_see(folder.parent) else dask_worker.read_files(folder),
        }
        self._sent += 1
        # Dask chooses the worker, an idle one if there is any. With a choice of ours (`workers=`) it would not run the
        # trial again where all workers had died, though others came.
        key = f"{self._name}-{self._sent}"
        future = self._client.submit(dask_worker.train, str(folder.absolute()), order, key=key, pure=False)
        self._trials[folder] = future
        self._client.loop.add_callback(self._hear, folder, future)

    def wait(self, seconds: float) -> list[Ended]:
        self._refuse_without_scheduler()
        if self._stopping:
            self._ask_to_stop()  # again: a worker may be new
        ended: list[Ended] = []
        while self._trials:
            try:
                folder, answer = self._answers.get(timeout=0.0 if ended else seconds)
            except Empty:
                break
            self._refuse_without_scheduler()
            ended.append(self._ended(folder, answer))
        return ended

    def stop(self) -> None:
        self._stopping = True
        self._ask_to_stop()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(_silence())
            stack.callback(self._remove_tokens)
            if self._scheduler is None:
                self._cluster = stack.enter_context(local_cluster())
            else:
                asyncio.run(_knock(self._scheduler))
            self._client = stack.enter_context(_client(self._scheduler or self._cluster))
            self._address = self._client.scheduler.address
            self._wait_for_workers()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._trials and self._scheduler is not None:
            with suppress(NnctlError):  # the cluster is gone, and the trials with it
                self._ask_to_stop()
        self._stack.__exit__(kind, error, trace)

    async def _hear(self, folder: Path, future: Any) -> None:
        """Wait for an answer; in the thread of Dask's client."""
        from distributed import KilledWorker

        try:
            self._answers.put((folder, await future))
            return
        except (asyncio.CancelledError, concurrent.futures.CancelledError):
            reason = "Dask has cancelled it"
        except KilledWorker as error:
            reason = f"Dask gave it up after {error.allowed_failures + 1} of its workers died"
        except Exception as error:
            reason = f"Dask gave it up: {type(error).__name__}: {error}"
        self._answers.put((folder, {"how": "lost", "reason": reason}))

    def _ended(self, folder: Path, answer: Answer) -> Ended:
        del self._trials[folder]
        try:
            if "files" in answer:
                run = RunFolder(folder)
                try:
                    dask_worker.write_files(folder, answer["files"])
                finally:
                    run.close()
        except LockedError:
            return Ended(folder, "busy")
        except NnctlError as error:
            return Ended(folder, "failed", error.to_json())
        if self._stopping and answer["how"] == "lost":
            return Ended(folder, "stopped")
        return Ended(folder, answer["how"], answer.get("error"), answer["reason"])

    def _ask_to_stop(self) -> None:
        """Those that have not begun yet are taken back."""
        with self._connected():
            found = self._client.run(dask_worker.stop, self._name, on_error="ignore")
            begun = {key for keys in found.values() for key in keys}
            self._client.cancel([future for future in self._trials.values() if future.key not in begun])

    def _wait_for_workers(self) -> None:
        wanted, patience = (1, PATIENCE) if self._cluster is None else (self._most, START)
        deadline = monotonic() + patience
        while (count := self.workers) < wanted and monotonic() < deadline:
            sleep(0.02)
        if count == 0 and self._cluster is None:
            help = f"start some with `dask worker {self._address} --nthreads 1`"
            raise UsageError(f"the Dask scheduler at {self._address} has no workers", help=help)
        if count == 0:
            raise UsageError("the processes of Dask do not start on this machine", help="use --engine local")

    def _addresses(self) -> list[str]:
        """Of all workers. Raises UsageError where one has another nnctl."""
        with self._connected():
            addresses = list(self._client.nthreads())
            if self._cluster is not None and len(addresses) < self._most:
                start_missing(self._cluster, self._most)
            new = [address for address in addresses if address not in self._known]
            versions = self._client.run(dask_worker.version, workers=new, on_error="return") if new else {}
        unfit = []
        for address, version in versions.items():
            if version == __version__:
                self._known.add(address)
            elif not isinstance(version, OSError):  # it has just gone
                has = f"has nnctl {version}" if isinstance(version, str) else f"has no nnctl for sweeps ({version})"
                unfit.append(f"the Dask worker at {address} {has}, this is nnctl {__version__}")
        if unfit:
            raise UsageError(*unfit, help=f"install nnctl {__version__} for all workers")
        return [address for address in addresses if address in self._known]

    def _all_see(self, folder: Path) -> bool:
        """Whether all workers see the folder of a sweep."""
        if folder not in self._folders:
            write_atomically(folder / dask_worker.TOKEN, self._name.encode())
            self._folders.add(folder)
        addresses = self._addresses()
        new = [address for address in addresses if (folder, address) not in self._sees]
        if new:
            where = str(folder.absolute())
            with self._connected():
                found = self._client.run(dask_worker.sees, where, self._name, workers=new, on_error="ignore")
            self._sees |= {(folder, address): sees for address, sees in found.items()}
        return all(self._sees.get((folder, address), False) for address in addresses)

    def _remove_tokens(self) -> None:
        for folder in self._folders:
            with suppress(OSError):
                (folder / dask_worker.TOKEN).unlink()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        self._refuse_without_scheduler()
        try:
            yield
        except OSError:
            raise self._gone() from None

    def _refuse_without_scheduler(self) -> None:
        if self._client.status != "running":
            raise self._gone()

    def _gone(self) -> UsageError:
        help = "run the same command again, with a scheduler, to continue"
        return UsageError(f"the Dask scheduler at {self._address} is gone", help=help)


def require_distributed() -> None:
    """Raise UsageError where Dask is missing."""
    if find_spec("distributed") is None:
        raise UsageError("the Dask engine needs the package distributed", help="pip install 'nnctl[cluster]'")


@contextmanager
def _silence() -> Iterator[None]:
    """Dask logs for people who run clusters; a sweep itself reports what matters."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"(dask|distributed|tornado)\b")
            yield
    finally:
        logging.disable(before)


def _client(address: Any) -> Any:
    from distributed import Client

    return Client(address, timeout=PATIENCE, set_as_default=False)


async def _knock(address: str) -> None:
    """Raise UsageError where no scheduler answers: a client that finds none does not always end."""
    from distributed import Security, rpc

    secrets = Security().get_connection_args("client")
    try:
        # something else may listen there, and say nothing
        async with asyncio.timeout(PATIENCE), rpc(address, timeout=PATIENCE, connection_args=secrets) as server:
            identity = await server.identity()
    except OSError:
        help = "start one with `dask scheduler`, or fix the address"
        raise UsageError(f"no Dask scheduler answers at {address}", help=help) from None
    except (ImportError, TypeError, ValueError) as error:
        what = f"{address!r} is not the address of a Dask scheduler: {error}"
        raise UsageError(what, help="write it as --scheduler tcp://HOST:PORT") from None
    if "workers" not in identity:
        what = f"{address} is the address of a Dask {identity['type'].lower()}"
        raise UsageError(what, help="give that of its scheduler")
