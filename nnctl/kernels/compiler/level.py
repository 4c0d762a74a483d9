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

    def __str__(self) -> str:
        return self.name


# without the last feature, LLVM vectorises loops for half of a register
V4 = Level("x86-64-v4", "x86-64-v4", "-prefer-256-bit")
V3 = Level("x86-64-v3", "x86-64-v3")
V2 = Level("x86-64-v2", "x86-64-v2")
V1 = Level("x86-64", "x86-64")
AARCH64 = Level("aarch64", "generic", "+neon")
LEVELS = {level.name: level for level in (V4, V3, V2, V1, AARCH64)}

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
    """The highest level of this machine."""
    if platform.machine() not in X86:
        return _baseline()
    found, flags = V1, _flags()
    for higher, needed in _FLAGS.items():
        if not needed <= flags:
            break
        found = higher
    return found


@functools.cache
def check() -> None:
    """Raise UsageError where this machine does not have all instructions of the level."""
    each_has_the_one_before = (V1, V2, V3, V4)
    host, asked = host_level(), level()
    if host in each_has_the_one_before:
        runs = asked in each_has_the_one_before[: each_has_the_one_before.index(host) + 1]
    else:
        runs = asked == host
    if not runs:
        raise UsageError(
            f"kernels are asked for of level {asked}, which this machine, of level {host}, cannot run",
            help="unset NNCTL_LEVEL and NUMBA_CPU_NAME",
        )


def _baseline() -> Level:
    """What every processor of this machine's kind has."""
    kind = platform.machine()
    if kind in ARM:
        return AARCH64
    return V1 if kind in X86 else Level(kind, "generic")


def _known(variable: str, name: str, levels: dict[str, Level]) -> Level:
    if name not in levels:
        help = f"set NNCTL_LEVEL to one of {', '.join(LEVELS)}, or leave it out"
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
