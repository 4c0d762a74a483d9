"""`..` behind a linked folder: as the shell has it, in whatever folder one stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import report_of

REST = "layers: [{type: linear, out_features: 1}]\nloss: mse\nbatch_size: 2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """project/configs leads to shared/configs, and each of project and shared has data of its own."""
    for name, rows in (("project", 4), ("shared", 7)):
        (tmp_path / name / "data").mkdir(parents=True)
        text = "x,y\n" + "".join(f"{row},{row % 3}\n" for row in range(rows))
        (tmp_path / name / "data" / "points.csv").write_text(text)
    (tmp_path / "shared" / "configs").mkdir()
    (tmp_path / "shared" / "configs" / "run.yaml").write_text(
        f"data: {{source: ../data/points.csv, target: y}}\n{REST}"
    )
    (tmp_path / "project" / "configs").symlink_to("../shared/configs")
    return tmp_path


def samples(*arguments: str, cwd: Path) -> int:
    count: int = report_of("check", *arguments, cwd=cwd)["data"]["splits"]["train"]["samples"]
    return count


@pytest.mark.parametrize(
    ("where", "config"),
    [
        ("project", "configs/run.yaml"),
        ("project/configs", "run.yaml"),
        ("shared", "configs/run.yaml"),
        ("shared/configs", "run.yaml"),
        ("project", "./configs/../configs/run.yaml"),
        ("project/configs", "../configs/run.yaml"),
        (".", "project/configs/run.yaml"),
        (".", "shared/configs/run.yaml"),
    ],
)
def test_the_data_do_not_depend_on_the_folder_one_stands_in(folder: Path, where: str, config: str) -> None:
    assert (folder / "project/configs/../data/points.csv").read_text().count("\n") == 1 + 7  # what `cat` opens
    assert samples(config, cwd=folder / where) == 7


def test_an_override_is_as_the_shell_has_it(folder: Path) -> None:
    override = "data.source=configs/../data/points.csv"
    assert samples("configs/run.yaml", override, cwd=folder / "project") == 7
    assert samples("configs/run.yaml", "data.source=data/points.csv", cwd=folder / "project") == 4


def test_other_keys_with_paths(folder: Path) -> None:
    for key in ("validation", "test"):
        report = report_of(
            "check", "configs/run.yaml", f"data.{key}=configs/../data/points.csv", cwd=folder / "project"
        )
        assert report["data"]["splits"][key]["samples"] == 7


@pytest.mark.parametrize(
    ("where", "config"),
    [("project", "configs/own.yaml"), ("project/configs", "own.yaml"), ("shared/configs", "own.yaml")],
)
def test_a_base_is_the_same_too(folder: Path, where: str, config: str) -> None:
    """project/base and shared/base name their own data."""
    for name in ("project", "shared"):
        (folder / name / "base").mkdir()
        (folder / name / "base" / "base.yaml").write_text(f"data: {{source: ../data/points.csv, target: y}}\n{REST}")
    (folder / "shared" / "configs" / "own.yaml").write_text("base: ../base/base.yaml\nepochs: 1\n")
    assert samples(config, cwd=folder / where) == 7


@pytest.mark.slow
def test_a_sweep_reads_the_same_data(folder: Path) -> None:
    (folder / "shared" / "configs" / "sweep.yaml").write_text(
        "base: run.yaml\nparameters: {learning_rate: [0.1, 0.01]}\n"
    )
    report_of("sweep", "configs/sweep.yaml", "epochs=1", "--run", folder / "sweep", cwd=folder / "project")
    report = report_of("sweep", "sweep.yaml", "epochs=1", "--run", folder / "sweep", cwd=folder / "shared" / "configs")
    assert report["counts"]["finished"] == 2
    assert len([run for run in (folder / "sweep").iterdir() if run.is_dir()]) == 2


@pytest.mark.slow
def test_a_draft_in_a_linked_folder_finds_its_table(folder: Path) -> None:
    """Its path starts from where the draft really lies."""
    for number, table in enumerate(
        ("data/points.csv", "../shared/data/points.csv", folder / "project/data/points.csv")
    ):
        draft = f"configs/draft{number}.yaml"
        report_of("init", table, "--target", "y", "-o", draft, cwd=folder / "project")
        splits = report_of("check", draft, cwd=folder / "project")["data"]["splits"]
        assert sum(split["samples"] for split in splits.values()) == (7 if "shared" in str(table) else 4)
