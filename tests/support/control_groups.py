"""A folder that looks like the part of Linux that tells of control groups."""

from __future__ import annotations

from pathlib import Path

V2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
V1_CPU = "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
V1_MEMORY = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"


def make_root(root: Path, groups: str, mounts: str, files: dict[str, str]) -> Path:
    """groups, mounts: what /proc/self/cgroup and mountinfo say. files: by their paths below /sys/fs/cgroup."""
    own = root / "proc" / "self"
    own.mkdir(parents=True)
    (own / "cgroup").write_text(groups)
    (own / "mountinfo").write_text("23 1 0:2 / / rw - ext4 /dev/vda rw\n" + mounts)
    for path, text in files.items():
        file = root / "sys" / "fs" / "cgroup" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return root
