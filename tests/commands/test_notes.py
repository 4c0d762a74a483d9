"""Notes are in the report of every command, and on stderr, with `-q` as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import nnctl

RUN = """data: {source: points.csv, target: y, validation: 0.25, test: 0.2}
layers: [{type: linear, out_features: 1}]
loss: mse
epochs: 1
batch_size: 4
"""
SAME = "samples have the same inputs as a training sample"
CONSTANT = "an input is constant in the training samples: same"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every sample is there many times, and one column tells nothing."""
    folder = tmp_path_factory.mktemp("notes")
    (folder / "points.csv").write_text(
        "x,kind,same,y\n" + "".join(f"{row % 3},{'ab'[row % 2]},1,{row % 3}\n" for row in range(60))
    )
    (folder / "new.csv").write_text("x,kind,same,y,more\n1,c,1,1,0\n2,a,1,2,0\n")
    (folder / "run.yaml").write_text(RUN)
    (folder / "sweep.yaml").write_text("base: run.yaml\nparameters: {learning_rate: [0.1, 0.01]}\n")
    done = nnctl("train", "run.yaml", "--run", "run", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def told(*arguments: str, cwd: Path) -> tuple[list[str], list[str]]:
    """The notes of the report, and those on stderr."""
    done = nnctl(*arguments, "--json", cwd=cwd)
    assert done.returncode in (0, 6), done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert all(isinstance(note, str) for note in report["notes"])
    shown = [line.removeprefix("note: ") for line in done.stderr.splitlines() if line.startswith("note: ")]
    return report["notes"], shown


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("train run.yaml --run {}", [CONSTANT, SAME]),
        ("train run.yaml --run {} -q", [CONSTANT, SAME]),
        ("train run.yaml --run {} -q data.test=null --folds 2", [CONSTANT, SAME]),
        ("train run.yaml --run run --resume -q", [CONSTANT, SAME, "nothing to do: run finished after 1 epoch;"]),
        ("check run.yaml", [CONSTANT, SAME]),
        ("eval run --data new.csv", ["column kind: 1 of the 2 given samples has a value that training never saw"]),
        ("eval run --fail-if loss>=0", ["--fail-if 'loss>=0' holds"]),
        (
            "predict run new.csv -o {}",
            ["columns that are not inputs are ignored: more", "column kind: 1 of the 2 rows"],
        ),
        pytest.param("sweep sweep.yaml --run {} -q", [CONSTANT, SAME], marks=pytest.mark.slow),
        pytest.param("sweep sweep.yaml --run {}", [CONSTANT, SAME], marks=pytest.mark.slow),
    ],
)
def test_in_the_report_and_on_stderr(folder: Path, tmp_path: Path, arguments: str, expected: list[str]) -> None:
    in_report, on_stderr = told(*arguments.format(tmp_path / "made").split(), cwd=folder)
    assert in_report == on_stderr
    for text in expected:
        assert sum(text in note for note in in_report) >= 1, in_report
    assert len(set(in_report)) == len(in_report), "each is said once"
    for name in ("result.json", "sweep.json"):
        if (tmp_path / "made" / name).exists():
            assert json.loads((tmp_path / "made" / name).read_text())["notes"] == in_report


def test_an_error_has_the_notes_before_it(folder: Path, tmp_path: Path) -> None:
    """As do those of a run that diverges."""
    settings = ("optimizer=sgd", "learning_rate=1e30", "epochs=9", "data.numbers.scale=none")
    done = nnctl("train", "run.yaml", *settings, "--run", tmp_path / "run", "-q", "--json", cwd=folder)
    assert done.returncode == 5
    printed = json.loads(done.stdout)
    assert printed["error"]["kind"] == "diverged"
    assert any(SAME in note for note in printed["notes"])
    done = nnctl("train", "run.yaml", "epochs=none", "--json", cwd=folder)
    assert json.loads(done.stdout).keys() == {"error"}


def test_quiet_is_quiet_but_for_notes(folder: Path, tmp_path: Path) -> None:
    done = nnctl("train", "run.yaml", "--run", tmp_path / "run", "-q", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr
    assert all(line.startswith("note: ") for line in done.stderr.splitlines())


@pytest.mark.slow
def test_a_sweep_that_is_looked_at_has_its_notes(folder: Path, tmp_path: Path) -> None:
    notes, _ = told("sweep", "sweep.yaml", "--run", str(tmp_path / "s"), cwd=folder)
    done = nnctl("sweep", tmp_path / "s", "--json", cwd=folder)
    assert json.loads(done.stdout)["notes"] == notes
    for run in (tmp_path / "s").iterdir():
        if run.is_dir():
            assert json.loads((run / "result.json").read_text())["notes"]
