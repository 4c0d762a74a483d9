"""`nnctl sweep` by the real command: what it runs, what it does not run again, how it ends."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nnctl.config.load import load_config
from tests.support.command import CONFIGS, DATA, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.processes import wait_until
from tests.support.sweeps import SLOW_COMMAND, bytes_of, results_in, runs_in

RUN = f"""data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers:
  - {{type: linear, out_features: 8, activation: tanh}}
  - {{type: linear, out_features: 1}}
loss: mse
learning_rate: 0.01
batch_size: 8
epochs: 3
"""
SWEEP = """base: run.yaml
metric: val_rmse
parameters:
  learning_rate: [0.01, 0.1]
  layers.0.out_features: [4, 8]
"""


def write(folder: Path, text: str = SWEEP, run: str = RUN) -> Path:
    """The sweep's folder-to-be."""
    (folder / "run.yaml").write_text(run)
    (folder / "lines.yaml").write_text(text)
    return folder / "runs" / "lines"


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A finished sweep, and its report."""
    folder = tmp_path_factory.mktemp("swept")
    sweep = write(folder)
    return sweep, report_of("sweep", "lines.yaml", "--best", "best.yaml", cwd=folder)


def test_every_trial_is_an_ordinary_run(swept: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    sweep, report = swept
    assert report["counts"] == {"finished": 4, "early": 0, "pruned": 0, "failed": 0, "unfinished": 0}
    assert [trial["parameters"] for trial in report["trials"]] == [
        {"learning_rate": rate, "layers.0.out_features": width} for rate in (0.01, 0.1) for width in (4, 8)
    ]
    assert sorted(Path(trial["run"]).name for trial in report["trials"]) == [run.name for run in runs_in(sweep)]
    for trial in report["trials"]:
        run = sweep.parents[1] / trial["run"]
        config = load_config(run / "config.yaml").config
        assert config.learning_rate == trial["parameters"]["learning_rate"]
        assert json.loads((run / "result.json").read_text())["metrics"]["val_rmse"] == trial["value"]
        evaluated = report_of("eval", run, "--split", "validation", cwd=tmp_path)
        assert evaluated["metrics"]["rmse"] == trial["value"]


def test_what_is_derived(swept: tuple[Path, dict[str, Any]]) -> None:
    sweep, report = swept
    kept = json.loads((sweep / "sweep.json").read_text())
    assert kept["trials"] == report["trials"]
    rows = list(csv.DictReader((sweep / "trials.csv").read_text().splitlines()))
    assert [float(row["val_rmse"]) for row in rows] == [trial["value"] for trial in report["trials"]]
    assert [row["learning_rate"] for row in rows] == ["0.01", "0.01", "0.1", "0.1"]


def test_the_best_config_trains_again_to_the_same_bits(swept: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    sweep, report = swept
    values = [trial["value"] for trial in report["trials"]]
    best = sweep.parents[1] / report["best"]["run"]
    assert report["best"]["value"] == min(values)
    report_of("train", sweep.parents[1] / "best.yaml", "--run", "again", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "again") == checkpoints_of(best)
    assert rows_of(tmp_path / "again") == rows_of(best)


def test_the_same_command_again_runs_nothing(swept: tuple[Path, dict[str, Any]]) -> None:
    sweep, report = swept
    before = {path: path.stat().st_mtime_ns for run in runs_in(sweep) for path in run.rglob("*") if path.is_file()}
    again = report_of("sweep", "lines.yaml", cwd=sweep.parents[1])
    assert again["trials"] == report["trials"]
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_its_folder_tells_all(swept: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    sweep, report = swept
    told = report_of("sweep", sweep, "--best", tmp_path / "best.yaml", cwd=tmp_path)
    assert told["combinations"] == report["combinations"]
    assert (tmp_path / "best.yaml").read_bytes() == (sweep.parents[1] / "best.yaml").read_bytes()


def test_what_is_best_may_be_said(swept: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    shutil.copytree(swept[0].parents[1], tmp_path / "copy")
    said = "metric={name: val_rmse, direction: maximize}"
    report = report_of("sweep", "lines.yaml", said, cwd=tmp_path / "copy")
    assert report["direction"] == "maximize"
    assert report["best"]["value"] == max(trial["value"] for trial in swept[1]["trials"])


@pytest.mark.slow
def test_a_changed_grid_runs_only_what_is_new(tmp_path: Path) -> None:
    sweep = write(tmp_path)
    report_of("sweep", "lines.yaml", cwd=tmp_path)
    before = bytes_of(sweep)
    times = {run: (run / "result.json").stat().st_mtime_ns for run in runs_in(sweep)}
    more = report_of("sweep", "lines.yaml", "learning_rate=0.01,0.1,0.2", cwd=tmp_path)
    assert more["counts"]["finished"] == 6
    assert {run: (run / "result.json").stat().st_mtime_ns for run in times} == times
    assert {name: bytes_of(sweep)[name] for name in before} == before
    fewer = report_of("sweep", "lines.yaml", "learning_rate=0.1", cwd=tmp_path)
    assert [trial["parameters"]["layers.0.out_features"] for trial in fewer["trials"]] == [4, 8]
    assert len(runs_in(sweep)) == 6


@pytest.mark.slow
def test_runs_that_are_not_of_the_sweep_are_told(swept: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """As where an older version, or other settings, gave a trial another name."""
    shutil.copytree(swept[0].parents[1], tmp_path, dirs_exist_ok=True)
    sweep = tmp_path / "runs" / "lines"
    notes = report_of("sweep", "lines.yaml", cwd=tmp_path)["notes"]
    runs = runs_in(sweep)
    runs[0].rename(sweep / "0123456789ab")
    report = report_of("sweep", "lines.yaml", "layers.0.out_features=4,8", "learning_rate=0.1", cwd=tmp_path)
    assert len(report["trials"]) == 2
    other = len(runs_in(sweep)) - 2
    told = (
        f"runs/lines holds {other} other runs, with other settings or of another version of nnctl: they stay, and are"
    )
    assert [note.startswith(told) for note in report["notes"]].count(True) == len(report["notes"]) - len(notes) == 1
    assert set(runs[1:]) < set(runs_in(sweep))


@pytest.mark.slow
def test_a_grid_on_the_command_line(tmp_path: Path) -> None:
    write(tmp_path)
    settings = ("learning_rate=0.1,0.01", "layers.0.activation={type: elu, alpha: 2},relu", "epochs=1", "seeds=2")
    report = report_of("sweep", "run.yaml", *settings, cwd=tmp_path)
    assert report["sweep"] == "runs/run-sweep"
    assert report["metric"] == "val_loss"
    assert report["counts"]["finished"] == 8
    assert {trial["epochs"] for trial in report["trials"]} == {1}
    assert [trial["seed"] for trial in report["trials"]] == [0, 1] * 4
    assert report["trials"][0]["parameters"]["layers.0.activation"] == {"type": "elu", "alpha": 2}


@pytest.mark.slow
def test_alternatives_links_conditions_and_seeds(tmp_path: Path) -> None:
    sweep = write(
        tmp_path,
        """base: run.yaml
