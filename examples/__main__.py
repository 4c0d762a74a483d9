"""`make examples`: trains every config of configs/ and says whether each is as good as it should be.

Expected scores are in configs/README.md. `python -m examples xor gate` runs some of them; `--write` puts what they
reached into the table there.
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

import nnctl
from examples import tic_tac_toe
from examples.folders import new_folder
from examples.scores import Score, read_scores, write_scores

HEADER = f"{'config':20}{'score':24}{'expected':>10}{'reached':>10}{'seconds':>9}"


def main(arguments: list[str]) -> int:
    names = [name.replace("-", "_") for name in arguments if name != "--write"]
    scores = {score.config: score for score in read_scores()}
    if unknown := set(names) - scores.keys():
        print(f"there is no example {', '.join(sorted(unknown))}; there are {', '.join(scores)}", file=sys.stderr)
        return 2
    folder = new_folder("examples")
    reached, lines = {}, []
    for score in [scores[name] for name in names] or scores.values():
        print(f"{score.config}: {score.shows}", flush=True)
        began = perf_counter()
        reached[score.config] = measure(score, folder / score.config)
        lines.append(_line(score, reached[score.config], perf_counter() - began))
    print("", HEADER, *lines, sep="\n")
    worse = [name for name, value in reached.items() if not scores[name].holds(value)]
    if "tic_tac_toe" in reached:
        print("", f"{tic_tac_toe.GAMES:,} games against a random player", sep="\n")
        worse += ["tic_tac_toe loses a game"] * tic_tac_toe.main(folder / "tic_tac_toe")
    if "--write" in arguments:
        write_scores(reached)
    print("", f"worse than expected: {', '.join(worse)}" if worse else "all are as good as expected", sep="\n")
    return 1 if worse else 0


def measure(score: Score, run: Path) -> float:
    """Train a config, or run a sweep, in a new folder; return its score."""
    if score.of in ("best", "mean"):
        report = nnctl.sweep(score.file, run=run).report
        values = [trial["value"] for trial in report["trials"]]
        if any(value is None for value in values):
            return float("nan")
        return report["best"]["value"] if score.of == "best" else sum(values) / len(values)
    nnctl.train(score.file, run=run)
    return nnctl.evaluate(run, split=score.of).report["metrics"][score.metric]


def _line(score: Score, value: float, seconds: float) -> str:
    expected = f"{'>' if score.at_least else '<'}= {score.expected}"
    verdict = "" if score.holds(value) else "  too bad"
    return f"{score.config:20}{f'{score.of} {score.metric}':24}{expected:>10}{value:>10.4f}{seconds:>9.1f}{verdict}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
