"""A run that is killed, or stopped by a signal, and resumed ends with the bytes of a run that was left alone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.command import COMMAND, CONFIGS, DATA, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.configs import SINE
from tests.support.kills import MANY_MOMENTS, MOMENTS, SAVE_ALWAYS, SLOW_EPOCHS, killed_before
from tests.support.processes import wait_until

# dropout, momentum, a schedule and a best epoch in the middle: everything that must survive
CONFIG = f"""
name: resumed
seed: 5
{SINE}optimizer: adam
learning_rate: 0.01
schedule: {{type: cosine, warmup: 2}}
epochs: 1200
clip_norm: 1.0
metrics: [rmse, r2]
"""


def preceded(statements: str) -> list[str]:
    """The command, with some statements run in its process first."""
    return [*COMMAND[:-1], f"{statements}\n{COMMAND[-1]}"]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "config.yaml").write_text(CONFIG)
    report_of("train", "config.yaml", "-q", cwd=folder)
    return folder / "runs" / "resumed"


def start(command: list[str], folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*command, "train", "config.yaml", "--run", "run", "-q", *arguments],
        cwd=folder,
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def assert_same(run: Path, other: Path) -> None:
    assert rows_of(run) == rows_of(other)
    assert checkpoints_of(run) == checkpoints_of(other)
    assert (run / "diagnostics.jsonl").read_bytes() == (other / "diagnostics.jsonl").read_bytes()


def last_of(run: Path) -> Path:
    return run / "checkpoints" / "last.safetensors"


def wait_for(path: Path, process: subprocess.Popen[bytes]) -> None:
    def is_there() -> bool:
        assert process.poll() is None, "the run ended early"
        return path.exists()

    wait_until(is_there)


def assert_resumes(undisturbed: Path, folder: Path) -> None:
    """To the end, with the bytes of a run that was left alone."""
    assert 0 < len(rows_of(folder / "run")) < 1200
    done = nnctl("train", "config.yaml", "--run", "run", "--resume", "-q", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert_same(folder / "run", undisturbed)


@pytest.mark.parametrize("moments", [MOMENTS, pytest.param(MANY_MOMENTS, marks=pytest.mark.slow)], ids=["few", "many"])
def test_killed_while_it_writes(undisturbed: Path, tmp_path: Path, moments: list[tuple[str, int]]) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    for moment in moments:
        process = start(preceded(f"{SAVE_ALWAYS}\n{killed_before(moment)}"), tmp_path, "--resume")
        assert process.wait(60) == -signal.SIGKILL
    assert_resumes(undisturbed, tmp_path)


@pytest.mark.slow
def test_killed_with_several_batches_a_step_averaged_weights_and_a_layer_that_thaws(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    settings = "epochs=12", "gradient_accumulation=3", "averaging={type: swa, start: 3}", "layers.0.freeze=4"
    report_of("train", "config.yaml", *settings, "--run", "whole", cwd=tmp_path)
    for moment in [("replace", 9), ("fsync", 20)]:
        process = start(preceded(f"{SAVE_ALWAYS}\n{killed_before(moment)}"), tmp_path, *settings, "--resume")
        assert process.wait(60) == -signal.SIGKILL
    assert 4 < len(rows_of(tmp_path / "run")) < 12
    report_of("train", "config.yaml", *settings, "--run", "run", "--resume", cwd=tmp_path)
    assert_same(tmp_path / "run", tmp_path / "whole")


@pytest.mark.slow
def test_killed_at_twenty_random_moments(undisturbed: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    draw = random.Random(11)
    run = tmp_path / "run"
    for kill in range(20):
        # half of the moments fall after some epochs of this very process, half anywhere, its start included
        before = last_of(run).stat().st_mtime_ns if last_of(run).exists() else 0
        process = start(preceded(SLOW_EPOCHS), tmp_path, "--resume")
        if kill % 2:
            wait_until(lambda before=before: last_of(run).exists() and last_of(run).stat().st_mtime_ns > before)
            time.sleep(draw.uniform(0.0, 0.1))
        else:
            time.sleep(draw.uniform(0.05, 1.0))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    assert_resumes(undisturbed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_step_and_saves(undisturbed: Path, tmp_path: Path, number: int, code: int) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    run = tmp_path / "run"
    process = start(preceded(SLOW_EPOCHS), tmp_path)
    wait_for(last_of(run), process)
    process.send_signal(number)
    assert process.wait(60) == code
    assert '"stopped": "signal"' in (run / "result.json").read_text()
    assert_resumes(undisturbed, tmp_path)


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.replace("epochs: 1200", "epochs: 100000"))
    process = start(COMMAND, tmp_path)
    wait_for(tmp_path / "run" / "metrics.jsonl", process)
    os.kill(process.pid, signal.SIGINT)
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 130


@pytest.mark.slow
def test_threads_do_not_change_a_bit(tmp_path: Path) -> None:
    """A convolutional network, whose kernels do share their work: the arrays of `CONFIG` are too small for that."""
    settings = ("epochs=1", "data.validation=0.96", "batch_size=32")
    for threads in ("1", "2", "3"):
        run = ("--run", threads, "--threads", threads)
        report_of("train", CONFIGS / "mnist_cnn.yaml", *settings, *run, cwd=tmp_path)
        assert f'"threads": {threads}' in (tmp_path / threads / "environment.json").read_text()
        assert_same(tmp_path / threads, tmp_path / "1")


def test_a_finished_run_has_nothing_to_do(undisturbed: Path) -> None:
    folder = undisturbed.parents[1]
    before = checkpoints_of(undisturbed)
    done = nnctl("train", "config.yaml", "--resume", cwd=folder)
    assert done.returncode == 0
    assert "nothing to do" in done.stderr
    assert checkpoints_of(undisturbed) == before


def test_epochs_may_grow_and_nothing_else_may_change(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        CONFIG.replace("schedule:", "# schedule:").replace("epochs: 1200", "epochs: 3")
    )
    report_of("train", "config.yaml", "--run", "run", cwd=tmp_path)
    longer = report_of("train", "config.yaml", "epochs=5", "--run", "run", "--resume", cwd=tmp_path)
    assert longer["epochs"] == 5
    whole = report_of("train", "config.yaml", "epochs=5", "--run", "whole", cwd=tmp_path)
    assert whole["steps"] == longer["steps"]
    assert_same(tmp_path / "run", tmp_path / "whole")

    refused = nnctl(
        "train", "config.yaml", "epochs=5", "layers.1.p=0.3", "batch_size=9", "--run", "run", "--resume", cwd=tmp_path
    )
    assert refused.returncode == 4
    assert "layers.1.p: was 0.2 when the run began, is 0.3 now" in refused.stderr
    assert "batch_size: was 7 when the run began, is 9 now" in refused.stderr
    fewer = nnctl("train", "config.yaml", "epochs=2", "--run", "run", "--resume", cwd=tmp_path)
    assert fewer.returncode == 4
    assert "epochs may only grow" in fewer.stderr


def test_changed_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text((DATA / "function" / "sine.csv").read_text())
    (tmp_path / "config.yaml").write_text(
        CONFIG.replace(f"{DATA}/function/sine.csv", "points.csv").replace("epochs: 1200", "epochs: 2")
    )
    report_of("train", "config.yaml", "--run", "run", cwd=tmp_path)
    with (tmp_path / "points.csv").open("a") as file:
        file.write("0.5,0.47\n")
    refused = nnctl("train", "config.yaml", "epochs=3", "--run", "run", "--resume", cwd=tmp_path)
    assert refused.returncode == 3
    assert "points.csv" in refused.stderr
    told = nnctl("eval", "run", cwd=tmp_path)
    assert told.returncode == 0
    assert "the data changed since the training: points.csv" in told.stderr
