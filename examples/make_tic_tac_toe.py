"""Write data/tic_tac_toe.npz: all positions of tic-tac-toe, and what a perfect player would do in each.

Run it by `python -m examples.make_tic_tac_toe`. x: (4520, 9) int8, the squares row by row as the player sees them whose
turn it is: 1 is his, -1 the other's, 0 free. y: (4520, 9) int8, 1 where he may go without giving away a win or a draw.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).parents[1] / "data" / "tic_tac_toe.npz"
LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))

Board = tuple[int, ...]
EMPTY: Board = (0,) * 9


def free(board: Board) -> list[int]:
    """The squares where nobody is."""
    return [square for square, who in enumerate(board) if who == 0]


def after(board: Board, square: int) -> Board:
    """The board as the other player sees it, once the one whose turn it is has gone there."""
    return tuple(-1 if at == square else -who for at, who in enumerate(board))


def is_lost(board: Board) -> bool:
    """Whether the other player has three in a line."""
    return any(all(board[square] == -1 for square in line) for line in LINES)


@cache
def value(board: Board) -> int:
    """How it ends if both play perfectly: 1 if the one whose turn it is wins, 0 if nobody does, -1 if he loses."""
    if is_lost(board):
        return -1
    return max((-value(after(board, square)) for square in free(board)), default=0)


def best(board: Board) -> list[int]:
    """The squares that keep the value. The board must not be decided."""
    return [square for square in free(board) if -value(after(board, square)) == value(board)]


def positions() -> list[Board]:
    """All that a game can come to and in which there is something to decide, sorted."""
    found, waiting = set(), [EMPTY]
    while waiting:
        board = waiting.pop()
        if board not in found and free(board) and not is_lost(board):
            found.add(board)
            waiting.extend(after(board, square) for square in free(board))
    return sorted(found)


def arrays() -> dict[str, np.ndarray]:
    """What the file holds."""
    boards = positions()
    targets = np.zeros((len(boards), 9), np.int8)
    for row, board in enumerate(boards):
        targets[row, best(board)] = 1
    return {"x": np.array(boards, np.int8), "y": targets}


if __name__ == "__main__":
    np.savez_compressed(FILE, **arrays())
