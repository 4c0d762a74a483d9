"""Full disks, closed streams, locked folders, no home: the run ends well or says why, and what was saved stays."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nnctl.user_cache import user_cache
from tests.support.command import COMMAND, checkpoints_of, nnctl, report_of, surroundings
from tests.support.refusal import refusal_of
from tests.support.terminal import run_on_terminal

CONFIG = """data: {source: data.csv, target: y, validation: 0.25}
layers: [{type: linear, out_features: 2000, activation: tanh}, {type: linear, out_features: 1}]
loss: mse
batch_size: 2
epochs: 2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run.yaml").write_text(CONFIG)
    (tmp_path / "data.csv").write_text("x,y\n" + "".join(f"{i},{i / 10}\n" for i in range(8)))
    return tmp_path


def preceded(statements: str) -> list[str]:
    """The command, with some statements run in its process first."""
    return [*COMMAND[:-1], f"{statements}; {COMMAND[-1]}"]


def run(command: list[str], *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, *arguments], cwd=cwd, env=surroundings(), capture_output=True, text=True, timeout=120
    )


def shell(line: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A line of bash, in which $NNCTL is the command."""
    own = 'NNCTL() { "$PYTHON" -c "$MAIN" "$@"; }; '
    variables = surroundings(PYTHON=COMMAND[0], MAIN=COMMAND[-1], **variables)
    return subprocess.run(
        ["bash", "-c", own + line], cwd=cwd, env=variables, capture_output=True, text=True, timeout=120
    )


# a write beyond this many bytes fails, as it does on a disk that is full
FULL = preceded("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))")


@pytest.mark.slow
def test_row_59_a_full_disk_costs_nothing_that_was_saved(folder: Path) -> None:
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    before = checkpoints_of(folder / "run")
    done = run(FULL, "train", "run.yaml", "epochs=4", "--run", "run", "--resume", "--json", cwd=folder)
    assert done.returncode == 8, done.stderr
    error = json.loads(done.stdout)["error"]
    assert (error["kind"], error["exit_code"]) == ("storage", 8)
    assert "safetensors: cannot be written: File too large" in done.stderr
    assert "what was saved before is whole" in done.stderr
    assert checkpoints_of(folder / "run") == before  # no half-written file beside them either
    assert nnctl("eval", "run", cwd=folder).returncode == 0
    report_of("train", "run.yaml", "epochs=4", "--run", "run", "--resume", cwd=folder)
    report_of("train", "run.yaml", "epochs=4", "--run", "whole", cwd=folder)
    last = "last.safetensors"
    assert checkpoints_of(folder / "run")[last] == checkpoints_of(folder / "whole")[last]


@pytest.mark.slow
def test_row_59_results_that_cannot_be_printed_are_an_error(folder: Path) -> None:
    done = shell("NNCTL check run.yaml --json > /dev/full", folder)
    assert done.returncode == 8
    assert done.stderr.startswith("error: stdout cannot be written: No space left on device\n  help: ")


@pytest.mark.parametrize("where", ["data.csv", "data.csv/run", "/proc/nnctl"])
def test_row_60_a_run_folder_that_cannot_be_is_refused_before_the_first_epoch(folder: Path, where: str) -> None:
    refusal = refusal_of("train", "run.yaml", "--run", where, cwd=folder, code=8)
    refusal.says(f"error: {where}: cannot be written", "choose a folder that you may write with `--run DIR`")
    assert "epoch" not in refusal.text


def test_row_60_runs_is_a_file(folder: Path) -> None:
    (folder / "runs").write_text("")
    refusal_of("train", "run.yaml", cwd=folder, code=8).says("error: runs/run: cannot be written", "--run DIR")


def test_row_60_the_folder_was_forgotten(folder: Path) -> None:
    refusal = refusal_of("train", "run.yaml", "--run", "--resume", cwd=folder, code=2)
    refusal.says("--run is --resume, which is not a folder", "write --run DIR")


@pytest.mark.slow
def test_row_61_two_runs_in_one_folder(folder: Path) -> None:
    first = subprocess.Popen(
        [*COMMAND, "train", "run.yaml", "epochs=1000000", "--run", "run"],
        cwd=folder,
        env=surroundings(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stderr is not None
        while not (line := first.stderr.readline()).startswith("epoch"):
            assert line, "the run ended early"
        for command in (["--resume"], ["--resume", "epochs=1000000"]):
            done = nnctl("train", "run.yaml", "--run", "run", *command, cwd=folder)
            assert done.returncode == 8
            assert "error: run: another run is writing here\n  help: wait for it, or choose another" in done.stderr
        assert first.poll() is None
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=60)
        assert first.returncode == 143
    finally:
        first.kill()
    assert nnctl("eval", "run", cwd=folder).returncode == 0


@pytest.mark.slow
def test_row_64_times_stay_positive_when_the_clock_is_set_back(folder: Path) -> None:
    backwards = preceded("import time, itertools; time.time = lambda hours=itertools.count(): 1e9 - 3600 * next(hours)")
    done = run(backwards, "train", "run.yaml", "--run", "run", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    rows = [json.loads(line) for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    assert all(row["seconds"] >= 0 and row["samples_per_second"] > 0 for row in rows)
    assert all(seconds >= 0 for seconds in report["seconds"].values())


@pytest.mark.slow
def test_row_65_a_dumb_terminal_is_no_place_for_bars_and_colours(folder: Path) -> None:
    """stderr is a terminal here, of a kind that cannot move its cursor."""
    done, told = run_on_terminal(
        [*COMMAND, "train", "run.yaml", "--run", "run"], cwd=folder, env=surroundings(TERM="dumb")
    )
    assert done.returncode == 0
    assert "epoch 2/2: loss " in told
    assert "\x1b" not in told + done.stdout


# row: (the line, its exit code)
STREAMS = {
    "stdout closed": "NNCTL train run.yaml --run run >&-",
    "stderr closed": "NNCTL train run.yaml --run run 2>&-",
    "all closed": "NNCTL train run.yaml --run run <&- >&- 2>&-",
    "nobody reads the progress": "NNCTL train run.yaml --run run 2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}",
    "nobody reads the results": "NNCTL train run.yaml --run run --json -q | true; exit ${PIPESTATUS[0]}",
}


@pytest.mark.slow
@pytest.mark.parametrize("row", STREAMS)
def test_row_65_a_run_goes_on_though_nobody_listens(folder: Path, row: str) -> None:
    done = shell(STREAMS[row], folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert json.loads((folder / "run" / "result.json").read_text())["stopped"] == "finished"
    assert nnctl("eval", "run", cwd=folder).returncode == 0
    # what was to be printed has not gone into a file that took the number of the closed stream
    assert (folder / "run" / ".lock").read_bytes() == b""
    assert len((folder / "run" / "metrics.jsonl").read_text().splitlines()) == 2


@pytest.mark.slow
def test_row_65_the_exit_code_stays_when_nobody_reads(folder: Path) -> None:
    done = shell("NNCTL check run.yaml lerning_rate=1 --json 2>&1 | true; exit ${PIPESTATUS[0]}", folder)
    assert done.returncode == 2


@pytest.mark.slow
def test_row_65_text_that_the_terminal_cannot_show(folder: Path) -> None:
    (folder / "data.csv").write_text("größe,y\n" + "1,2\n" * 8)
    plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = nnctl("check", "run.yaml", cwd=folder, **plain)
    assert done.returncode == 0, done.stderr
    assert "an input is constant" in done.stderr


@pytest.mark.slow
def test_row_65_no_home(folder: Path) -> None:
    """A user without an entry in the password file and without HOME, as in many containers."""
    nobody = preceded(
        "import os, pwd; os.environ.pop('HOME', 0); os.environ.pop('XDG_CACHE_HOME', 0); "
        "os.environ.pop('NNCTL_CACHE_DIR', 0); pwd.getpwuid = lambda uid: {}[uid]"
    )
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    done = run(nobody, "eval", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("note: there is no home for the kernel cache; kernels are compiled anew") == 1
    assert {path.name for path in folder.iterdir()} == {"run.yaml", "data.csv", "run"}  # no folder named ~


def test_row_65_the_working_folder_is_gone(folder: Path) -> None:
    done = shell("mkdir gone; cd gone; rmdir ../gone; NNCTL check ../run.yaml", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-2:] == [
        "error: the working folder is gone",
        "  help: change to a folder that exists",
    ]


@pytest.mark.slow
def test_row_67_a_damaged_kernel_cache_is_mended_and_told_once(folder: Path) -> None:
    nnctl("train", "run.yaml", "--run", "first", cwd=folder)  # warms the usual cache, if it is not
    usual = user_cache()
    assert usual is not None
    cache = folder / "cache"
    for kept in usual.glob("*"):
        shutil.copytree(kept, cache / kept.name)
    damaged = [file for name in ("mse", "adam", "tanh") for file in cache.rglob(f"cpu.{name}.*.kernel")]
    assert len(damaged) > 3
    for position, file in enumerate(damaged):
        file.write_bytes(b"" if position % 2 else file.read_bytes()[:40])
    done = nnctl("train", "run.yaml", "--run", "second", cwd=folder, NNCTL_CACHE_DIR=str(cache))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("a file of the kernel cache was damaged") == 1
    assert checkpoints_of(folder / "second") == checkpoints_of(folder / "first")
    (note,) = json.loads((folder / "second" / "result.json").read_text())["notes"]
    assert note.startswith("a file of the kernel cache was damaged")
    again = nnctl("train", "run.yaml", "--run", "third", cwd=folder, NNCTL_CACHE_DIR=str(cache))
    assert "kernel" not in again.stderr
    for file in cache.rglob("cpu.tanh.*.kernel"):
        file.write_bytes(b"")
    report = report_of("predict", "first", "data.csv", "-o", "x.csv", cwd=folder, NNCTL_CACHE_DIR=str(cache))
    assert sum(text.startswith("a file of the kernel cache was damaged") for text in report["notes"]) == 1


@pytest.mark.slow
def test_row_67_a_kernel_cache_that_cannot_be_written_is_told_once(folder: Path) -> None:
    cache = folder / "data.csv" / "cache"
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    done = nnctl("eval", "run", "--json", cwd=folder, NNCTL_CACHE_DIR=str(cache))
    assert done.returncode == 0, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"note: the kernel cache {cache} cannot be written; kernels are compiled anew in every run")
    assert [f"note: {note}" for note in json.loads(done.stdout)["notes"]] == [line]


# row: (the arguments, what is wrong)
USAGE = {
    "no such command": (["trian", "run.yaml"], "Did you mean 'train'?"),
    "no config": (["train"], "Missing argument"),
    "no such option": (["train", "run.yaml", "--fast"], "No such option: --fast"),
    "no threads": (["train", "run.yaml", "--threads", "0"], "--threads"),
    "threads in words": (["train", "run.yaml", "--threads", "two"], "--threads"),
    "no such split": (["eval", "run", "--split", "val"], "'val' is not one of 'train', 'validation', 'test'"),
    "option without its value": (["eval", "run", "--data"], "--data"),
    "nothing to resume": (["train", "run.yaml", "--resume"], "runs/ has no run of run to resume"),
    "no such device": (["train", "run.yaml", "--device", "tpu"], "expected cpu or cuda, got 'tpu'"),
}


@pytest.mark.parametrize("row", USAGE)
def test_a_command_line_that_means_nothing(folder: Path, row: str) -> None:
    arguments, what = USAGE[row]
    if row != "option without its value":  # which takes --json for it
        refusal_of(*arguments, cwd=folder, code=2).says(what)
    done = nnctl(*arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert "\n  help: " in done.stderr


@pytest.mark.parametrize("condition", ["accuracy", "loss<", "loss<much", "los<1", "loss<nan"])
def test_a_condition_that_cannot_be_read(folder: Path, condition: str) -> None:
    if not (folder / "run").exists():
        report_of("train", "run.yaml", "epochs=1", "--run", "run", cwd=folder)
    refusal = refusal_of("eval", "run", "--fail-if", condition, cwd=folder, code=2)
    refusal.says(f"--fail-if '{condition}'", "did you mean loss?" if condition == "los<1" else "write a metric")


def test_no_command_at_all(folder: Path) -> None:
    done = run(COMMAND, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: ")
    assert "train" in done.stderr
    assert sys.executable not in done.stderr
