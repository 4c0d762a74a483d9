"""The files that keep what was measured: one a micro-architecture, in it the newest run of each part.

`{"micro_architecture": "znver4", "parts": {"steps": {"machine": …, "results": …}}}`: a part has the machine, the date,
the commit and the load of its own, since parts may be measured on different days.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.machine import micro_architecture

FOLDER = Path(__file__).parent / "results"

Parts = dict[str, dict[str, Any]]


class AnotherMachineError(Exception):
    """A file is of another micro-architecture than this one."""


def own_file() -> Path:
    """The one of this machine."""
    return FOLDER / f"{micro_architecture()}.json"


def keep(file: Path, part: str, machine: dict[str, Any], results: Any) -> None:
    """Put a part in the place of the one that the file has, if it has one. Raises AnotherMachineError."""
    kept = parts_of_this_machine(file) | {part: {"machine": machine, "results": results}}
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = file.with_suffix(".new")  # whoever ends the bench meanwhile loses no part
    whole.write_text(json.dumps({"micro_architecture": micro_architecture(), "parts": kept}, indent=2) + "\n")
    whole.replace(file)


def parts_of_this_machine(file: Path) -> Parts:
    """The parts of a file that this machine may write to: none of one that is not there. Raises AnotherMachineError."""
    if not file.exists():
        return {}
    name, parts = read(file)
    if name != micro_architecture():
        raise AnotherMachineError(f"{file} is of {name}, this machine is {micro_architecture()}")
    return parts


def read(file: Path) -> tuple[str, Parts]:
    """The micro-architecture and its parts."""
    content = json.loads(file.read_text())
    return content["micro_architecture"], content["parts"]


def every_file() -> list[Path]:
    """One a micro-architecture, by name."""
    return sorted(FOLDER.glob("*.json"))
