"""What is asked on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.conditions import BUSY, LEVELS, Condition
from bench.results_file import own_file


@dataclass(frozen=True)
class Options:
    """only: names of parts. workloads: of the steps and predictions. rounds: None leaves it to the time each part has.

    wheel: of nnctl, whose start-up is measured; None has one built. output: None where nothing is kept.
    """

    only: tuple[str, ...]
    workloads: tuple[str, ...]
    rounds: int | None = None
    peers: bool = True
    busy: bool = False
    level: Condition | None = None
    wheel: Path | None = None
    output: Path | None = None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All that hold."""
        return (*([self.level] if self.level else []), *([BUSY] if self.busy else []))


def read_options(
    parts: Mapping[str, Sequence[Condition]], workloads: Sequence[str], arguments: Sequence[str] | None = None
) -> Options:
    """Options from the command line; leaves with a message where they are wrong.

    parts: by name the conditions under which it may be measured.
    """
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure how fast nnctl is on this machine.")
    parser.add_argument("--only", metavar="PART,...", help=f"of {', '.join(parts)}")
    parser.add_argument(
        "--workload",
        action="append",
        metavar="NAME",
        help=f"of the steps and predictions, again for more: {'; '.join(workloads)}",
    )
    parser.add_argument("--rounds", type=int, metavar="N", help="repetitions, else as many as the time allows")
    parser.add_argument("--no-peers", action="store_true", help="nnctl alone, without PyTorch and JAX")
    parser.add_argument("--busy", action="store_true", help="while another process keeps one core busy")
    parser.add_argument("--level", choices=LEVELS, help="hold all contestants to the instructions of older processors")
    parser.add_argument("--wheel", type=Path, metavar="FILE", help="the wheel whose start-up counts, else a new one")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="where results are kept; else bench/results/<cpu>.json keeps those that are complete: "
        "without --workload, --rounds and --no-peers",
    )
    given = parser.parse_args(arguments)
    chosen = tuple(given.workload or workloads)
    is_complete = given.workload is None and given.rounds is None and not given.no_peers
    options = Options(
        only=tuple(given.only.split(",")) if given.only else (),
        workloads=chosen,
        rounds=given.rounds,
        peers=not given.no_peers,
        busy=given.busy,
        level=given.level,
        wheel=given.wheel,
        output=given.output or (own_file() if is_complete else None),
    )
    possible = [name for name, own in parts.items() if {*options.conditions} <= {*own}]
    for kind, names, known in (("part", options.only, parts), ("workload", chosen, workloads)):
        for name in names:
            if name not in known:
                parser.error(f"there is no {kind} {name!r}; there are: {'; '.join(known)}")
    for name in options.only:
        if name not in possible:
            what = " and ".join(options.conditions)
            parser.error(f"{name} is not measured with {what}, but {', '.join(possible)} are")
    if given.rounds is not None and given.rounds < 1:
        parser.error(f"--rounds is {given.rounds}, at least 1 is needed")
    return replace(options, only=options.only or tuple(possible))
