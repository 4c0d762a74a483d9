"""The stored cases, and those that no layer fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.onnx.case import Array, OperatorCase

CASES = Path(__file__).with_name("cases")
LEFT_OUT = Path(__file__).with_name("left_out.json")


def write(operator: str, cases: list[OperatorCase]) -> None:
    """The cases of an operator as one file."""
    arrays: dict[str, Array] = {"attributes": np.array(json.dumps({case.name: case.attributes for case in cases}))}
    for case in cases:
        for side, given in (("input", case.inputs), ("output", case.outputs)):
            arrays |= {f"{case.name}.{side}.{at}": array for at, array in enumerate(given) if array is not None}
    np.savez_compressed(CASES / f"{operator}.npz", **arrays)


def read() -> list[OperatorCase]:
    """All stored cases, by operator."""
    return [case for file in sorted(CASES.glob("*.npz")) for case in _read(file)]


def names() -> list[str]:
    """Those of all stored cases."""
    return [name for file in sorted(CASES.glob("*.npz")) for name in _attributes(file)]


def left_out() -> dict[str, dict[str, str]]:
    """Why a case is not stored: what it asks for that no layer does; by operator and name."""
    reasons: dict[str, dict[str, str]] = json.loads(LEFT_OUT.read_text())
    return reasons


def _read(file: Path) -> list[OperatorCase]:
    with np.load(file) as arrays:
        found = {name: arrays[name] for name in arrays.files if name != "attributes"}
    return [
        OperatorCase(file.stem, name, own, _in_order(found, f"{name}.input."), _in_order(found, f"{name}.output."))
        for name, own in _attributes(file).items()
    ]


def _attributes(file: Path) -> dict[str, dict[str, Any]]:
    """The attributes of each case, by its name."""
    with np.load(file) as arrays:
        attributes: dict[str, dict[str, Any]] = json.loads(str(arrays["attributes"]))
    return attributes


def _in_order(arrays: dict[str, Array], start: str) -> tuple[Array | None, ...]:
    at = {int(name.removeprefix(start)): array for name, array in arrays.items() if name.startswith(start)}
    return tuple(at.get(index) for index in range(max(at, default=-1) + 1))
