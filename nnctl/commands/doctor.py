"""`nnctl doctor` as a function: what nnctl finds on this machine, and whether it works."""

from __future__ import annotations

import platform
import shlex
import stat
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from nnctl import __version__, control_group, machine
from nnctl.memory import available_memory, bytes_in_words
from nnctl.text import counted
from nnctl.user_cache import user_cache

BUSY = 0.5  # of the machine's cores
FEW = 0.75  # of the peak that so many cores should have
TOLERANCE = 1e-5  # relative: some roundings of float32

Report = dict[str, Any]


def doctor() -> Report:
    """Versions, processor, threads, kernel cache, a self-test of the kernels, and the measured peak.

    healthy: whether kernels compile and give the right numbers. notes: what the user should know. Raises UsageError.
    """
    report: Report = {"versions": versions(), "load": machine.load()}
    report |= {"processor": _processor(), "cores": _cores(), "memory": _memory(), "trial": _self_test()}
    report["healthy"] = "failed" not in report["trial"]
    report["peak"] = _peak(report["cores"]["threads"]) if report["healthy"] else None
    report["cache"] = _cache()
    report["notes"] = [*_cache_notes(report["cache"]), *_busy_notes(report)]
    return report


def versions() -> dict[str, str]:
    """Of nnctl, Python and what computes."""
    packages = ("numpy", "numba", "llvmlite")
    return {"nnctl": __version__, "python": platform.python_version()} | {name: version(name) for name in packages}


def _processor() -> Report:
    """level: of the machine. compiled_for: another level that was asked for, null for the machine's."""
    from nnctl.kernels.compiler.level import host_level, level
    from nnctl.kernels.cpu.simd.registers import SIMD

    return {
        "name": machine.cpu_name(),
        "level": host_level().name,
        "compiled_for": None if level() == host_level() else level().name,
        "tile": {"rows": SIMD.tile_rows, "vectors": SIMD.tile_vectors, "lanes": SIMD.vector_bytes // 4},
    }


def _cores() -> Report:
    """installed: in the machine. allowed: to this process. granted: by the control groups, rounded up. job: by Slurm.
    efficiency: that are left out, since they are slow.

    Null where there is no such limit; `…_source` is the file or the variable that sets it.
    """
    from nnctl.kernels.compiler.cache import asked_threads
    from nnctl.kernels.runtime.workers import threads

    group, job = control_group.cpu_limit(), machine.job_cores()
    return {
        "installed": machine.installed_cores(),
        "allowed": machine.allowed_cores(),
        "granted": machine.granted_cores(),
        "granted_exactly": None if group is None else group.amount,
        "granted_source": None if group is None else str(group.file),
        "job": None if job is None else job[0],
        "job_source": None if job is None else job[1],
        "available": machine.available_cores(),
        "efficiency": machine.efficiency_cores(),
        "separate": machine.separate_cores(),
        "asked": asked_threads(),
        "threads": threads(),
    }


def _memory() -> Report:
    """free: bytes that this process may still take. limit: of the control groups, null for none. source: its file."""
    limit = control_group.memory_limit()
    return {
        "free": available_memory(),
        "limit": None if limit is None else int(limit.amount),
        "source": None if limit is None else str(limit.file),
    }


def _cache() -> Report:
    """temporary: none could be written. kernels: compiled ones in it. others: folders of other versions beside it."""
    from nnctl.kernels.compiler import cache

    folder, user = cache.prepare(), user_cache()
    beside = user.glob("*-numba-*") if user is not None and folder.parent == user else ()
    others = [other for other in beside if other != folder]
    return {
        "folder": str(folder),
        "temporary": not cache.keeps(folder),
        "mode": f"{stat.S_IMODE(folder.stat().st_mode):04o}",
        "kernels": len(list(folder.rglob(f"*{cache.SUFFIX}"))),
        "bytes": _size(folder),
        "others": {"folders": len(others), "bytes": sum(map(_size, others))},
    }


def _size(folder: Path) -> int:
    """Bytes of the files in a folder; they may vanish meanwhile."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total


def _self_test() -> Report:
    """A product and an exponential against NumPy: their largest relative errors and the seconds they took.

    failed: what went wrong, absent where nothing did.
    """
    found: Report = {}
    for name, errors in (("product", _product_error), ("exponential", _exponential_error)):
        began = perf_counter()
        try:
            error = errors()
        except Exception as failure:  # a broken installation can raise anything, and is what doctor is asked about
            found["failed"] = f"the {name} does not compile ({type(failure).__name__}: {failure})"
            break
        found[name] = {"error": error, "seconds": round(perf_counter() - began, 3)}
        if not error < TOLERANCE:
            found["failed"] = f"the {name} is wrong: its largest relative error is {error:.2g}"
    return found


def _product_error() -> float:
    """Of a small product, from the cache if it is there."""
    from nnctl.kernels import cpu

    random = np.random.default_rng(0)
    a, b = random.random((37, 53), np.float32), random.random((53, 41), np.float32)
    out = np.zeros((37, 41), np.float32)
    cpu.matmul.matmul(a, b, out)
    return _relative_error(out, a.astype(float) @ b.astype(float))


def _exponential_error() -> float:
    """Of a loop that is always compiled anew."""
    from nnctl.kernels.compiler.self_test import exponential

    values = np.linspace(-20, 20, 1001, dtype=np.float32)
    results = np.zeros_like(values)
    exponential(values, results)
    return _relative_error(results, np.exp(values.astype(float)))


def _relative_error(found: Any, right: Any) -> float:
    return float(np.max(np.abs(found - right) / right))


def _peak(threads: int) -> Report:
    """GFLOP/s on one and on all threads, by dtype and number of threads."""
    from nnctl.commands.peak_gflops import peak_gflops

    numbers = sorted({1, threads})
    return {
        dtype: {str(number): float(f"{peak_gflops(dtype, number):.4g}") for number in numbers}  # never rounded to 0
        for dtype in ("float32", "float64")
    }


def _cache_notes(cache: Report) -> list[str]:
    others = cache["others"]
    if not others["folders"]:
        return []
    own = Path(cache["folder"])
    command = f"find {shlex.quote(str(own.parent))} -maxdepth 1 -name '*-numba-*' -not -name {own.name}"
    return [
        f"the kernel cache holds {counted(others['folders'], 'folder')} of other versions of nnctl, "
        f"{bytes_in_words(others['bytes'])}; to delete them: {command} -exec rm -r {{}} +"
    ]


def _busy_notes(report: Report) -> list[str]:
    cores, notes = report["cores"], []
    if report["load"] is not None and report["load"] > BUSY * cores["installed"]:
        notes.append(
            f"the load of the last minute was {report['load']:.1f} on {counted(cores['installed'], 'core')}: while "
            "other programs run, training is slower, and the peak less than this machine can do"
        )
    together = min(cores["threads"], cores["separate"])
    for dtype, rates in (report["peak"] or {}).items():
        gain = rates[str(cores["threads"])] / rates["1"]
        if gain < FEW * together:
            notes.append(
                f"{cores['threads']} threads reach {gain:.1f} times the {dtype} peak of one, expected {together} "
                "times: other programs, or other virtual machines on the same host, take time on these cores"
            )
            break
    return notes
