"""`nnctl runs`: what is listed, in which order, and how the configs differ."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.commands.runs import runs
from nnctl.files import to_json
from tests.support.command import CONFIGS, nnctl
from tests.support.refusal import refusal_of

CONFIG = {"name": "r", "learning_rate": 0.1, "optimizer": {"type": "adam"}, "monitor": "val_loss"}
ROWS = [
    {"epoch": 1, "step": 4, "learning_rate": 0.1, "loss": 0.9, "val_loss": 0.8, "seconds": 0.25},
    {"epoch": 2, "step": 8, "learning_rate": 0.1, "loss": 0.7, "val_loss": 0.5, "seconds": 0.25},
    {"epoch": 3, "step": 12, "learning_rate": 0.1, "loss": 0.5, "val_loss": 0.6, "seconds": 0.25},
]


def result(stopped: str = "finished", **metrics: float | None) -> dict[str, Any]:
    return {
        **{"run": "elsewhere", "epochs": 5, "best_epoch": 4, "stopped": stopped, "metrics": metrics or {"loss": 0.5}},
        **{"seconds": {"total": 2.5, "train": 2.0}, "parameters": 17},
    }


def write(run: Path, *, when: int = 0, result: Any = None, rows: Any = (), **config: Any) -> Path:
    """A run folder. when: seconds after a moment, when it last wrote."""
    (run / "checkpoints").mkdir(parents=True)
    (run / "config.yaml").write_text(to_json(CONFIG | config))
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if result is not None:
        (run / "result.json").write_text(to_json(result))
    for path in run.iterdir():
        os.utime(path, (1_700_000_000 + when, 1_700_000_000 + when))
    return run


def names(report: dict[str, Any]) -> list[str]:
    return [run["name"] for run in report["runs"]]


def by_name(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {run["name"]: run for run in report["runs"]}


def listed(folder: Path, *arguments: str) -> dict[str, Any]:
    done = nnctl("runs", *arguments, "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_runs_as_they_are_trained(tmp_path: Path) -> None:
    for setting in ("learning_rate=0.5", "learning_rate=0.1"):
        nnctl("train", CONFIGS / "xor.yaml", "epochs=3", setting, "-q", cwd=tmp_path)
    nnctl("train", CONFIGS / "penguins.yaml", "epochs=1", "--folds", "2", "-q", cwd=tmp_path)
    report = listed(tmp_path)
    assert list(report) == ["folder", "sort", "runs", "differences", "folders", "notes"]
    assert names(report) == ["xor-2", "xor"]
    assert report["differences"] == ["learning_rate"]
    assert report["folders"] == [{"folder": "runs/penguins", "runs": 2}]
    for run, rate in zip(report["runs"], (0.1, 0.5), strict=True):
        known = json.loads((tmp_path / run["run"] / "result.json").read_text())
        assert run["config"] == {"learning_rate": rate}
        assert [run[key] for key in ("status", "epochs", "metrics", "seconds", "parameters")] == [
            *("finished", 3, known["metrics"], known["seconds"]["total"], known["parameters"])
        ]
    assert len(listed(tmp_path, "runs/penguins")["runs"]) == 2
    assert [run["run"] for run in listed(tmp_path, "runs/xor")["runs"]] == ["runs/xor"]
    done = nnctl("runs", cwd=tmp_path)
    assert "runs/penguins holds 2 runs: nnctl runs runs/penguins" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[1][:3] == ["run", "accuracy", "learning_rate"]
    assert [row[0] for row in rows[3:5]] == ["xor-2", "xor"]


def test_the_newest_is_first(tmp_path: Path) -> None:
    for name, when in (("b", 5), ("a", 1), ("c", 3)):
        write(tmp_path / name, when=when, result=result())
    report = listed(tmp_path, ".")
    assert names(report) == ["b", "c", "a"]
    assert report["runs"][0]["when"].startswith("2023-11-1")


@pytest.mark.parametrize(
    ("metric", "order"),
    [
        ("val_accuracy", ["high", "low", "none", "nan"]),
        ("accuracy", ["high", "low", "none", "nan"]),
        ("top_5", ["high", "low", "none", "nan"]),
        ("val_loss", ["low", "high", "none", "nan"]),
        ("rmsle", ["low", "high", "none", "nan"]),
    ],
)
def test_sorted_by_a_metric_the_best_is_first(tmp_path: Path, metric: str, order: list[str]) -> None:
    write(tmp_path / "none", result=result(other=1.0))
    write(tmp_path / "nan", result=result(**{metric: None}))
    write(tmp_path / "low", result=result(**{metric: 0.1}))
    write(tmp_path / "high", result=result(**{metric: 0.9}))
    assert sorted(names(listed(tmp_path, ".", "--sort", metric))[2:]) == sorted(order[2:])
    assert names(listed(tmp_path, ".", "--sort", metric))[:2] == order[:2]


def test_an_unknown_metric_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a", result=result(val_accuracy=0.5, loss=0.1))
    refusal_of("runs", ".", "--sort", "val_acuracy", cwd=tmp_path, code=2).says("did you mean val_accuracy?")
    refusal_of("runs", ".", "--sort", "speed", cwd=tmp_path, code=2).says("there are: val_accuracy, loss")
    write(tmp_path / "empty" / "b")
    refusal_of("runs", "empty", "--sort", "loss", cwd=tmp_path, code=2).says("measured anything yet")


def test_what_holds_no_runs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty" / "deep" / "deeper" / "checkpoints").mkdir(parents=True)
    (tmp_path / "file").touch()
    refusal_of("runs", cwd=tmp_path, code=2).says("runs: cannot be listed: No such file", "nnctl train CONFIG")
    refusal_of("runs", "file", cwd=tmp_path, code=2).says("file: cannot be listed: Not a directory")
    refusal_of("runs", "empty/deep/deeper/checkpoints", cwd=tmp_path, code=2).says("holds no runs")
    assert listed(tmp_path, "empty/deep")["runs"][0]["status"] == "unfinished"
    assert listed(tmp_path, "empty")["folders"] == [{"folder": "empty/deep", "runs": 1}]


def test_how_runs_ended(tmp_path: Path) -> None:
    for status in ("finished", "early", "pruned"):
        write(tmp_path / status, result=result(status, loss=0.25), rows=ROWS)
    write(tmp_path / "failed", result={"error": {"kind": "diverged", "problems": []}}, rows=ROWS)
    write(tmp_path / "stopped", result=result("signal", loss=0.25), rows=ROWS)
    write(tmp_path / "running", rows=ROWS)
    write(tmp_path / "begun")
    found = by_name(listed(tmp_path, "."))
    for status in ("finished", "early", "pruned"):
        keys = ("status", "epochs", "metrics", "seconds")
        assert [found[status][key] for key in keys] == [status, 5, {"loss": 0.25}, 2.5]
    assert [found[name]["status"] for name in ("failed", "stopped", "running", "begun")] == ["failed"] + [
        "unfinished"
    ] * 3
    for name in ("failed", "stopped", "running"):
        assert found[name]["metrics"] == {"loss": 0.7, "val_loss": 0.5}, "not of the best epoch"
        assert found[name]["epochs"] == 3
    assert (found["running"]["seconds"], found["begun"]["metrics"], found["begun"]["epochs"]) == (0.75, {}, 0)


def test_the_best_epoch_is_that_of_the_monitor(tmp_path: Path) -> None:
    rows = [row | {"accuracy": value} for row, value in zip(ROWS, (0.5, None, 0.25), strict=True)]
    write(tmp_path / "a", rows=rows, monitor="accuracy")
    assert listed(tmp_path, ".")["runs"][0]["metrics"]["loss"] == 0.9


def test_a_run_without_a_config_differs_in_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a", result=result())
    write(tmp_path / "b", result=result(), learning_rate=0.5, optimizer={"type": "sgd", "momentum": 0.9})
    (write(tmp_path / "c", result={"error": {}}) / "config.yaml").unlink()
    report = listed(tmp_path, ".")
    assert report["differences"] == ["learning_rate", "optimizer"]
    assert {name: run["config"] for name, run in by_name(report).items()} == {
        "a": {"learning_rate": 0.1, "optimizer": {"type": "adam"}},
        "b": {"learning_rate": 0.5, "optimizer": {"type": "sgd", "momentum": 0.9}},
        "c": {},
    }


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("config.yaml", b"a: [1", "config.yaml"),
        ("config.yaml", b"- 1\n- 2\n", "is not a config"),
        ("config.yaml", b"a: &x [1]\nb: *x\n", "is not a config"),
        ("config.yaml", b"a: 1\xff\n", "is not UTF-8"),
        ("config.yaml", b"a: 1\n" * 300_000, "is larger than"),
        ("config.yaml", b"[" * 10_000, "levels deep"),
        ("config.yaml", None, "is a folder"),
        ("result.json", b"{", "result.json cannot be read"),
        ("result.json", b"[" * 100_000, "result.json cannot be read"),
        ("result.json", None, "is not a file"),
        ("metrics.jsonl", None, "is not a file"),
    ],
)
def test_a_damaged_run_is_told_and_left_out(tmp_path: Path, file: str, content: bytes | None, said: str) -> None:
    write(tmp_path / "good", result=result())
    damaged = write(tmp_path / "bad", result=result()) / file
    damaged.unlink()
    if content is None:
        damaged.mkdir()
    else:
        damaged.write_bytes(content)
    done = nnctl("runs", ".", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert names(report) == ["good"]
    (note,) = report["notes"]
    assert note.startswith(f"bad/{file}")
    assert note.endswith("; this run is left out")
    assert said in note
    assert "note: " in done.stderr


def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(write(tmp_path / "a") / "result.json")
    assert listed(tmp_path, ".")["notes"] == ["a/result.json is not a file; this run is left out"]


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
)
keys = st.sampled_from(["stopped", "metrics", "epochs", "seconds", "parameters", "error", "monitor", "epoch", "loss"])
mappings = st.dictionaries(keys, json_values)


@pytest.mark.slow
@given(result=st.one_of(mappings, json_values), row=mappings, config=mappings)
def test_whatever_the_files_say_it_lists_or_tells(
    tmp_path_factory: pytest.TempPathFactory, result: Any, row: dict[str, Any], config: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name, setting in (("a", config), ("b", {})):
        run = write(folder / name, rows=[row, {"epoch": 1, "loss": 0.5}], **setting)
        (run / "result.json").write_text(json.dumps(result))
    report = runs(folder)
    assert len(report["runs"]) + len(report["notes"]) == 2
    for run in report["runs"]:
        assert run["status"] in ("finished", "early", "pruned", "failed", "unfinished")
        assert all(value is None or isinstance(value, int | float) for value in run["metrics"].values())
    assert json.loads(to_json(report)) == report
