"""Write data/logic/sixteen_gates.csv: the sixteen functions of two bits. Run it by `python -m examples.make_gates`."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).parents[1] / "data" / "logic" / "sixteen_gates.csv"
ROWS = [(0, 0), (0, 1), (1, 0), (1, 1)]

# the values for the four rows, read as a binary number, count from 0 to 15 (Wittgenstein 1921, 5.101, in this order)
NAMES = (
    *("never", "and", "p_not_q", "is_p", "q_not_p", "is_q", "xor", "or"),
    *("nor", "xnor", "not_q", "q_implies_p", "not_p", "p_implies_q", "nand", "always"),
)


def table() -> str:
    """The file: a row for each pair of bits, a column for each function."""
    lines = [",".join(("p", "q", *NAMES))]
    for row, (p, q) in enumerate(ROWS):
        values = [gate >> (len(ROWS) - 1 - row) & 1 for gate in range(len(NAMES))]
        lines.append(",".join(map(str, (p, q, *values))))
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    FILE.write_text(table(), encoding="utf-8")
