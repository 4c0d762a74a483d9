"""What may change when a run is resumed, what is said of it, and a resumption with nothing to do."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from nnctl.model.checkpoint import read_checkpoint, write_checkpoint
from tests.support.command import checkpoints_of, nnctl, report_of, rows_of
from tests.support.configs import SINE

pytestmark = pytest.mark.slow

CONFIG = f"name: sine\n{SINE}learning_rate: 0.01\ndiagnostics: false\n"
# an improvement of more than 10 there is in the first epoch only
EARLY = "epochs: 40\nearly_stopping: {patience: 2, min_delta: 10.0}\n"


def write(folder: Path, rest: str) -> Path:
    (folder / "run.yaml").write_text(CONFIG + rest)
    return folder / "runs" / "sine"


def files_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Contents and times of all files."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def resumed(folder: Path, *settings: str) -> dict[str, Any]:
    return report_of("train", "run.yaml", "--resume", *settings, cwd=folder)


def notes(folder: Path, *settings: str) -> str:
    return "\n".join(resumed(folder, *settings)["notes"])


def assert_same_bits(run: Path, other: Path) -> None:
    assert rows_of(run) == rows_of(other)
    last = [load_file(each / "checkpoints" / "last.safetensors") for each in (run, other)]
    assert all(np.array_equal(last[0][name], last[1][name]) for name in last[0].keys() | last[1].keys())


@pytest.mark.parametrize("rest", ["epochs: 3\n", "epochs: 1\n", EARLY, EARLY.replace("40", "3")])
@pytest.mark.parametrize("options", [(), ("-q",)])
def test_nothing_to_do_writes_nothing_and_says_what_would_go_on(
    tmp_path: Path, rest: str, options: tuple[str, ...]
) -> None:
    run = write(tmp_path, rest)
    first = report_of("train", "run.yaml", cwd=tmp_path)
    before = files_of(run)
    done = nnctl("train", "run.yaml", "--resume", *options, cwd=tmp_path)
    assert done.returncode == 0
    assert files_of(run) == before
    assert "finished after" not in done.stdout
    (told,) = [line for line in done.stderr.splitlines() if "nothing to do" in line]
    again = resumed(tmp_path)
    assert files_of(run) == before
    assert again == first | {"notes": [told.removeprefix("note: ")]}
    early = first["stopped"] == "early"
    epochs = first["epochs"]
    why = "stopped early after epoch 3: val_loss was not better for 2 epochs" if early else "finished after"
    assert f"nothing to do: runs/sine {why}" in told
    assert early or f"finished after {epochs} epoch{'' if epochs == 1 else 's'};" in told
    remedies = re.findall(r"\S+=\d+", told)
    assert remedies == [
        f"epochs={2 * max(epochs, 40 if early else 0)}",
        *(["early_stopping.patience=4"] if early else []),
    ]


@pytest.mark.parametrize("remedy", [0, 1])
def test_what_would_go_on_does(tmp_path: Path, remedy: int) -> None:
    write(tmp_path, EARLY)
    report_of("train", "run.yaml", cwd=tmp_path)
    told = notes(tmp_path)
    setting = re.findall(r"\S+=\d+", told)[remedy]
    assert resumed(tmp_path, setting)["epochs"] == 5
    assert "nothing to do" in notes(tmp_path, setting)


def test_a_run_that_is_good_enough_stops_and_goes_on_without_the_threshold(tmp_path: Path) -> None:
    run = write(tmp_path, "epochs: 6\nearly_stopping: {patience: 9, stopping_threshold: 100}\n")
    report = report_of("train", "run.yaml", cwd=tmp_path)
    assert (report["stopped"], report["epochs"]) == ("early", 1)
    why, remedy = "stopped early after epoch 1: val_loss had reached 100", "early_stopping.stopping_threshold=null"
    assert f"nothing to do: runs/sine {why}; --resume with {remedy} goes on" in notes(tmp_path)
    told = notes(tmp_path, remedy)
    assert f"runs/sine had {why}" in told
    assert "early_stopping.stopping_threshold is absent now, was 100.0" in told
    report_of("train", "run.yaml", remedy, "--run", "whole", cwd=tmp_path)
    assert_same_bits(run, tmp_path / "whole")
    assert len(rows_of(run)) == 6


def test_another_patience_after_an_early_stop_gives_the_bits_of_one_go(tmp_path: Path) -> None:
    run = write(tmp_path, EARLY)
    assert report_of("train", "run.yaml", cwd=tmp_path)["epochs"] == 3
    told = notes(tmp_path, "early_stopping.patience=6")
    assert "runs/sine had stopped early after epoch 3: val_loss was not better for 2 epochs" in told
    assert "early_stopping.patience is 6 now, was 2" in told
    assert "the bits of each epoch stay the same" in told
    report_of("train", "run.yaml", "early_stopping.patience=6", "--run", "whole", cwd=tmp_path)
    assert_same_bits(run, tmp_path / "whole")
    assert len(rows_of(run)) == 7


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting", ["early_stopping=null", "early_stopping.min_delta=0.0", "early_stopping.monitor=loss"]
)
def test_other_settings_of_early_stopping(tmp_path: Path, setting: str) -> None:
    """What it has seen is read out of the rows where it looks at something else now."""
    run = write(tmp_path, EARLY.replace("40", "9").replace("10.0", "0.2"))
    assert report_of("train", "run.yaml", cwd=tmp_path)["stopped"] == "early"
    resumed(tmp_path, setting)
    report_of("train", "run.yaml", setting, "--run", "whole", cwd=tmp_path)
    assert_same_bits(run, tmp_path / "whole")


def test_more_epochs_after_an_early_stop_begin_waiting_anew(tmp_path: Path) -> None:
    run = write(tmp_path, EARLY)
    report_of("train", "run.yaml", cwd=tmp_path)
    nnctl("train", "run.yaml", "--resume", cwd=tmp_path)  # does nothing, and so what comes next is as before
    told = notes(tmp_path, "epochs=80")
    assert "had stopped early after epoch 3" in told
    assert "early stopping begins anew: it stops after 2 epochs without a better val_loss from here" in told
    assert len(rows_of(run)) == 5
    report_of("train", "run.yaml", "early_stopping=null", "epochs=5", "--run", "whole", cwd=tmp_path)
    assert rows_of(run) == rows_of(tmp_path / "whole")
    refused = nnctl("train", "run.yaml", "--resume", cwd=tmp_path)
    assert refused.returncode == 4
    assert "epochs: was 80 when the run began, is 40 now" in refused.stderr
    assert "epochs may only grow: give epochs=80 or more" in refused.stderr


@pytest.mark.parametrize("setting", ["learning_rate=0.001", "schedule=cosine", "schedule={type: step, every: 1}"])
def test_another_learning_rate_goes_on_after_an_early_stop(tmp_path: Path, setting: str) -> None:
    write(tmp_path, EARLY)
    report_of("train", "run.yaml", cwd=tmp_path)
    told = notes(tmp_path, setting)
    assert "the learning rate goes from 1.0e-02 to " in told
    assert f"{setting.partition('=')[0]} is " in told
    assert "a run with these settings in one go has other bits" in told
    assert "early stopping begins anew" in told


def test_a_schedule_that_is_spread_over_more_epochs(tmp_path: Path) -> None:
    run = write(tmp_path, "epochs: 5\nschedule: cosine\n")
    report_of("train", "run.yaml", cwd=tmp_path)
    (told,) = resumed(tmp_path, "epochs=10")["notes"]
    before = rows_of(run)[4]["learning_rate"]
    assert before < 1e-5
    assert told == (
        f"the learning rate goes from {before:.1e} to 5.0e-03: cosine is spread over 10 epochs now; "
        "a run with these settings in one go has other bits"
    )
    assert rows_of(run)[5]["learning_rate"] > 0.003


@pytest.mark.parametrize(
    "schedule",
    [
        "constant",
        "{type: exponential, gamma: 0.9}",
        "{type: step, every: 2}",
        "{type: constant, warmup: 2}",
        "{type: cosine, period: 1.5}",
    ],
)
def test_a_schedule_that_does_not_depend_on_the_epochs(tmp_path: Path, schedule: str) -> None:
    run = write(tmp_path, f"epochs: 3\nschedule: {schedule}\n")
    report_of("train", "run.yaml", cwd=tmp_path)
    told = notes(tmp_path, "epochs=5")
    assert told == "epochs is 5 now, was 3: the bits are those of a run with these settings in one go"
    report_of("train", "run.yaml", "epochs=5", "--run", "whole", cwd=tmp_path)
    assert rows_of(run) == rows_of(tmp_path / "whole")
    assert checkpoints_of(run) == checkpoints_of(tmp_path / "whole")


def test_a_warm_up_in_front_of_cosine(tmp_path: Path) -> None:
    """Nothing differs as long as it lasts, and then the whole rest does."""
    run = write(tmp_path, "epochs: 3\nschedule: {type: cosine, warmup: 3}\n")
    report_of("train", "run.yaml", cwd=tmp_path)
    assert "in one go" in notes(tmp_path, "epochs=6")
    report_of("train", "run.yaml", "epochs=6", "--run", "whole", cwd=tmp_path)
    assert rows_of(run) == rows_of(tmp_path / "whole")


@pytest.mark.parametrize("setting", ["batch_size=9", "seed=6", "loss=mae", "optimizer=sgd", "data.shuffle=false"])
def test_other_changes_are_refused(tmp_path: Path, setting: str) -> None:
    run = write(tmp_path, "epochs: 2\n")
    report_of("train", "run.yaml", cwd=tmp_path)
    before = files_of(run)
    refused = nnctl("train", "run.yaml", "epochs=4", setting, "--resume", cwd=tmp_path)
    assert refused.returncode == 4
    assert "when the run began" in refused.stderr
    assert files_of(run) == before


def test_another_name_is_the_same_run(tmp_path: Path) -> None:
    run = write(tmp_path, "epochs: 2\n")
    report_of("train", "run.yaml", cwd=tmp_path)
    report_of("train", "run.yaml", "name=other", "epochs=3", "--run", run, "--resume", cwd=tmp_path)
    assert len(rows_of(run)) == 3


def test_a_run_without_its_result_gets_one(tmp_path: Path) -> None:
    """As where it was killed between its last checkpoint and its end."""
    run = write(tmp_path, "epochs: 2\n")
    report_of("train", "run.yaml", cwd=tmp_path)
    before = checkpoints_of(run)
    (run / "result.json").unlink()
    assert resumed(tmp_path)["stopped"] == "finished"
    assert json.loads((run / "result.json").read_text())["epochs"] == 2
    assert checkpoints_of(run) == before


def test_folds_with_nothing_to_do_write_nothing(tmp_path: Path) -> None:
    run = write(tmp_path, "epochs: 2\n")
    command = ("train", "run.yaml", "data.validation=null", "--folds", "2")
    report_of(*command, cwd=tmp_path)
    before = files_of(run)
    done = nnctl(*command, "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("nothing to do: runs/sine/fold-") == 2
    assert files_of(run) == before


def test_the_command_that_continues_is_quoted(tmp_path: Path) -> None:
    write(tmp_path, "epochs: 2\n")
    done = nnctl("train", "run.yaml", "name=first try", cwd=tmp_path)
    (command,) = [line.removeprefix("next: ") for line in done.stdout.splitlines() if line.startswith("next: ")]
    assert command == "nnctl eval 'runs/first try'"
    assert nnctl(*shlex.split(command)[1:], cwd=tmp_path).returncode == 0


def test_a_run_of_an_older_version_has_no_changes_by_keys_that_are_new(tmp_path: Path) -> None:
    """Its checkpoint does not say of columns what every column was then."""
    run = write(tmp_path, "epochs: 2\n")
    report_of("train", "run.yaml", cwd=tmp_path)
    file = run / "checkpoints" / "last.safetensors"
    checkpoint = read_checkpoint(file)
    for column in checkpoint.description["config"]["data"]["columns"].values():
        assert (column.pop("decimal"), column.pop("unit")) == (".", "")
    del checkpoint.description["config"]["clip_norm"]
    write_checkpoint(file, checkpoint)
    for setting, what in (
        ("data.columns={x: {unit: kg}}", "data.columns.x.unit: was absent when the run began, is kg now"),
        ("clip_norm=1.0", "clip_norm: was absent when the run began, is 1.0 now"),
        ("data.shuffle=false", "data.shuffle: was true when the run began, is false now"),
    ):
        refused = nnctl("train", "run.yaml", "epochs=3", setting, "--resume", cwd=tmp_path)
        assert refused.returncode == 4
        assert refused.stderr.count("error: ") == 1
        assert what in refused.stderr
    assert notes(tmp_path, "epochs=3").startswith("epochs is 3 now, was 2: ")
    report_of("train", "run.yaml", "epochs=3", "--run", "whole", cwd=tmp_path)
    assert_same_bits(run, tmp_path / "whole")
