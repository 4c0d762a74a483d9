"""The processor's name, and limits that are not there on every system."""

from __future__ import annotations

import os
import platform

import pytest

from nnctl import machine

X86 = "processor\t: 0\nmodel name\t: AMD EPYC 9V74\nflags\t\t: fpu\n\nprocessor\t: 1\nmodel name\t: AMD EPYC 9V74\n"
ARM = "processor\t: 0\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x3\nCPU part\t: 0xd0c\n"


def test_the_name_that_linux_tells() -> None:
    assert machine._name_in(X86) == "AMD EPYC 9V74"
    assert machine._name_in(ARM) == f"{platform.machine()}, implementer 0x41, part 0xd0c"
    assert machine._name_in("") == machine._name_in("processor: 0\n") == ""


def test_some_name_where_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_cpuinfo", lambda: "")
    assert machine.cpu_name() in (platform.processor(), platform.machine())


def test_a_system_without_affinity_and_without_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.delattr(os, "getloadavg")
    assert machine.allowed_cores() == machine.installed_cores() == os.cpu_count()
    assert machine.separate_cores() == machine.available_cores()
    assert machine.load() is None
