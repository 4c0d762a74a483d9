"""`python -m examples`: it ends with what was reached, and fails where that is too little."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples import __main__ as command
from examples.scores import Score


@pytest.fixture
def expecting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Score]:
    """The rows of the table, to be filled in; runs are kept in a folder of their own."""
    rows: list[Score] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "read_scores", lambda: rows)
    return rows


def test_a_good_score(expecting: list[Score], capsys: pytest.CaptureFixture[str]) -> None:
    expecting.append(Score("perceptron", "AND and OR.", "train", "accuracy", True, "1.0"))
    assert command.main([]) == 0
    assert command.main(["perceptron"]) == 0
    told = capsys.readouterr().out
    assert "perceptron: AND and OR." in told
    assert "all are as good as expected" in told
    assert Path("runs", "examples", "perceptron").is_dir()
    assert Path("runs", "examples-2", "perceptron").is_dir()


def test_a_bad_score(expecting: list[Score], capsys: pytest.CaptureFixture[str]) -> None:
    expecting.append(Score("perceptron", "", "train", "accuracy", True, "1.1"))
    assert command.main([]) == 1
    assert "worse than expected: perceptron" in capsys.readouterr().out


def test_an_unknown_name(expecting: list[Score], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["nothing"]) == 2
    assert "there is no example nothing" in capsys.readouterr().err
    assert not Path("runs").exists()
