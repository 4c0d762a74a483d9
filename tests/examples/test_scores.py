"""The table of examples: a row for every config, which says what the config says."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples import scores
from examples.scores import Score, first_line, read_scores, write_scores
from tests.support.command import CONFIGS

ROW = "| xor | XOR. | train accuracy | >= 0.9 | 0.9100 |"


def test_every_config_has_an_expected_score() -> None:
    rows = read_scores()
    assert sorted(row.config for row in rows) == sorted(path.stem for path in CONFIGS.glob("*.yaml"))
    for row in rows:
        assert row.shows == first_line(row.file), "run `python -m examples --write`"
        assert row.reached, f"{row.config}: run `python -m examples {row.config} --write`"
        assert row.holds(float(row.reached))
        assert (row.of in ("best", "mean")) == row.config.startswith("sweep")


def test_the_first_line_is_a_comment() -> None:
    assert all(path.read_text().startswith("# ") for path in CONFIGS.glob("*.yaml"))


@pytest.mark.parametrize(("at_least", "value", "holds"), [(True, 0.9, True), (True, 0.89, False), (False, 0.9, True)])
def test_a_score_holds(at_least: bool, value: float, holds: bool) -> None:
    score = Score("xor", "", "train", "accuracy", at_least, "0.9")
    assert score.holds(value) is holds
    assert not score.holds(float("nan"))


def test_what_was_reached_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "README.md"
    monkeypatch.setattr(scores, "TABLE", table)
    table.write_text(
        f"# Examples\n\n| config | what | of | e | r |\n| --- | --- |\n{ROW}\n| gate | | best x | <= 1 | |\n"
    )
    write_scores({"xor": 0.95, "other": 1.0})
    xor, gate = read_scores()
    assert (xor.reached, xor.shows) == ("0.9500", first_line(CONFIGS / "xor.yaml"))
    assert (gate.reached, gate.at_least) == ("", False)
    assert table.read_text().startswith("# Examples\n\n| config | what |")


@pytest.mark.parametrize("cell", ["| all accuracy |", "| train accuracy | = 1 |"])
def test_a_row_that_is_not_understood(cell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "README.md"
    table.write_text(ROW.replace("| train accuracy |", cell) + "\n")
    monkeypatch.setattr(scores, "TABLE", table)
    with pytest.raises(ValueError, match="is no row"):
        read_scores()
