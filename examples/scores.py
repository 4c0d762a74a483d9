"""The table of configs/README.md: what each config shows, and the score that it must reach."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

CONFIGS = Path(__file__).parents[1] / "configs"
TABLE = CONFIGS / "README.md"

OF = ("train", "validation", "test", "best", "mean")


@dataclass(frozen=True)
class Score:
    """A row. config: the name of its file, without the suffix. shows: its first line, a comment.

    of: the samples that a run is measured on, `train`, `validation` or `test`; of a sweep, which of its runs count, the
    `best` or the `mean` of all. at_least: whether more is better. reached: as the file has it; empty for not yet.
    """

    config: str
    shows: str
    of: str
    metric: str
    at_least: bool
    expected: str
    reached: str = ""

    @property
    def file(self) -> Path:
        return CONFIGS / f"{self.config}.yaml"

    def holds(self, value: float) -> bool:
        """Whether a value is as good as the expected one; one that is no number is not."""
        return value >= float(self.expected) if self.at_least else value <= float(self.expected)

    def line(self) -> str:
        """The row as the file has it."""
        expected = f"{'>' if self.at_least else '<'}= {self.expected}"
        cells = self.config, self.shows, f"{self.of} {self.metric}", expected, self.reached
        return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def read_scores() -> list[Score]:
    """All rows, in their order. Raises ValueError for a line of a table that is not understood."""
    return [_score(line) for line in TABLE.read_text(encoding="utf-8").splitlines() if _is_row(line)]


def first_line(config: Path) -> str:
    """What a config says that it shows."""
    return config.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def write_scores(reached: dict[str, float]) -> None:
    """Put what was reached, by the names of the configs, and what the configs show into the table."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    for at, line in enumerate(lines):
        if _is_row(line):
            score = _score(line)
            value = f"{reached[score.config]:.4f}" if score.config in reached else score.reached
            lines[at] = replace(score, shows=first_line(score.file), reached=value).line()
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _is_row(line: str) -> bool:
    return line.startswith("| ") and not line.startswith(("| config ", "| ---"))


def _score(line: str) -> Score:
    try:
        config, shows, score, expected, reached = (cell.strip() for cell in line.strip("|").split("|"))
        (of, metric), (sense, number) = score.split(), expected.split()
        float(number), float(reached or 0.0)
        at_least = {">=": True, "<=": False}[sense]
        OF.index(of)
    except (ValueError, KeyError):
        what = f"{line!r} is no row | config | what it shows | test accuracy | >= 0.9 | 0.91 |"
        raise ValueError(f"{TABLE}: {what}, with one of {', '.join(OF)}") from None
    return Score(config, shows, of, metric, at_least, number, reached)
