"""What macOS tells of its machine, as its programs print it; here scripts stand in for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnctl import control_group, machine, macos, memory

M2_PRO = """
machdep.cpu.brand_string: Apple M2 Pro
hw.perflevel0.name: Performance
hw.perflevel0.logicalcpu: 8
hw.perflevel1.name: Efficiency
hw.perflevel1.logicalcpu: 4
"""
M5_PRO = """
machdep.cpu.brand_string: Apple M5 Pro
hw.perflevel0.name: Super
hw.perflevel0.logicalcpu: 6
hw.perflevel1.name: Performance
hw.perflevel1.logicalcpu: 12
"""
INTEL = "machdep.cpu.brand_string: Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz\n"

VM_STAT = """\
Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10000.
Pages active:                            789012.
Pages inactive:                          300000.
Pages speculative:                         2000.
Pages throttled:                              0.
Pages wired down:                        234567.
Pages purgeable:                          56789.
"Translation faults":                  98765432.
File-backed pages:                       456789.
"""


@pytest.fixture
def mac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for the programs, on a system that says that it is macOS."""
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(macos, "SYSCTL", str(tmp_path / "sysctl"))
    monkeypatch.setattr(macos, "VM_STAT", str(tmp_path / "vm_stat"))
    monkeypatch.setattr(machine, "installed_cores", lambda: 12)
    monkeypatch.setattr(control_group, "ROOT", tmp_path)
    monkeypatch.delattr(os, "sched_getaffinity")
    for name in machine.SLURM:
        monkeypatch.delenv(name, raising=False)
    macos._variables.cache_clear()
    yield tmp_path
    macos._variables.cache_clear()


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def sysctl(folder: Path, values: str, unknown: str = "exit 1") -> None:
    """unknown: what the program does after one that it does not know."""
    (folder / "values").write_text(values)
    script = f'for name; do grep "^$name: " {folder}/values || {{ echo "unknown oid \'$name\'" >&2; {unknown}; }}; done'
    program(folder / "sysctl", script)


@pytest.mark.parametrize("unknown", ["exit 1", "continue"])
@pytest.mark.parametrize(
    ("values", "name", "efficiency"),
    [
        (M2_PRO, "Apple M2 Pro", 4),
        (M5_PRO, "Apple M5 Pro", 0),
        (INTEL, "Intel(R) Core(TM) i7-9750H CPU @ 2.60GHz", 0),
    ],
)
def test_the_processor(mac: Path, values: str, name: str, efficiency: int, unknown: str) -> None:
    sysctl(mac, values, unknown)
    assert machine.cpu_name() == name
    assert machine.efficiency_cores() == efficiency
    assert machine.available_cores() == machine.separate_cores() == 12 - efficiency


def test_the_least_limit_still_holds(mac: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sysctl(mac, M2_PRO)
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "3")
    assert machine.available_cores() == 3


def test_one_core_is_left(mac: Path) -> None:
    sysctl(mac, M2_PRO.replace(": 4", ": 12"))
    assert machine.available_cores() == 1


def test_the_memory_that_is_free(mac: Path) -> None:
    program(mac / "vm_stat", f"cat <<'END'\n{VM_STAT}END")
    assert memory.available_memory() == 16384 * (10_000 + 300_000 + 2_000)


def test_without_the_programs(mac: Path) -> None:
    assert (macos.cpu_name(), macos.efficiency_cores(), macos.free_memory()) == ("", 0, None)
    assert machine.cpu_name()
    assert machine.available_cores() == 12


def test_programs_that_print_something_else(mac: Path) -> None:
    sysctl(mac, "")
    program(mac / "vm_stat", "echo none")
    assert (macos.cpu_name(), macos.efficiency_cores(), macos.free_memory()) == ("", 0, None)


def test_other_systems_are_not_asked(mac: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    sysctl(mac, M2_PRO)
    program(mac / "vm_stat", f"cat <<'END'\n{VM_STAT}END")
    assert (macos.cpu_name(), macos.efficiency_cores(), macos.free_memory()) == ("", 0, None)


def test_all_memory_where_nothing_tells_how_much_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*arguments: object, **options: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert memory._machine() == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
