"""A network that learnt tic-tac-toe plays against a player who goes anywhere, and should not lose one game.

    nnctl train configs/tic_tac_toe.yaml
    python -m examples.tic_tac_toe runs/tic-tac-toe

All games are played side by side, so that one `nnctl.predict` makes a move in each.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import nnctl
from examples.make_tic_tac_toe import EMPTY, Board, after, free, is_lost

GAMES = 1_000  # half of them begun by the network


@dataclass
class Game:
    """turns: how many there were; the network has the even ones if it begins."""

    network_begins: bool
    board: Board = EMPTY
    turns: int = 0

    @property
    def is_networks_turn(self) -> bool:
        return (self.turns % 2 == 0) == self.network_begins

    @property
    def result(self) -> str:
        """Of the network, or nothing as long as the game goes on."""
        if is_lost(self.board):
            return "lost" if self.is_networks_turn else "won"
        return "" if free(self.board) else "drawn"

    def go(self, square: int) -> None:
        assert square in free(self.board), f"square {square} is not free"
        self.board = after(self.board, square)
        self.turns += 1


@dataclass
class Results:
    """How many games the network has won, drawn and lost, by whether it began."""

    counts: Counter[tuple[bool, str]] = field(default_factory=Counter)

    def of(self, result: str) -> int:
        return self.counts[True, result] + self.counts[False, result]

    def __str__(self) -> str:
        lines = [f"{'the network is':16}{'won':>7}{'drawn':>7}{'lost':>7}"]
        for begins, name in ((True, "first"), (False, "second")):
            numbers = (self.counts[begins, result] for result in ("won", "drawn", "lost"))
            lines.append(f"{name:16}" + "".join(f"{number:7,}" for number in numbers))
        return "\n".join(lines)


def play(run: str | Path, games: int = GAMES, seed: int = 0) -> Results:
    """Results of so many games. run: a run folder, or a checkpoint. seed: of the other player's moves."""
    random = np.random.default_rng(seed)
    going = [Game(network_begins=number % 2 == 0) for number in range(games)]
    results = Results()
    while going:
        networks = [game for game in going if game.is_networks_turn]
        others = [game for game in going if not game.is_networks_turn]
        squares = network_moves(run, [game.board for game in networks])
        for game, square in zip(networks, squares, strict=True):
            game.go(square)
        for game in others:
            game.go(int(random.choice(free(game.board))))
        results.counts.update((game.network_begins, game.result) for game in going if game.result)
        going = [game for game in going if not game.result]
    return results


def network_moves(run: str | Path, boards: list[Board]) -> list[int]:
    """Where the network goes: of the free squares, the one that is most likely among the best."""
    with TemporaryDirectory() as folder:
        file, predicted = Path(folder, "boards.npz"), Path(folder, "predicted.csv")
        np.savez(file, x=np.array(boards, np.int8))
        nnctl.predict(run, file, output=predicted)
        with predicted.open(newline="") as lines:
            rows = list(csv.DictReader(lines))
    chances = np.array([[float(row[f"probability_{square + 1}"]) for square in range(9)] for row in rows])
    chances[np.array(boards) != 0] = -1.0
    return [int(square) for square in chances.argmax(axis=1)]


def main(run: str | Path) -> int:
    """Prints the results; 1 if a game was lost."""
    results = play(run)
    print(results)
    return 1 if results.of("lost") else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
