"""The level that kernels are compiled for: machine code for a level runs on every processor that has its instructions.

So a cache, a container or a wheel that was made on one machine serves all others of its level. The levels of x86-64 are
those of its psABI, as compilers and Linux distributions name them.
"""

from __future__ import annotations

import functools
import os
import platform
from pathlib import Path
from typing import NamedTuple

from nnctl.errors import UsageError

ARM = ("aarch64", "arm64")  # as Linux and macOS call it
X86 = ("x86_64", "AMD64", "amd64")


class Level(NamedTuple):
    """name: of the level. cpu, features: LLVM's names of a processor that has just what the level has."""

    name: str
    cpu: str
    features: str = ""

    @property
    def triple(self) -> str:
        """LLVM's name of the machine and of the kind of object files, which are ELF's on every system."""
        return f"{'aarch64' if self.name == 'aarch64' else 'x86_64'}-unknown-linux-gnu"

    def __str__(self) -> str:
        return self.name


# without the last feature, LLVM vectorises loops for half of a register
V4 = Level("x86-64-v4", "x86-64-v4", "-prefer-256-bit")
V3 = Level("x86-64-v3", "x86-64-v3")
V2 = Level("x86-64-v2", "x86-64-v2")
V1 = Level("x86-64", "x86-64")
AARCH64 = Level("aarch64", "generic", "+neon")
EACH_HAS_THE_ONE_BEFORE = (V1, V2, V3, V4)
LEVELS = {level.name: level for level in (*EACH_HAS_THE_ONE_BEFORE, AARCH64)}

# as /proc/cpuinfo names what a level has beyond the one below it
_FLAGS = {
    V2: {"cx16", "lahf_lm", "popcnt", "pni", "ssse3", "sse4_1", "sse4_2"},
    V3: {"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"},
    V4: {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
}

# as LLVM names processors, and numba after it
_PROCESSORS = {
    V2: "nehalem westmere sandybridge ivybridge silvermont goldmont goldmont-plus tremont",
    V3: "haswell broadwell skylake alderlake raptorlake meteorlake arrowlake lunarlake gracemont sierraforest "
    "bdver4 znver1 znver2 znver3",
    V4: "skylake-avx512 cascadelake cooperlake cannonlake icelake-client icelake-server rocketlake tigerlake "
    "sapphirerapids emeraldrapids graniterapids znver4 znver5",
    V1: "core2 penryn k8 k8-sse3 amdfam10",
}
_OF_PROCESSOR = {name: level for level, names in _PROCESSORS.items() for name in names.split()}


@functools.cache
def level() -> Level:
    """The level of this process: the one that `NNCTL_LEVEL` names, else of the processor that `NUMBA_CPU_NAME` names,
    else of this machine. Raises UsageError.
    """
    asked, processor = os.environ.get("NNCTL_LEVEL"), os.environ.get("NUMBA_CPU_NAME")
    if asked:
        return _known("NNCTL_LEVEL", asked, LEVELS)
    if processor:
        return _known("NUMBA_CPU_NAME", processor, LEVELS | _OF_PROCESSOR | {"generic": _baseline()})
    return host_level()


@functools.cache
def host_level() -> Level:
    """The highest level of this machine. Raises UsageError."""
    if platform.machine() not in X86:
        return _baseline()
    found, flags = V1, _flags()
    for higher, needed in _FLAGS.items():
        if not needed <= flags:
            break
        found = higher
    return found


def runnable() -> tuple[Level, ...]:
    """The levels whose machine code runs on this machine, the highest one last. Raises UsageError."""
    host = host_level()
    place = EACH_HAS_THE_ONE_BEFORE.index(host) if host in EACH_HAS_THE_ONE_BEFORE else None
    return (host,) if place is None else EACH_HAS_THE_ONE_BEFORE[: place + 1]


@functools.cache
def check() -> None:
    """Raise UsageError where this machine does not have all instructions of the level."""
    if level() not in runnable():
        what = f"kernels are asked for of level {level()}, which this machine, of level {host_level()}, cannot run"
        raise UsageError(what, help="unset NNCTL_LEVEL and NUMBA_CPU_NAME")


def _baseline() -> Level:
    """What every processor of this machine's kind has."""
    kind = platform.machine()
    if kind not in (*ARM, *X86):
        raise UsageError(f"nnctl runs on x86-64 and on 64-bit Arm, this machine is {kind}", help="use another machine")
    return AARCH64 if kind in ARM else V1


def _known(variable: str, name: str, levels: dict[str, Level]) -> Level:
    if name not in levels:
        help = f"set NNCTL_LEVEL to one of {', '.join(map(str, runnable()))}, or leave it out"
        raise UsageError(f"{variable}: {name[:40]!r} is not known", help=help)
    return levels[name]


def _flags() -> set[str]:
    """The instructions of an x86-64 processor, as Linux names them."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("flags"):
                return set(line.partition(":")[2].split())
    except OSError:
        pass
    from llvmlite import binding

    found = {name for name, there in dict(binding.get_host_cpu_features()).items() if there}
    return {_LINUX_NAMES.get(name, name) for name in found}


_LINUX_NAMES = {"sse3": "pni", "sse4.1": "sse4_1", "sse4.2": "sse4_2", "bmi": "bmi1", "lzcnt": "abm", "sahf": "lahf_lm"}
