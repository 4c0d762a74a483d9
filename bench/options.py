"""What is asked on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "latest.json"


@dataclass(frozen=True)
class Options:
    """only: names of parts. workloads: of the steps. rounds: None leaves it to the time each part has."""

    only: tuple[str, ...]
    workloads: tuple[str, ...]
    rounds: int | None = None
    peers: bool = True
    output: Path = RESULTS


def read_options(parts: Sequence[str], workloads: Sequence[str], arguments: Sequence[str] | None = None) -> Options:
    """Options from the command line; leaves with a message where they are wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure how fast nnctl is on this machine.")
    parser.add_argument("--only", metavar="PART,...", help=f"of {', '.join(parts)}")
    parser.add_argument(
        "--workload", action="append", metavar="NAME", help=f"of the steps, again for more: {'; '.join(workloads)}"
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="repetitions, else as many as the time allows")
    parser.add_argument("--no-peers", action="store_true", help="nnctl alone, without PyTorch and JAX")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the JSON goes")
    given = parser.parse_args(arguments)
    only = tuple(given.only.split(",")) if given.only else tuple(parts)
    chosen = tuple(given.workload or workloads)
    for kind, names, known in (("part", only, parts), ("workload", chosen, workloads)):
        for name in names:
            if name not in known:
                parser.error(f"there is no {kind} {name!r}; there are: {'; '.join(known)}")
    if given.rounds is not None and given.rounds < 1:
        parser.error(f"--rounds is {given.rounds}, at least 1 is needed")
    return Options(only, chosen, given.rounds, not given.no_peers, given.output)