seeds: 2
parameters:
  optimizer: [adam, {type: sgd, momentum: 0.5}]
  optimizer.nesterov: {values: [false, true], when: {optimizer: sgd}}
  learning_rate, batch_size: [[0.01, 8], [0.02, 16]]
  layers:
    - [{type: linear, out_features: 1}]
    - [{type: linear, out_features: 4}, tanh, {type: linear, out_features: 1}]
""",
    )
    report = report_of("sweep", "lines.yaml", "epochs=1", cwd=tmp_path)
    assert report["counts"]["finished"] == (1 + 2) * 2 * 2 * 2
    assert len(runs_in(sweep)) == 24
    for trial in report["trials"]:
        config = load_config(tmp_path / trial["run"] / "config.yaml").config
        assert (config.learning_rate, config.batch_size) in ((0.01, 8), (0.02, 16))
        assert [config.learning_rate, config.batch_size] == trial["parameters"]["learning_rate, batch_size"]
        assert ("optimizer.nesterov" in trial["parameters"]) == (trial["parameters"]["optimizer"] != "adam")
        assert config.seed == trial["seed"]
    for combination in report["combinations"]:
        values = [report["trials"][number - 1]["value"] for number in combination["trials"]]
        assert len(values) == 2
        assert combination["mean"] == pytest.approx(sum(values) / 2)
        assert combination["deviation"] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    means = [combination["mean"] for combination in report["combinations"]]
    assert means == sorted(means)


@pytest.mark.slow
def test_combinations_that_are_the_same_run_once(tmp_path: Path) -> None:
    sweep = write(tmp_path, "base: run.yaml\nparameters: {optimizer: [adam, {type: adam}], epochs: [1, 2]}\n")
    done = nnctl("sweep", "lines.yaml", cwd=tmp_path)
    assert done.returncode == 0
    assert "2 of 4 combinations are the same runs as others" in done.stderr
    assert len(runs_in(sweep)) == 2


FAILING = """base: run.yaml
parameters:
  learning_rate: [1.0e+30, 0.01, 2.0e+30, 0.02]
