"""Tables as people have them, by every command: drafted without a hand, trained well, evaluated and predicted."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.support.command import nnctl, report_of
from tests.support.odd_files import ODD_FILES, write_odd_file


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
