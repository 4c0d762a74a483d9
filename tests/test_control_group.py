"""Threads and memory follow the control groups of the process, nested ones of both versions, and Slurm."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from nnctl import control_group, machine, memory
from nnctl.sweeps.resources import allocate
from tests.support.command import COMMAND, surroundings
from tests.support.configs import SINE
from tests.support.control_groups import V1_CPU, V1_MEMORY, V2, make_root

MB = 2**20
SLICE = "user.slice/job.scope"

# row: (what /proc/self/cgroup and mountinfo say, the files, the cores that are granted, the file that says so)
CORES: dict[str, tuple[str, str, dict[str, str], float | None, str]] = {
    "2, nested": (
        f"0::/{SLICE}\n", V2, {"user.slice/cpu.max": "max 100000", f"{SLICE}/cpu.max": "50000 100000"},
        0.5, f"{SLICE}/cpu.max",
    ),
    "2, the outer one is smaller": (
        f"0::/{SLICE}\n", V2, {"user.slice/cpu.max": "100000 100000", f"{SLICE}/cpu.max": "350000 100000"},
        1, "user.slice/cpu.max",
    ),
    "2, in a namespace of its own": ("0::/\n", V2, {"cpu.max": "150000 100000"}, 1.5, "cpu.max"),
    "2, no limit": (f"0::/{SLICE}\n", V2, {f"{SLICE}/cpu.max": "max 100000"}, None, ""),
    "2, three levels of systemd": (
        "0::/system.slice/slurmstepd.scope/job_7\n", V2,
        {"system.slice/slurmstepd.scope/job_7/cpu.max": "300000 100000", "system.slice/cpu.max": "200000 100000"},
        2, "system.slice/cpu.max",
    ),
    "2, only a part of the tree is mounted": (
        "0::/kubepods/pod1/c\n", V2.replace(" / /sys", " /kubepods/pod1 /sys"),
        {"cpu.max": "800000 100000", "c/cpu.max": "25000 100000"}, 0.25, "c/cpu.max",
    ),
    "2, outside of what is mounted": ("0::/../other\n", V2, {"cpu.max": "200000 100000"}, 2, "cpu.max"),
    "2, another place with a space": (
        "0::/a b\n", "30 23 0:26 / /sys/fs/cgroup/my\\040groups rw - cgroup2 none rw\n",
        {"my groups/a b/cpu.max": "100000 50000"}, 2, "my groups/a b/cpu.max",
    ),
    "1, half a core": (
        "4:cpu,cpuacct:/\n3:memory:/\n", V1_CPU,
        {"cpu,cpuacct/cpu.cfs_quota_us": "50000", "cpu,cpuacct/cpu.cfs_period_us": "100000"},
        0.5, "cpu,cpuacct/cpu.cfs_quota_us",
    ),
    "1, nested": (
        "4:cpu,cpuacct:/docker/abc\n", V1_CPU,
        {
            "cpu,cpuacct/cpu.cfs_quota_us": "-1", "cpu,cpuacct/cpu.cfs_period_us": "100000",
            "cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "300000", "cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000",
        },
        3, "cpu,cpuacct/docker/abc/cpu.cfs_quota_us",
    ),
    "1, the container's group is mounted as the root": (
        "4:cpu,cpuacct:/docker/abc\n", V1_CPU.replace(" / /sys", " /docker/abc /sys"),
        {"cpu,cpuacct/cpu.cfs_quota_us": "120000", "cpu,cpuacct/cpu.cfs_period_us": "100000"},
        1.2, "cpu,cpuacct/cpu.cfs_quota_us",
    ),
    "1, no limit": (
        "4:cpu,cpuacct:/\n", V1_CPU,
        {"cpu,cpuacct/cpu.cfs_quota_us": "-1", "cpu,cpuacct/cpu.cfs_period_us": "100000"}, None, "",
    ),
    "both": (
        f"4:cpu,cpuacct:/job\n0::/{SLICE}\n", V1_CPU + V2.replace("/cgroup ", "/cgroup/unified "),
        {
            "cpu,cpuacct/job/cpu.cfs_quota_us": "200000", "cpu,cpuacct/job/cpu.cfs_period_us": "100000",
            f"unified/{SLICE}/cpu.max": "100000 100000",
        },
        1, f"unified/{SLICE}/cpu.max",
    ),
    "no mountinfo, version 2": (f"0::/{SLICE}\n", "", {f"{SLICE}/cpu.max": "50000 100000"}, 0.5, f"{SLICE}/cpu.max"),
    "no mountinfo, version 1": (
        "4:cpu:/a\n", "", {"cpu/a/cpu.cfs_quota_us": "250000", "cpu/a/cpu.cfs_period_us": "100000"},
        2.5, "cpu/a/cpu.cfs_quota_us",
    ),
    "nothing": ("", "", {}, None, ""),
    "nonsense": ("x\n::\n0:\n", "- - -\n", {"cpu.max": "much 0"}, None, ""),
    "a period of nothing": ("0::/\n", V2, {"cpu.max": "1000 0"}, None, ""),
}  # fmt: skip


@pytest.mark.parametrize("row", CORES)
def test_row_102_cores(row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups, mounts, files, cores, file = CORES[row]
    monkeypatch.setattr(control_group, "ROOT", make_root(tmp_path, groups, mounts, files))
    monkeypatch.setattr(machine, "installed_cores", lambda: 64)
    monkeypatch.setattr(machine, "allowed_cores", lambda: 48)
    for name in machine.SLURM:
        monkeypatch.delenv(name, raising=False)
    limit = control_group.cpu_limit()
    if cores is None:
        assert limit is None
        assert machine.available_cores() == 48
        return
    assert limit is not None
    assert limit.amount == pytest.approx(cores)
    assert limit.file == tmp_path / "sys/fs/cgroup" / file
    assert machine.available_cores() == machine.granted_cores() == max(1, -int(-cores // 1))


# row: (what /proc/self/cgroup and mountinfo say, the files, the limit, how much is free)
MEMORY: dict[str, tuple[str, str, dict[str, str], int | None, int | None]] = {
    "2, nested": (
        f"0::/{SLICE}\n", V2,
        {
            "user.slice/memory.max": str(900 * MB), "user.slice/memory.current": str(850 * MB),
            f"{SLICE}/memory.max": str(500 * MB), f"{SLICE}/memory.current": str(100 * MB),
        },
        500 * MB, 50 * MB,
    ),
    "2, what files take is given back": (
        "0::/\n", V2,
        {
            "memory.max": str(500 * MB), "memory.current": str(490 * MB),
            "memory.stat": f"anon 5\ninactive_file {300 * MB}\nactive_file 7",
        },
        500 * MB, 310 * MB,
    ),
    "2, throttled above": (
        "0::/\n", V2, {"memory.max": "max", "memory.high": str(300 * MB), "memory.current": str(MB)},
        300 * MB, 299 * MB,
    ),
    "2, no limit": ("0::/\n", V2, {"memory.max": "max", "memory.high": "max", "memory.current": "5"}, None, None),
    "1, nested": (
        "3:memory:/a/b\n", V1_MEMORY,
        {
            "memory/memory.limit_in_bytes": "9223372036854771712", "memory/memory.usage_in_bytes": str(10**10),
            "memory/a/memory.limit_in_bytes": str(200 * MB), "memory/a/memory.usage_in_bytes": str(150 * MB),
            "memory/a/memory.stat": f"inactive_file 0\ntotal_inactive_file {20 * MB}",
            "memory/a/b/memory.limit_in_bytes": "9223372036854771712", "memory/a/b/memory.usage_in_bytes": "0",
        },
        200 * MB, 70 * MB,
    ),
    "1, nothing is left": (
        "3:memory:/\n", V1_MEMORY,
        {"memory/memory.limit_in_bytes": str(MB), "memory/memory.usage_in_bytes": str(2 * MB)}, MB, 0,
    ),
    "1, no limit": (
        "3:memory:/\n", V1_MEMORY,
        {"memory/memory.limit_in_bytes": "9223372036854771712", "memory/memory.usage_in_bytes": "5"}, None, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", MEMORY)
def test_row_102_memory(row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups, mounts, files, limit, free = MEMORY[row]
    monkeypatch.setattr(control_group, "ROOT", make_root(tmp_path, groups, mounts, files))
    monkeypatch.setattr(memory, "_machine", lambda: 10**12)
    found = control_group.memory_limit()
    assert (None if found is None else found.amount) == limit
    assert memory.available_memory() == (10**12 if free is None else free)


@pytest.mark.parametrize(
    ("variables", "cores"),
    [
        ({"SLURM_CPUS_PER_TASK": "3"}, 3),
        ({"SLURM_CPUS_ON_NODE": "6"}, 6),
        ({"SLURM_CPUS_PER_TASK": "2", "SLURM_CPUS_ON_NODE": "8"}, 2),
        ({"SLURM_CPUS_PER_TASK": "", "SLURM_CPUS_ON_NODE": "5"}, 5),
        ({"SLURM_CPUS_PER_TASK": "100"}, 8),
        ({"SLURM_CPUS_PER_TASK": "0"}, 8),
        ({"SLURM_CPUS_ON_NODE": "4(x2)"}, 8),
        ({"SLURM_CPUS_ON_NODE": "9" * 5000}, 8),
        ({}, 8),
    ],
)
def test_row_102_slurm(variables: dict[str, str], cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_group, "ROOT", tmp_path)
    monkeypatch.setattr(machine, "installed_cores", lambda: 8)
    monkeypatch.setattr(machine, "allowed_cores", lambda: 8)
    for name in machine.SLURM:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert machine.available_cores() == cores


def test_row_102_workers_of_a_sweep_follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"a/cpu.max": "50000 100000", "a/memory.max": str(2**31), "a/memory.current": "0"}
    monkeypatch.setattr(machine, "installed_cores", lambda: 64)
    monkeypatch.setattr(control_group, "ROOT", make_root(tmp_path, "0::/a\n", V2, files))
    found = allocate(None, None, 12, 100 * MB)
    assert (found.workers, found.threads) == (1, 1)


def at_root(root: Path) -> list[str]:
    """The command, on a machine with these control groups."""
    patch = f"from pathlib import Path; from nnctl import control_group; control_group.ROOT = Path({str(root)!r})"
    return [*COMMAND[:-1], f"{patch}; {COMMAND[-1]}"]


@pytest.mark.slow
def test_row_102_doctor_says_where_the_numbers_come_from(tmp_path: Path) -> None:
    files = {f"{SLICE}/cpu.max": "50000 100000", f"{SLICE}/memory.max": str(2**30), f"{SLICE}/memory.current": "0"}
    root = make_root(tmp_path / "root", f"0::/{SLICE}\n", V2, files)
    variables = surroundings(SLURM_CPUS_PER_TASK="1")
    variables.pop("NUMBA_NUM_THREADS")

    def doctor(*options: str) -> str:
        command = [*at_root(root), "doctor", *options]
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    report = json.loads(doctor("--json"))
    cores = report["cores"]
    assert (cores["threads"], cores["available"], cores["granted"], cores["granted_exactly"]) == (1, 1, 1, 0.5)
    assert cores["granted_source"] == str(root / "sys/fs/cgroup" / SLICE / "cpu.max")
    assert (cores["job"], cores["job_source"]) == (1, "SLURM_CPUS_PER_TASK")
    assert cores["allowed"] == len(os.sched_getaffinity(0))
    assert report["memory"]["limit"] == 2**30
    assert report["memory"]["source"].endswith("job.scope/memory.max")
    text = " ".join(doctor().split())
    assert "the control group grants the time of 0.5 (" in text
    assert "Slurm gives 1 (SLURM_CPUS_PER_TASK)" in text
    assert "free; the control group grants 1 GB (" in text


HALF = {
    "version 1": (
        "4:cpu,cpuacct:/\n",
        V1_CPU,
        {"cpu,cpuacct/cpu.cfs_quota_us": "50000", "cpu,cpuacct/cpu.cfs_period_us": "100000"},
    ),
    "version 2": (f"0::/{SLICE}\n", V2, {"user.slice/cpu.max": "50000 100000", f"{SLICE}/cpu.max": "max 100000"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("row", HALF)
def test_row_102_half_a_core_is_one_thread_and_one_worker(row: str, tmp_path: Path) -> None:
    root = make_root(tmp_path / "root", *HALF[row])
    variables = surroundings()
    variables.pop("NUMBA_NUM_THREADS")
    (tmp_path / "run.yaml").write_text(SINE)

    def run(*arguments: str) -> str:
        command = [*at_root(root), *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stderr

    run("train", "run.yaml", "epochs=1")
    assert json.loads((tmp_path / "runs/run/environment.json").read_text())["threads"] == 1
    assert "1 worker × 1 thread" in run("sweep", "run.yaml", "epochs=1", "learning_rate=0.1,0.01")
