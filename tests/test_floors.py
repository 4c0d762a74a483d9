"""Imports only go down, and numba has one door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import nnctl

ROOT = Path(nnctl.__file__).parent

# Within a floor, only files of one folder import each other.
FLOORS = {
    "cli": 6,
    "sweep": 5,
    "report": 5,
    "export": 5,
    "runs": 4.5,  # a folder of them
    "training": 4,
    "inspection": 4,
    "drafting": 4,  # a config out of a table
    "examples": 4,
    "doctor": 4,
    "prediction": 4,
    "prediction_columns": 3.8,
    "evaluation": 3.8,  # training measures its folds with it
    "importance": 3.7,  # of inputs, which evaluation reports
    "trained": 3.6,  # a network out of a checkpoint: what evaluation and prediction share
    "preparation": 3.5,  # a config with its data and its network, checked against each other
    "description": 3.5,  # what a checkpoint says of its run, its config among it
    "objective": 3.5,  # a network with its loss on a split: what training and evaluation share
    "network": 3,
    "config": 3,
    "data": 2,
    "layers": 2,
    "losses": 2,
    "optimizers": 2,
    "schedules": 2,
    "metrics": 2,
    "initializers": 1.5,  # a layer's parameters name how they start
    "checkpoint": 1,
    "fail_if": 1,
    "peak": 2,  # of the machine, measured with kernels
    "kernels": 1,
    "files": 0.5,
    "memory": 0,
    "machine": 0,
    "errors": 0,
    "random": 0,
    "spec": 0,
    "__init__": -1,
}


def imports_of(file: Path) -> Iterator[str]:
    """Dotted names of the modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield node.module or ""
            if node.module == "nnctl":
                yield from (f"nnctl.{alias.name}" for alias in node.names if not alias.name.startswith("__"))


def part_of(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def breaches(file: Path, root: Path) -> list[str]:
    own = file.relative_to(root).with_suffix("").parts[0]
    found = []
    for module in imports_of(file):
        if module.split(".")[0] != "nnctl":
            continue
        other = part_of(module)
        if other != own and FLOORS[other] >= FLOORS[own]:
            found.append(f"{file.relative_to(root)} imports {module}, which is not below it")
    return found


def test_imports_only_go_down() -> None:
    files = list(ROOT.rglob("*.py"))
    assert len(files) > 30
    assert [breach for file in files for breach in breaches(file, ROOT)] == []


def test_a_breach_is_seen(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    file = tmp_path / "layers" / "wrong.py"
    file.write_text("from nnctl import network\nfrom nnctl.losses.mse import MSE\nfrom nnctl.spec import Spec\n")
    assert len(breaches(file, tmp_path)) == 2


def test_only_the_jit_module_imports_the_compiler() -> None:
    importers = {
        str(file.relative_to(ROOT))
        for file in ROOT.rglob("*.py")
        if any(module.split(".")[0] in ("numba", "llvmlite") for module in imports_of(file))
    }
    assert importers == {"kernels/jit.py"}
