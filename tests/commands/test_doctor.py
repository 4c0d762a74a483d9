"""`nnctl doctor`: what nnctl runs on, and whether it works."""

from __future__ import annotations

import io
import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from rich.console import Console

from nnctl.cli.doctor import _cores as core_rows
from nnctl.cli.doctor import _peak as peak_table
from nnctl.commands.doctor import _busy_notes
from nnctl.commands.doctor import _peak as measured_peak
from tests.support.command import COMMAND, CONFIGS, nnctl, report_of, surroundings
from tests.support.refusal import refusal_of


def test_the_report(tmp_path: Path) -> None:
    report = report_of("doctor", cwd=tmp_path)
    assert set(report) == {
        *("versions", "load", "processor", "cores", "memory", "trial", "healthy", "peak", "cache", "notes"),
    }
    assert report["versions"]["numba"] == version("numba")
    assert report["versions"]["python"] == platform.python_version()
    assert report["healthy"] is True
    assert 0 < report["trial"]["product"]["error"] < 1e-5
    assert 0 < report["trial"]["exponential"]["error"] < 1e-5
    assert report["cores"]["installed"] == os.cpu_count()
    assert (report["cores"]["asked"], report["cores"]["threads"]) == (1, 1)
    assert report["peak"]["float32"].keys() == report["peak"]["float64"].keys() == {"1"}
    assert all(rates["1"] > 0.5 for rates in report["peak"].values())
    assert min(report["processor"]["tile"].values()) >= 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_tables(tmp_path: Path) -> None:
    done = nnctl("doctor", cwd=tmp_path, NUMBA_NUM_THREADS="3")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["peak,", "GFLOP/s", "1", "thread", "3", "threads"] in rows
    assert any(row[:3] == ["threads", "3", "(NUMBA_NUM_THREADS);"] for row in rows)
    assert "kernels compile and give the right numbers" in done.stdout
    assert [row[0] for row in rows if row and row[0].startswith("float")] == ["float32", "float64"]


@pytest.mark.slow
def test_the_cache_and_the_folders_of_other_versions(tmp_path: Path) -> None:
    cache = tmp_path / "the cache"
    old, other = cache / "0.0.1-numba-0.60.0-aa", cache / "mine"
    for folder in (old, other):
        folder.mkdir(parents=True)
        (folder / "some.kernel").write_bytes(b"." * 4096)
    report = report_of("doctor", cwd=tmp_path, NNCTL_CACHE_DIR=str(cache))
    own = Path(report["cache"].pop("folder"))
    assert own.parent == cache
    assert report["cache"].pop("kernels") == len(list(own.rglob("*.kernel"))) > 2
    assert report["cache"].pop("bytes") > 4096
    assert report["cache"] == {"temporary": False, "mode": "0700", "others": {"folders": 1, "bytes": 4096}}
    (told,) = (note for note in report["notes"] if "kernel cache" in note)
    assert "1 folder of other versions" in told
    subprocess.run(["sh", "-c", told.partition("to delete them: ")[2]], check=True)
    assert {folder.name for folder in cache.iterdir()} == {own.name, "mine"}


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_is_told_and_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = tmp_path / "file" / "cache"
    done = nnctl("doctor", "--json", cwd=tmp_path, NUMBA_CACHE_DIR=str(cache))
    assert done.returncode == 0, done.stderr
    told = f"the kernel cache {cache} cannot be written; kernels are compiled anew in every run (NUMBA_CACHE_DIR names"
    assert done.stderr.count(told) == 1
    report = json.loads(done.stdout)
    assert report["cache"]["temporary"] is True
    assert not Path(report["cache"]["folder"]).exists()  # it went with the process


@pytest.mark.slow
def test_the_tile_of_another_level(tmp_path: Path) -> None:
    processor = report_of("doctor", cwd=tmp_path, NNCTL_LEVEL="x86-64-v2")["processor"]
    assert processor["tile"] == {"rows": 4, "vectors": 2, "lanes": 4}
    assert processor["compiled_for"] == "x86-64-v2"
    assert processor["level"] > "x86-64-v2"


