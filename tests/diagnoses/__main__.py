"""Trains small runs that are ill and others that are well, with several seeds, and prints how many diagnoses are right.

`python -m tests.diagnoses` trains those of patients.py and strangers.py, 170 configs each, with five seeds, which draw
their data, too: some minutes. With `--folder DIR` runs are kept, and those that are there are read again and not
trained, so that a changed rule is seen in seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.diagnoses.matrix import TABLES, Verdict, verdicts
from tests.diagnoses.patients import PATIENTS

HEADER = f"{'diagnosis':30}{'told':>10}{'well':>10}{'silent':>10}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.diagnoses", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="DIAGNOSIS", help="those to look at, else all")
    parser.add_argument("--seeds", nargs="+", type=int, default=range(5))
    parser.add_argument("--of", choices=TABLES, nargs="+", default=list(TABLES))
    parser.add_argument("--remedies", action="store_true", help="train the ill ones again, with what they are told")
    parser.add_argument("--folder", type=Path, help="where runs are kept")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - PATIENTS.keys():
        parser.error(f"no diagnosis {', '.join(sorted(unknown))}; there are {', '.join(PATIENTS)}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.folder or Path(temporary)).resolve()
        chosen = {"workers": asked.workers, "only": asked.names, "with_remedies": asked.remedies}
        found = list(verdicts(asked.of, asked.seeds, folder, **chosen))
    _print_table(found)
    if asked.remedies:
        _print_remedies(found)
    return 0 if all(each.is_right for each in found) else 1


def _print_table(found: Sequence[Verdict]) -> None:
    """told: of the ill runs, how many are told their illness. well: of the well ones, how many are not told that which
    they might have; silent: how many are told nothing at all.
    """
    for table in dict.fromkeys(each.table for each in found):
        print(f"{table}\n{HEADER}")
        of_table = [each for each in found if each.table == table]
        for illness in dict.fromkeys(each.patient.illness for each in of_table):
            print(_line(illness, [each for each in of_table if each.patient.illness == illness]))
        print(_line("all", of_table), "\n")
    for each in found:
        if not each.is_right or (not each.patient.is_ill and each.told):
            print(f"{each.table} seed {each.seed} {each.patient.id}: {', '.join(each.told) or 'nothing'}")


def _line(name: str, found: Sequence[Verdict]) -> str:
    ill, well = ([each for each in found if each.patient.is_ill is is_ill] for is_ill in (True, False))
    cells = ([each.is_right for each in ill], [each.is_right for each in well], [not each.told for each in well])
    return f"{name:30}" + "".join(f"{_of(cell):>10}" for cell in cells)


def _of(right: Sequence[bool]) -> str:
    return f"{sum(right)}/{len(right)}"


def _print_remedies(found: Sequence[Verdict]) -> None:
    """gone: how many are not told their illness any more; better: how many have a lower loss."""
    print(f"\n{'remedy of':30}{'gone':>10}{'better':>10}{'either':>10}")
    tried = [each for each in found if each.gone is not None]
    for illness in dict.fromkeys(each.patient.illness for each in tried):
        own = [each for each in tried if each.patient.illness == illness]
        cells = ([bool(e.gone) for e in own], [bool(e.better) for e in own], [bool(e.gone or e.better) for e in own])
        print(f"{illness:30}" + "".join(f"{_of(cell):>10}" for cell in cells))
    for each in tried:
        if not (each.better and each.gone):
            losses = " -> ".join(f"{loss:.4g}" for loss in each.losses)
            state = "gone" if each.gone else "still there"
            print(f"{each.table} seed {each.seed} {each.patient.id}: {losses}, {state}: {json.dumps(each.remedy)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
