"""Tic-tac-toe: the data are those of a perfect player, and who has learnt them does not lose."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nnctl
from examples import tic_tac_toe
from examples.make_tic_tac_toe import EMPTY, FILE, after, arrays, best, is_lost, value
from tests.support.command import CONFIGS


def test_the_file_holds_what_its_script_makes() -> None:
    """The arrays; how they are compressed differs from one zlib to another."""
    with np.load(FILE) as file:
        assert {name: (file[name].dtype, file[name].tolist()) for name in file.files} == {
            name: (array.dtype, array.tolist()) for name, array in arrays().items()
        }


def test_a_perfect_game_is_drawn() -> None:
    assert value(EMPTY) == 0
    assert best(EMPTY) == list(range(9))


def test_a_win_is_taken_and_one_of_the_others_is_prevented() -> None:
    assert best((1, 1, 0, -1, -1, 0, 0, 0, 0)) == [2]
    assert best((-1, -1, 0, 0, 1, 0, 0, 0, 0)) == [2]
    corner = after(EMPTY, 0)
    assert best(corner) == [4]  # the only answer to a corner is the middle
    assert is_lost((-1, 0, 0, 0, -1, 0, 0, 0, -1))


def test_who_always_knows_the_best_move_never_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tic_tac_toe, "network_moves", lambda run, boards: [best(board)[-1] for board in boards])
    results = tic_tac_toe.play("", games=300, seed=4)
    assert results.of("lost") == 0
    assert sum(results.counts.values()) == 300
    assert len(str(results).splitlines()) == 3


def test_who_knows_nothing_does(monkeypatch: pytest.MonkeyPatch) -> None:
    free = tic_tac_toe.free
    monkeypatch.setattr(tic_tac_toe, "network_moves", lambda run, boards: [free(board)[0] for board in boards])
    assert tic_tac_toe.play("", games=100).of("lost") > 0


@pytest.mark.slow
def test_the_network_loses_no_game(tmp_path: Path) -> None:
    nnctl.train(CONFIGS / "tic_tac_toe.yaml", run=tmp_path / "run")
    for seed in range(3):
        results = tic_tac_toe.play(tmp_path / "run", seed=seed)
        assert results.of("lost") == 0
        assert results.of("won") > 900
    assert tic_tac_toe.main(tmp_path / "run") == 0