@pytest.mark.slow
@pytest.mark.parametrize(("error", "what"), [("0.1", "the exponential is wrong"), ("1 / 0", "does not compile (Zero")])
def test_kernels_that_do_not_work_are_a_failure(tmp_path: Path, error: str, what: str) -> None:
    broken = f"import nnctl.commands.doctor; nnctl.commands.doctor._exponential_error = lambda: {error}; {COMMAND[-1]}"
    command = [*COMMAND[:-1], broken, "doctor", "--json"]
    done = subprocess.run(command, cwd=tmp_path, env=surroundings(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "error: the exponential" in done.stderr
    assert what in done.stderr
    report = json.loads(done.stdout)
    assert (report["healthy"], report["peak"]) == (False, None)
    assert what in report["trial"]["failed"]


def busy(load: float | None, threads: int, separate: int, together: float) -> list[str]:
    """The notes where all threads reach `together` times the peak of one."""
    cores = {"installed": 4, "threads": threads, "separate": separate}
    rates = {"1": 100.0, str(threads): 100.0 * together}
    return _busy_notes({"load": load, "cores": cores, "peak": {"float32": rates, "float64": rates}})


def test_a_busy_machine_is_told() -> None:
    assert busy(0.3, 4, 4, 3.8) == busy(None, 1, 4, 1.0) == busy(0.3, 4, 2, 2.0) == []
    (load,) = busy(2.5, 4, 4, 3.8)
    assert "the load of the last minute was 2.5 on 4 cores" in load
    (gain,) = busy(0.3, 4, 4, 2.1)
    assert "4 threads reach 2.1 times the float32 peak of one, expected 4 times" in gain


def test_a_machine_that_hardly_computes_has_a_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under an emulator: nothing is rounded to 0 and divided by."""
    monkeypatch.setattr("nnctl.commands.peak_gflops.peak_gflops", lambda dtype, threads: 0.0123456 * threads)
    peak = measured_peak(2)
    assert peak == {dtype: {"1": 0.01235, "2": 0.02469} for dtype in ("float32", "float64")}
    assert _busy_notes({"load": None, "cores": {"installed": 2, "threads": 2, "separate": 2}, "peak": peak}) == []
    console = Console(file=io.StringIO(), width=100)
    console.print(peak_table(peak))
    assert "0.01" in console.file.getvalue()


def test_efficiency_cores_are_told() -> None:
    cores = {"installed": 12, "allowed": 12, "efficiency": 4, "available": 8, "separate": 8, "threads": 8}
    told = dict(core_rows(cores | {"granted": None, "job": None, "asked": None}))
    assert told["cores"] == "8, 4 efficiency cores left out"


@pytest.mark.parametrize(
    "threads", ["0", *(pytest.param(text, marks=pytest.mark.slow) for text in ("-3", "two", "1025", "9" * 5000))]
)
def test_a_number_of_threads_that_cannot_be(tmp_path: Path, threads: str) -> None:
    refusal = refusal_of("doctor", cwd=tmp_path, code=2, NUMBA_NUM_THREADS=threads)
    refusal.says(f"NUMBA_NUM_THREADS: expected a whole number from 1 to 1024, got {threads[:20]}")


def test_a_run_is_refused_before_it_has_a_folder(tmp_path: Path) -> None:
    refusal = refusal_of("train", CONFIGS / "xor.yaml", cwd=tmp_path, code=2, NUMBA_NUM_THREADS="0")
    refusal.says("got 0", "leave it out to use all cores")


def test_a_level_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    refusal = refusal_of("train", CONFIGS / "xor.yaml", cwd=tmp_path, code=2, NNCTL_LEVEL="pentium")
    refusal.says("NNCTL_LEVEL: 'pentium' is not known")
    assert list(tmp_path.iterdir()) == []
