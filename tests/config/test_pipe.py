"""A config through stdin or another pipe."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import termios
import threading
from pathlib import Path

import pytest

from nnctl.config.load import load_config
from nnctl.config.text_file import SIZE_LIMIT
from nnctl.errors import ConfigError, Problem
from tests.support.command import COMMAND, surroundings
from tests.support.processes import wait_until

CONFIG = (
    "data: {source: d.csv, target: y}\nlayers: [{type: linear, out_features: 1}]\nloss: mse\nbatch_size: 2\nepochs: 1\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "d.csv").write_text("x,y\n1,2\n2,3\n3,5\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(pipe: Path, *parts: bytes) -> threading.Thread:
    """Something that writes these parts into a new FIFO."""
    os.mkfifo(pipe)

    def write() -> None:
        with pipe.open("wb", buffering=0) as file:
            for part in parts:
                try:
                    file.write(part)
                except BrokenPipeError:
                    return

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    return writer


def refusal(pipe: Path) -> Problem:
    with pytest.raises(ConfigError) as raised:
        load_config(pipe)
    (problem,) = raised.value.problems
    assert problem.help
    assert problem.file == "<stdin>"
    return problem


def test_a_fifo_is_read_and_its_paths_start_from_the_working_folder(folder: Path) -> None:
    (folder / "deep").mkdir()
    writer = written(folder / "deep" / "pipe", CONFIG[:20].encode(), CONFIG[20:].encode())
    config = load_config(folder / "deep" / "pipe", ["epochs=3"]).config
    writer.join()
    assert (config.name, config.data.source, config.epochs) == ("stdin", str(folder / "d.csv"), 3)


def test_more_than_fits_into_a_pipe_at_a_time(folder: Path) -> None:
    writer = written(folder / "pipe", CONFIG.encode(), b"# long\n" * 100_000)
    assert load_config("pipe").config.batch_size == 2
    writer.join()


def test_too_much(folder: Path) -> None:
    written(folder / "pipe", b"#" * (SIZE_LIMIT + 1), b"#" * 2**20)
    assert "is larger than 1 MiB" in refusal(folder / "pipe").what


def test_mistakes_have_their_places(folder: Path) -> None:
    written(folder / "pipe", (CONFIG + "lr: 1\n").encode())
    problem = refusal(folder / "pipe")
    assert (problem.line, problem.column, problem.help) == (6, 1, "did you mean learning_rate?")
    (folder / "pipe").unlink()
    written(folder / "pipe", b"a: \xff")
    assert "is not UTF-8" in refusal(folder / "pipe").what


@pytest.mark.slow
def test_nothing_comes(folder: Path) -> None:
    written(folder / "pipe", b"")
    assert "is empty: nothing came through" in refusal(folder / "pipe").what
    os.mkfifo(folder / "other")  # nobody writes
    assert "is empty: nothing came through" in refusal(folder / "other").what


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A line of bash, in which NNCTL is the command."""
    own = 'NNCTL() { "$PYTHON" -c "$MAIN" "$@"; }; '
    variables = surroundings(PYTHON=COMMAND[0], MAIN=COMMAND[-1])
    return subprocess.run(
        ["bash", "-c", own + line], cwd=folder, env=variables, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    "line",
    [
        *("NNCTL check - < run.yaml", "cat run.yaml | NNCTL check /dev/stdin"),
        *("NNCTL check <(cat run.yaml)", "cat run.yaml | NNCTL check -"),
    ],
)
@pytest.mark.slow
def test_row_101_every_kind_of_pipe(line: str, folder: Path) -> None:
    (folder / "run.yaml").write_text(CONFIG)
    done = shell(line, folder)
    assert done.returncode == 0, done.stderr
    assert "linear" in done.stdout


@pytest.mark.slow
def test_row_101_train_resume_and_sweep(folder: Path) -> None:
    (folder / "run.yaml").write_text(CONFIG)
    done = shell("NNCTL train - -q < run.yaml && NNCTL train - epochs=2 --resume < run.yaml", folder)
    assert done.returncode == 0, done.stderr
    assert "run runs/stdin, resumed after epoch 1" in done.stderr
    assert "next: nnctl eval runs/stdin" in done.stdout


@pytest.mark.slow
def test_row_101_a_sweep_of_a_pipe(folder: Path) -> None:
    (folder / "run.yaml").write_text(CONFIG)
    (folder / "sweep.yaml").write_text("base: run.yaml\nparameters: {learning_rate: [0.1, 0.2]}\n")
    done = shell("NNCTL sweep - learning_rate=0.1,0.2 < run.yaml && cat sweep.yaml | NNCTL sweep - name=two", folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "runs/stdin-sweep/sweep.json").exists()
    assert (folder / "runs/two/sweep.json").exists()


@pytest.mark.slow
def test_row_101_what_is_wrong_is_told_of_stdin(folder: Path) -> None:
    done = shell("echo 'loss: *a' | NNCTL train - ; NNCTL check - < /dev/null", folder)
    assert "error: <stdin>:1:7: loss: `*a` is an alias" in done.stderr
    assert "error: <stdin>: is empty: nothing came through\n" in done.stderr
    assert not (folder / "runs").exists()


def unread(pipe: int) -> int:
    """Bytes in a pipe that its reader has not taken yet."""
    (count,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))
    return int(count)


@pytest.mark.parametrize(
    "command", ["train", *(pytest.param(name, marks=pytest.mark.slow) for name in ("check", "sweep"))]
)
def test_one_interrupt_ends_the_wait_for_a_config(command: str, folder: Path) -> None:
    """It waits for the end of stdin, of which it has read the first part."""
    with subprocess.Popen(
        [*COMMAND, command, "-"], cwd=folder, env=surroundings(), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        process.stdin.write(CONFIG.encode())
        process.stdin.flush()
        pipe = process.stdin.fileno()
        wait_until(lambda: unread(pipe) == 0 or process.poll() is not None)
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(60) == 130
        finally:
            process.kill()
    assert not (folder / "runs").exists()
