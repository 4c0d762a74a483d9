"""A Dask cluster of processes of this machine, for one sweep."""

from __future__ import annotations

import logging
import multiprocessing.resource_tracker
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nnctl.kernels.compiler import cache


@contextmanager
def local_cluster() -> Iterator[Any]:
    """A cluster on this machine, without workers yet; they end at once where an exception leaves the context."""
    import dask
    from distributed import LocalCluster

    cache.prepare()  # so that workers share the kernels' folder, and one process tells where there is none
    room = tempfile.TemporaryDirectory(prefix="nnctl-dask-")
    settings = {
        "temporary-directory": room.name,
        "distributed.deploy.lost-worker-timeout": "1 hour",  # a killed worker is started again, however long that takes
        "distributed.worker.profile.enabled": False,
    }
    with room, dask.config.set(settings):
        with _without_interrupts():
            cluster = LocalCluster(
                n_workers=0,
                threads_per_worker=1,  # of Dask: a trial at a time
                memory_limit=0,  # the sweep watches it
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
        with cluster:
            try:
                yield cluster
            except BaseException:
                for nanny in cluster.workers.values():
                    nanny.close_gracefully()  # it does not start its process again
                    if nanny.pid is not None:
                        os.kill(nanny.pid, signal.SIGKILL)
                raise


def start_missing(cluster: Any, workers: int) -> None:
    """Start workers of such a cluster until there are so many, those again that died in their start: Dask gives them
    up. Returns at once.
    """
    cluster.sync(_start_missing, cluster, workers)


async def _start_missing(cluster: Any, workers: int) -> None:
    from distributed.core import Status

    for name, nanny in list(cluster.workers.items()):
        if nanny.status in (Status.closed, Status.failed):
            del cluster.workers[name]
    cluster.scale(workers)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes that are started here, and by threads that are, never hear of Ctrl-C: the sweep does, afterwards."""
    multiprocessing.resource_tracker.ensure_running()  # which unblocks signals when it begins
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
