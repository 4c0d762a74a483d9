"""Sweeps that cannot be run: every mistake is told before the first trial, with its place and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import DATA
from tests.support.refusal import refusal_of

RUN = f"""data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers:
  - {{type: linear, out_features: 8, activation: tanh}}
  - {{type: linear, out_features: 1}}
loss: mse
batch_size: 8
epochs: 2
"""
IMAGES = f"""data: {DATA}/mnist
layers:
  - {{type: conv2d, out_channels: 2, kernel_size: 3}}
  - {{type: conv2d, out_channels: 2, kernel_size: 3}}
  - flatten
  - {{type: linear, out_features: 10}}
loss: cross_entropy
"""
TEN = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]"
BILLION = "\n".join(f"  {key}: {TEN}" for key in ["batch_size", "epochs", "seed", *(f"data.k{n}" for n in range(6))])
HUGE = "  learning_rate: {min: 1, max: 2, steps: 10000}\n  batch_size: {min: 1, max: 9, steps: 10000}"
HUGE += "\n  epochs: {min: 1, max: 9, steps: 10}"

# what stands behind `base: run.yaml`, the place, the key, what is wrong, the remedy
FILES: dict[str, tuple[str, str, str, str, str]] = {
    "unknown path": (
        "parameters: {lerning_rate: [0.1, 0.2]}",
        "sweep.yaml:2:14",
        "lerning_rate",
        "unknown key",
        "did you mean learning_rate?",
    ),
    "unknown key of a layer": (
        "parameters: {layers.0.out_featurs: [1, 2]}",
        "sweep.yaml:2:14",
        "layers.0.out_featurs",
        "unknown key",
        "did you mean out_features?",
    ),
    "no such layer": (
        "parameters: {layers.7.out_features: [1, 2]}",
        "sweep.yaml:2:14",
        "",
        "layers has no item 7",
        "there are: 0 to 1",
    ),
    "63 empty axis": (
        "parameters: {learning_rate: []}",
        "sweep.yaml:2:29",
        "parameters.learning_rate",
        "got an empty list",
        "give at least 1 item",
    ),
    "63 repeated value": (
        "parameters: {learning_rate: [0.1, 0.2, 1e-1]}",
        "sweep.yaml:2:40",
        "parameters.learning_rate.2",
        "is the same as item 0",
        "remove one of the two",
    ),
    "no list": (
        "parameters: {learning_rate: 0.1}",
        "sweep.yaml:2:29",
        "parameters.learning_rate",
        "got a single value, 0.1",
        "give a list such as",
    ),
    "62 a billion combinations": (
        f"parameters:\n{BILLION}",
        "sweep.yaml:1:1",
        "method",
        "the grid has up to 1,000,000,000 combinations, at most 10,000 can be tried",
        "use method: random with trials: 100",
    ),
    "62 a billion steps": (
        f"parameters:\n{HUGE}",
        "sweep.yaml:1:1",
        "method",
        "at most 10,000 can be tried",
        "use method: random",
    ),
    "a value that no run can have": (
        "parameters: {learning_rate: [0.1, -1], batch_size: [4, 8]}",
        "sweep.yaml:2:35",
        "learning_rate",
        "expected a number above 0, got -1 (in 2 of 4 combinations, such as learning_rate=-1 batch_size=4)",
        "leave it out",
    ),
    "shapes that fail": (
        "parameters: {layers.1.out_features: [1, 2], batch_size: [4, 8]}",
        "run.yaml:4:5",
        "layers.1",
        "the last layer gives 2 outputs, the data has 1 target columns (in 2 of 4 combinations, such as "
        "layers.1.out_features=2 batch_size=4)",
        "give the last layer 1 outputs",
    ),
    "a batch that is too large": (
        "parameters: {batch_size: [8, 100000]}",
        "sweep.yaml:2:30",
        "batch_size",
        "is 100000, there are",
        "use at most",
    ),
    "data that are not there": (
        f"parameters: {{data.source: [nothere.csv, {DATA}/function/sine.csv]}}",
        "nothere.csv",
        "",
        "does not exist (in 1 of 2 combinations",
        "check the path",
    ),
    "a range in a grid": (
        "parameters: {learning_rate: {min: 0.1, max: 1}}",
        "sweep.yaml:1:1",
        "method",
        "learning_rate is a range",
        "add steps: 5",
    ),
    "a range upside down": (
        "parameters: {learning_rate: {min: 1, max: 0.1}}",
        "sweep.yaml:2:29",
        "parameters.learning_rate",
        "has min 1 and max 0.1",
        "give a max above min",
    ),
    "logarithms of zero": (
        "parameters: {learning_rate: {min: 0, max: 0.1, scale: log}}",
        "sweep.yaml:2:29",
        "parameters.learning_rate",
        "has scale log and min 0",
        "give a min above 0",
    ),
    "linked keys of other lengths": (
        "parameters: {'learning_rate, batch_size': [[0.1, 8], [0.2]]}",
        "sweep.yaml:2:54",
        "parameters.learning_rate, batch_size.1",
        "expected a list of 2 values",
        "[[a, b], [c, d]]",
    ),
    "a key twice": (
        "parameters: {'learning_rate, batch_size': [[0.1, 8]], batch_size: [4, 8]}",
        "sweep.yaml:2:55",
        "parameters.batch_size",
        "sets batch_size, as learning_rate, batch_size does",
        "keep one of the two",
    ),
    "the wrong order": (
        "parameters: {optimizer.momentum: [0.1, 0.9], optimizer: [sgd, adam]}",
        "sweep.yaml:2:46",
        "parameters.optimizer",
        "replaces optimizer as a whole, and with it optimizer.momentum",
        "write it above optimizer.momentum",
    ),
    "a condition that never holds": (
        "parameters: {learning_rate: {values: [0.1, 0.2], when: {optimizer: rmsprop}}, batch_size: [4, 8]}",
        "sweep.yaml:2:14",
        "parameters.learning_rate",
        "is never used",
        "change its `when`",
    ),
    "unknown metric": (
        "metric: val_rsme\nparameters: {batch_size: [4, 8]}",
        "sweep.yaml:2:9",
        "metric",
        "is val_rsme, which is not measured",
        "did you mean val_rmse?",
    ),
    "unknown method": (
        "method: gird\nparameters: {batch_size: [4, 8]}",
        "sweep.yaml:2:9",
        "method",
        "unknown type 'gird'",
        "did you mean grid?",
    ),
    "trials of a grid": (
        "trials: 5\nparameters: {batch_size: [4, 8]}",
        "sweep.yaml:2:9",
        "trials",
        "a grid tries all of its combinations",
        "leave trials out",
    ),
    "no trials of a random search": (
        "method: random\nparameters: {batch_size: [4, 8]}",
        "sweep.yaml:2:9",
        "method",
        "needs the number of combinations to try",
        "add trials: 20",
    ),
    "more trials than combinations": (
        "method: random\ntrials: 3\nparameters: {batch_size: [4, 8]}",
        "sweep.yaml:3:9",
        "trials",
        "there are only 2",
        "method: grid",
    ),
    "62 a billion trials": (
        "method: random\ntrials: 1000000000\nparameters: {learning_rate: {min: 0.1, max: 1}}",
        "sweep.yaml:3:9",
        "trials",
        "expected a number of at most 10000, got 1000000000",
        "",
    ),
    "trials that the seeds do not divide": (
        "method: random\ntrials: 4\nseeds: 3\nparameters: {learning_rate: {min: 0.1, max: 1}}",
        "sweep.yaml:3:9",
        "trials",
        "is 4, which is not a multiple of the 3 seeds",
        "use 3 or 6",
    ),
    "no length of time": (
        "time_limit: soon\nparameters: {batch_size: [4, 8]}",
        "sweep.yaml:2:13",
        "time_limit",
        "'soon' is not a duration",
        "write seconds, or 30min",
    ),
    "misspelt": (
        "paramters: {batch_size: [4, 8]}",
        "sweep.yaml:2:1",
        "paramters",
        "unknown key",
        "did you mean parameters?",
    ),
}


def write(folder: Path, text: str) -> None:
    (folder / "run.yaml").write_text(RUN)
    (folder / "sweep.yaml").write_text(f"base: run.yaml\n{text}\n")


@pytest.mark.parametrize(("text", "place", "path", "what", "help"), FILES.values(), ids=FILES)
def test_a_mistake_in_the_file(tmp_path: Path, text: str, place: str, path: str, what: str, help: str) -> None:
    write(tmp_path, text)
    refusal = refusal_of("sweep", "sweep.yaml", cwd=tmp_path, code=3 if "not exist" in what else 2)
    (problem,) = refusal.problems
    found = ":".join(str(problem[key]) for key in ("file", "line", "column") if problem[key] is not None)
    assert found == place
    assert (problem["path"] or "") == path
    assert what in problem["what"]
    assert help in problem["help"]


def test_a_kernel_that_is_too_large_in_some_combinations(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(IMAGES)
    sizes = "parameters: {layers.0.kernel_size: [3, 25], layers.1.kernel_size: [3, 5]}"
    (tmp_path / "sweep.yaml").write_text(f"base: run.yaml\n{sizes}\n")
    refusal = refusal_of("sweep", "sweep.yaml", cwd=tmp_path, code=2)
    (problem,) = refusal.problems
    assert problem["path"].startswith("layers.1")
    assert "4 × 4" in problem["what"] or "4" in problem["what"]
    assert "in 1 of 4 combinations, such as layers.0.kernel_size=25 layers.1.kernel_size=5" in problem["what"]


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "parameters: {learning_rate: [0.1, -1], batch_size: [0, 8], lozz: [mse, mae]}")
    paths = {problem["path"] for problem in refusal_of("sweep", "sweep.yaml", cwd=tmp_path, code=2).problems}
    assert paths == {"learning_rate", "batch_size", "lozz"}


@pytest.mark.parametrize(
    ("overrides", "what", "help"),
    [
        (
            ["learning_rate=0.1,0.1"],
            "learning_rate=0.1,0.1: parameters.learning_rate.1: is the same as item 0",
            "remove",
        ),
        (["layers.0.out_features=4,abc"], "expected a whole number, got 'abc'", "write digits"),
        (["epohs=3", "batch_size=4,8"], "command line: epohs=3: epohs: unknown key", "did you mean epochs?"),
        (["batch_size=8"], "there is nothing to try", "give a setting several values"),
        (["batch_size=4,8", "trials=2"], "a grid tries all", "leave trials out"),
        (["batch_size=[4,8"], "is not closed", "`]`"),
        (["batch_size", "epochs=1,2"], "is not a setting", "write KEY=VALUE"),
    ],
)
def test_a_mistake_on_the_command_line(tmp_path: Path, overrides: list[str], what: str, help: str) -> None:
    (tmp_path / "run.yaml").write_text(RUN)
    refusal_of("sweep", "run.yaml", *overrides, cwd=tmp_path, code=2).says(what, help)


@pytest.mark.parametrize("base", ["nothere.yaml", "~nobody-of-this-name/nothere.yaml"])
def test_a_base_that_is_not_there(tmp_path: Path, base: str) -> None:
    (tmp_path / "sweep.yaml").write_text(f"name: s\nbase: {base}\nparameters: {{batch_size: [4, 8]}}\n")
    refusal = refusal_of("sweep", "sweep.yaml", cwd=tmp_path, code=2)
    refusal.says(f"sweep.yaml:2:7: base: {base}: does not exist")


def test_a_mistake_in_the_base_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, "parameters: {batch_size: [4, 8]}")
    (tmp_path / "run.yaml").write_text(RUN.replace("loss: mse", "loss: mze"))
    (problem,) = refusal_of("sweep", "sweep.yaml", cwd=tmp_path, code=2).problems
    assert (problem["file"], problem["line"], problem["help"]) == ("run.yaml", 5, "did you mean mse?")


@pytest.mark.parametrize("command", ["train", "check"])
def test_a_sweep_is_no_run(tmp_path: Path, command: str) -> None:
    write(tmp_path, "parameters: {batch_size: [4, 8]}")
    refusal_of(command, "sweep.yaml", cwd=tmp_path, code=2).says(
        "this is the file of a sweep", "run it with `nnctl sweep sweep.yaml`"
    )


@pytest.mark.parametrize(
    ("options", "what", "help"),
    [
        (["--scheduler", "tcp://127.0.0.1:1"], "--scheduler is of Dask, and the engine is local", "--engine dask"),
        (["--workers", "1000", "--threads", "1"], "are 1000 threads", "leave one of the two out"),
        (["--best", "run.yaml"], "is there already; nothing is overwritten", "choose another file with --best FILE"),
        (["--run", "taken"], "is the folder of a run, not of a sweep", "choose another folder"),
    ],
)
def test_options_that_cannot_be(tmp_path: Path, options: list[str], what: str, help: str) -> None:
    write(tmp_path, "parameters: {batch_size: [4, 8]}")
    (tmp_path / "taken" / "checkpoints").mkdir(parents=True)
    refusal_of("sweep", "sweep.yaml", *options, cwd=tmp_path, code=2).says(what, help)


def test_a_folder_that_is_none_of_a_sweep(tmp_path: Path) -> None:
    refusal_of("sweep", ".", cwd=tmp_path, code=2).says("is not the folder of a sweep", "give the folder of a sweep")