"""


@pytest.mark.slow
def test_a_failed_trial_does_not_stop_the_others(tmp_path: Path) -> None:
    run = RUN.replace("activation: tanh", "activation: relu") + "optimizer: sgd\n"
    sweep = write(tmp_path, FAILING, run)
    done = nnctl("sweep", "lines.yaml", "--json", cwd=tmp_path)
    assert done.returncode == 7
    report = json.loads(done.stdout)
    assert [trial["status"] for trial in report["trials"]] == ["failed", "finished", "failed", "finished"]
    assert "training diverged in epoch 1" in report["trials"][0]["error"]
    assert report["best"]["parameters"]["learning_rate"] in (0.01, 0.02)
    times = {path: path.stat().st_mtime_ns for path in sweep.rglob("result.json")}
    assert nnctl("sweep", "lines.yaml", cwd=tmp_path).returncode == 7
    assert {path: path.stat().st_mtime_ns for path in times} == times, "what diverges would diverge again"


def test_fail_fast(tmp_path: Path) -> None:
    write(tmp_path, FAILING, RUN.replace("activation: tanh", "activation: relu") + "optimizer: sgd\n")
    done = nnctl("sweep", "lines.yaml", "--fail-fast", "--workers", "1", "--json", cwd=tmp_path)
    assert done.returncode == 7
    report = json.loads(done.stdout)
    assert report["stopped"] == "failed"
    assert report["counts"] == {"finished": 0, "early": 0, "pruned": 0, "failed": 1, "unfinished": 3}


@pytest.mark.slow
def test_changed_data_are_refused(tmp_path: Path) -> None:
    run = RUN.replace(f"{DATA}/function/sine.csv", "points.csv")
    write(tmp_path, SWEEP, run)
    (tmp_path / "points.csv").write_text((DATA / "function" / "sine.csv").read_text())
    report_of("sweep", "lines.yaml", cwd=tmp_path)
    with (tmp_path / "points.csv").open("a") as file:
        file.write("0.5,0.47\n")
    done = nnctl("sweep", "lines.yaml", cwd=tmp_path)
    assert done.returncode == 3
    assert "the data changed since this trial was run: points.csv" in done.stderr
    assert "another sweep with --run DIR" in " ".join(done.stderr.split())


LONG = RUN.replace("epochs: 3", "epochs: 60")


def start(folder: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*SLOW_COMMAND, "sweep", "lines.yaml", *options],
        cwd=folder,
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_rows(sweep: Path, process: subprocess.Popen[str]) -> None:
    wait_until(lambda: list(sweep.glob("*/metrics.jsonl")) or process.poll() is not None)
    assert process.poll() is None, process.communicate()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)]
)
def test_a_signal_stops_cleanly_and_the_same_command_goes_on(tmp_path: Path, number: int, code: int) -> None:
    sweep = write(tmp_path, run=LONG)
    process = start(tmp_path)
    wait_for_rows(sweep, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "to continue: run the same command again" in out
    begun = [run for run in runs_in(sweep) if (run / "checkpoints" / "last.safetensors").exists()]
    assert begun, "what was under way is saved"
    assert {result["stopped"] for result in results_in(sweep)} == {"signal"}
    assert report_of("sweep", "lines.yaml", cwd=tmp_path)["counts"]["finished"] == 4


@pytest.mark.slow
def test_a_time_limit(tmp_path: Path) -> None:
    sweep = write(tmp_path, SWEEP + "time_limit: 6s\n", LONG.replace("60", "100000"))
    out, _ = start(tmp_path, "--json").communicate(timeout=120)
    report = json.loads(out)
    assert report["stopped"] == "time_limit"
    assert report["counts"]["unfinished"] == 4
    assert {result["stopped"] for result in results_in(sweep)} == {"signal"}


@pytest.mark.slow
def test_two_sweeps_in_one_folder_are_refused(tmp_path: Path) -> None:
    sweep = write(tmp_path, run=LONG.replace("60", "100000"))
    process = start(tmp_path)
    try:
        wait_for_rows(sweep, process)
        second = nnctl("sweep", "lines.yaml", cwd=tmp_path)
        assert second.returncode == 8
        assert "another sweep is running here" in second.stderr
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


PRUNED = """base: run.yaml
method: random
trials: 12
metric: val_loss
prune: {type: asha, min_epochs: 1, factor: 3}
parameters:
  learning_rate: {min: 0.0001, max: 1, scale: log}
  layers.0.out_features: {min: 2, max: 16, integer: true}
