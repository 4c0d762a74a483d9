"""The level that kernels are compiled for: found on the machine, or named by a variable."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nnctl.errors import UsageError
from nnctl.kernels.compiler import level as module
from nnctl.kernels.compiler.level import AARCH64, V1, V2, V3, V4, Level, check, host_level, level

SECOND = {"cx16", "lahf_lm", "popcnt", "pni", "ssse3", "sse4_1", "sse4_2"}
THIRD = SECOND | {"abm", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "xsave"}
FOURTH = THIRD | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("NNCTL_LEVEL", "NUMBA_CPU_NAME"):
        monkeypatch.delenv(name, raising=False)
    cached = (level, host_level, check)
    for function in cached:
        function.cache_clear()
    yield
    for function in cached:
        function.cache_clear()


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (set(), V1),
        (SECOND, V2),
        (THIRD | {"sse4a"}, V3),
        (THIRD | {"avx512f"}, V3),  # as a Xeon Phi
        (FOURTH, V4),
        (FOURTH - {"fma"}, V2),  # as a virtual machine may hide
    ],
)
def test_the_highest_level_all_of_whose_instructions_are_there(
    flags: set[str], expected: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(module, "_flags", lambda: flags)
    assert level() == expected


def test_a_machine_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.platform, "machine", lambda: "riscv64")
    with pytest.raises(UsageError, match="this machine is riscv64"):
        level()


@pytest.mark.parametrize("machine", ["aarch64", "arm64"])
def test_every_arm_of_64_bits_has_neon(machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nobody names features, as on macOS."""
    monkeypatch.setattr(module.platform, "machine", lambda: machine)
    monkeypatch.setattr(module, "_flags", set)
    assert level() == AARCH64


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"NNCTL_LEVEL": "x86-64-v2"}, V2),
        ({"NUMBA_CPU_NAME": "haswell"}, V3),
        ({"NUMBA_CPU_NAME": "znver3"}, V3),
        ({"NUMBA_CPU_NAME": "sapphirerapids"}, V4),
        ({"NUMBA_CPU_NAME": "x86-64-v3"}, V3),
        ({"NNCTL_LEVEL": "aarch64", "NUMBA_CPU_NAME": "haswell"}, AARCH64),
    ],
)
def test_variables_name_a_level(variables: dict[str, str], expected: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert level() == expected


@pytest.mark.parametrize(
    ("asked", "host", "runs"),
    [
        (V2, V4, True),
        (V4, V4, True),
        (V4, V3, False),
        (AARCH64, V4, False),
        (V2, AARCH64, False),
        (AARCH64, AARCH64, True),
    ],
)
def test_a_level_that_this_machine_cannot_run(
    asked: Level, host: Level, runs: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "host_level", lambda: host)
    monkeypatch.setenv("NNCTL_LEVEL", asked.name)
    if runs:
        check()
    else:
        with pytest.raises(UsageError, match=f"this machine, of level {host}, cannot run"):
            check()


@pytest.mark.parametrize("variable", ["NNCTL_LEVEL", "NUMBA_CPU_NAME"])
def test_a_level_that_nobody_knows(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "host_level", lambda: V3)
    monkeypatch.setenv(variable, "pentium")
    with pytest.raises(UsageError) as caught:
        level()
    assert f"{variable}: 'pentium' is not known" in str(caught.value)
    assert "one of x86-64, x86-64-v2, x86-64-v3, or" in str(caught.value)  # each of which this machine can run
