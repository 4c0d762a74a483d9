"""What Linux's control groups grant this process: the time of cores, and memory.

Groups nest (`/user.slice/job.scope`), and the smallest limit of all levels holds. Version 2 has one tree of groups,
version 1 one for each controller; a machine may have both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")
"""Where proc/ and sys/ are."""


@dataclass(frozen=True)
class Limit:
    """amount: cores, or bytes. file: where it is written."""

    amount: float
    file: Path


def cpu_limit() -> Limit | None:
    """The least number of cores whose time a group of this process grants; None where there is no limit."""
    return _least("cpu", _cores_of_version_2, _cores_of_version_1)


def memory_limit() -> Limit | None:
    """The least number of bytes that a group of this process may have; None where there is no limit."""
    return _least("memory", _bytes_of("memory.max", "memory.high"), _bytes_of("memory.limit_in_bytes"))


def free_memory() -> Limit | None:
    """The least number of bytes that a group of this process may still take; None where there is no limit."""
    return _least(
        "memory",
        _free_of("memory.current", "inactive_file", "memory.max", "memory.high"),
        _free_of("memory.usage_in_bytes", "total_inactive_file", "memory.limit_in_bytes"),
    )


Limits = Callable[[Path], Iterator[Limit]]  # those that the folder of a group sets


def _least(controller: str, version_2: Limits, version_1: Limits) -> Limit | None:
    found = [limit for folder in _groups("") for limit in version_2(folder)]
    found += [limit for folder in _groups(controller) for limit in version_1(folder)]
    return min(found, key=lambda limit: limit.amount, default=None)


def _cores_of_version_2(group: Path) -> Iterator[Limit]:
    quota, _, period = _text(group / "cpu.max").partition(" ")
    if quota.isdecimal() and period.isdecimal() and int(period):
        yield Limit(int(quota) / int(period), group / "cpu.max")


def _cores_of_version_1(group: Path) -> Iterator[Limit]:
    file = group / "cpu.cfs_quota_us"
    quota, period = _text(file), _text(group / "cpu.cfs_period_us")  # -1: no limit
    if quota.isdecimal() and period.isdecimal() and int(period):
        yield Limit(int(quota) / int(period), file)


def _bytes_of(*names: str) -> Limits:
    def limits(group: Path) -> Iterator[Limit]:
        for name in names:
            text = _text(group / name)
            if text.isdecimal() and int(text) < 1 << 62:  # version 1 writes a huge number, version 2 `max`
                yield Limit(int(text), group / name)

    return limits


def _free_of(used: str, cached: str, *names: str) -> Limits:
    """used: the file that counts what the group has. cached: what of it, in memory.stat, the kernel gives back."""

    def limits(group: Path) -> Iterator[Limit]:
        for limit in _bytes_of(*names)(group):
            taken = _text(group / used)
            if taken.isdecimal():
                given_back = re.search(rf"^{cached} (\d+)$", _text(group / "memory.stat"), re.MULTILINE)
                busy = int(taken) - (int(given_back[1]) if given_back else 0)
                yield Limit(max(0, limit.amount - max(0, busy)), limit.file)

    return limits


def _groups(controller: str) -> Iterator[Path]:
    """The folders of this process's group and of those around it. controller: of version 1; empty for version 2."""
    path = _path_of_group(controller)
    for mount, root in _mounts(controller):
        inner = path.removeprefix(root) if root != "/" and f"{path}/".startswith(f"{root}/") else path
        parts = [part for part in inner.split("/") if part]
        if ".." in parts or (root != "/" and inner == path):  # what is mounted is another part of the tree
            parts = []
        for length in range(len(parts) + 1):
            yield mount.joinpath(*parts[:length])


def _path_of_group(controller: str) -> str:
    """Of this process, in the tree of groups."""
    for line in _text(ROOT / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controller in controllers.split(",") if controller else number == "0" and not controllers:
            return path
    return "/"


def _mounts(controller: str) -> list[tuple[Path, str]]:
    """Where the tree of groups is mounted, each with the group that the mount shows; the usual places where nothing
    tells.
    """
    found = []
    for line in _text(ROOT / "proc/self/mountinfo").splitlines():
        left, _, right = line.partition(" - ")
        fields, kind = left.split(" "), right.split(" ")
        if len(fields) < 5 or len(kind) < 3:
            continue
        if kind[0] == "cgroup" and controller in kind[2].split(",") if controller else kind[0] == "cgroup2":
            found.append((_below_root(_unescaped(fields[4])), _unescaped(fields[3])))
    usual = [controller, "cpu,cpuacct"] if controller == "cpu" else [controller]
    return found or [(_below_root(f"sys/fs/cgroup/{name}"), "/") for name in usual]


def _below_root(path: str) -> Path:
    return ROOT / path.lstrip("/")


def _unescaped(path: str) -> str:
    """Spaces and the like stand in mountinfo as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