"""


@pytest.mark.slow
@pytest.mark.parametrize("method", ["random", "{type: tpe, startup: 4}"])
def test_pruned_and_proposed_alike_with_any_number_of_workers(tmp_path: Path, method: str) -> None:
    """And after an interruption: a trial learns from those that are `parallel` before it, whatever has ended."""
    text = PRUNED.replace("random", method)
    write(tmp_path, text, RUN.replace("epochs: 3", "epochs: 9"))
    reports = {}
    for workers in ("1", "2"):
        report = report_of("sweep", "lines.yaml", "--workers", workers, "--run", workers, cwd=tmp_path)
        assert report["counts"]["pruned"] >= 3
        assert report["counts"]["failed"] == report["counts"]["unfinished"] == 0
        reports[workers] = [(trial["parameters"], trial["status"], trial["epochs"]) for trial in report["trials"]]
    assert reports["1"] == reports["2"]
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "2")
    shorter = report_of("sweep", "lines.yaml", "trials=8", "--run", "3", cwd=tmp_path)
    assert len(shorter["trials"]) == 8
    report_of("sweep", "lines.yaml", "--run", "3", cwd=tmp_path)
    assert bytes_of(tmp_path / "3") == bytes_of(tmp_path / "1")


@pytest.mark.slow
def test_the_example_ends_with_its_tables(tmp_path: Path) -> None:
    """At least twelve combinations; shorter here, and on fewer digits."""
    done = nnctl("sweep", CONFIGS / "sweep_mnist.yaml", "epochs=1", "data.validation=0.9", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "12 trials" in done.stdout
    assert "learning_rate" in done.stdout
    assert len(runs_in(tmp_path / "runs" / "sweep-mnist")) == 12
