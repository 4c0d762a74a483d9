"""Tables as people have them, by every command: drafted without a hand, trained well, evaluated and predicted."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.support.command import nnctl, report_of
from tests.support.odd_files import ODD_FILES, write_odd_file

KINDS = {
    **{"tickets": "category", "names": "category", "dollars": "number", "euros": "number", "kilograms": "number"},
    **{"apostrophes": "number", "brackets": "number", "British dates": "date", "American dates": "date"},
    **{"dates in words": "date", "unknown dates": "date", "no dates": "date", "None in yes and no": "number"},
    **{"hours": "date", "units": "number", "question marks": "number", "Parquet of strings": "date"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD_FILES)
def test_every_odd_file_is_drafted(name: str, tmp_path: Path) -> None:
    expected, file = ODD_FILES[name], write_odd_file(tmp_path, name)
    arguments = ("init", file.name, "--target", expected.target, *expected.options)
    report = report_of(*arguments, cwd=tmp_path)
    said = [*report["notes"], report["text"], *(f"{column['why']} {column['kind']}" for column in report["columns"])]
    for words in expected.says:
        assert words in " ".join(said)
    assert report["columns"][0]["kind"] == KINDS.get(name, report["columns"][0]["kind"])
    inputs = [column["name"] for column in report["columns"] if column["role"] == "input"]
    assert inputs
    (target,) = (column for column in report["columns"] if column["role"] == "target")
    classes = {"accuracy": "2 classes", "r2": " to "}[expected.score]
    assert classes in target["why"], target


@pytest.mark.slow
@pytest.mark.parametrize("name", ODD_FILES)
def test_every_command_on_an_odd_file(name: str, tmp_path: Path) -> None:
    expected, file = ODD_FILES[name], write_odd_file(tmp_path, name)
    done = nnctl("init", file.name, "--target", expected.target, *expected.options, "-o", "c.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in expected.says:
        assert words in done.stderr + (tmp_path / "c.yaml").read_text(), done.stderr
    report_of("check", "c.yaml", cwd=tmp_path)
    report_of("train", "c.yaml", "--run", "run", cwd=tmp_path)
    split = "train" if name == "fifteen rows" else "test"
    metrics = report_of("eval", "run", "--split", split, cwd=tmp_path)["metrics"]
    assert metrics[expected.score] >= expected.least, metrics
    predicted = nnctl("predict", "run", file.name, cwd=tmp_path)
    assert predicted.returncode == 0, predicted.stderr
    assert len(list(csv.DictReader(predicted.stdout.splitlines()))) >= 15
