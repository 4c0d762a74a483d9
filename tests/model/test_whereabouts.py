"""Where the data of a checkpoint lie now, whatever environment.json says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nnctl.config.load import load_config
from nnctl.errors import DataError
from nnctl.model.whereabouts import kept_paths, located, notes_on_paths, paths_of, placeless_config

REST = "layers: [{type: linear, out_features: 1}]\nloss: mse\n"
DATA = "data: {source: data/a.csv, target: y, validation: more/a.csv}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("data", "more", "runs/r/checkpoints"):
        (tmp_path / "project" / name).mkdir(parents=True)
    for name in ("data/a.csv", "more/a.csv"):
        (tmp_path / "project" / name).touch()
    (tmp_path / "project" / "run.yaml").write_text(DATA + REST)
    return tmp_path / "project"


def kept(project: Path) -> dict[str, Any]:
    """The config in a checkpoint; and environment.json is written."""
    config = load_config(project / "run.yaml").config
    environment = {"paths": kept_paths(config, project / "runs" / "r")}
    (project / "runs" / "r" / "environment.json").write_text(json.dumps(environment))
    return placeless_config(config)


def checkpoint(project: Path) -> Path:
    return project / "runs" / "r" / "checkpoints" / "best.safetensors"


def test_each_by_its_key(project: Path) -> None:
    config = kept(project)
    assert (config["data"]["source"], config["data"]["validation"]) == ("a.csv", "a.csv")
    expected = {"source": str(project / "data/a.csv"), "validation": str(project / "more/a.csv")}
    assert paths_of(located(config, checkpoint(project))) == expected
    assert list(notes_on_paths(located(config, checkpoint(project)), checkpoint(project))) == []


def test_after_a_move_and_after_a_copy_they_are_beside_the_run(project: Path) -> None:
    config = kept(project)
    moved = project.rename(project.with_name("moved"))
    found = located(config, checkpoint(moved))
    assert paths_of(found) == {"source": str(moved / "data/a.csv"), "validation": str(moved / "more/a.csv")}
    notes = list(notes_on_paths(found, checkpoint(moved)))
    assert [note.partition(":")[0] for note in notes] == ["the project has moved"] * 2


@pytest.mark.parametrize(
    "environment",
    ["", "[]", "{}", '{"paths": 1}', '{"paths": {"source": "a"}}', '{"paths": {"source": [1, 2]}}', "\0", "[" * 9999],
)
def test_an_environment_that_tells_nothing(project: Path, environment: str) -> None:
    """Then files are looked for by their names, beside the run and above it."""
    config = kept(project)
    (project / "runs" / "r" / "environment.json").write_text(environment)
    found = located(config, checkpoint(project))
    with pytest.raises(DataError, match=r"a\.csv: does not exist"):
        list(notes_on_paths(found, checkpoint(project)))
    (project / "a.csv").touch()
    found = located(config, checkpoint(project))
    assert found.data.source == str(project / "a.csv")
    assert next(iter(notes_on_paths(found, checkpoint(project)))).startswith("the data are read from ")


def test_an_environment_of_another_run_is_not_believed(project: Path) -> None:
    config = kept(project)
    paths = {"source": ["more/b.csv", str(project / "more/b.csv")], "target": ["x", "y"], "layers": ["a.csv", "/a.csv"]}
    (project / "runs" / "r" / "environment.json").write_text(json.dumps({"paths": paths}))
    (project / "more" / "b.csv").touch()
    found = located(config, checkpoint(project))
    assert "b.csv" not in found.data.source
    assert found.data.model_dump()["target"] == ["y"]
