"""Imports only go down, and numba has a door for each device."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import nnctl

ROOT = Path(nnctl.__file__).parent

# Within a floor, only files of one folder import each other.
FLOORS = {
    "cli": 11,  # options and printing
    "commands": 10,  # one function a command
    "sweeps": 9,
    "preflight": 9,  # what is wrong with a run before it begins
    "training": 8,
    "drafting": 8,  # a config out of a file
    "diagnoses": 7,  # what a run's numbers say of it
    "dynamics": 7,  # networks that change while they are trained, or afterwards
    "model": 6,  # a network with its loss and its data: planned, evaluated, kept
    "config": 5,
    "data": 4,
    "averaging": 4,
    "layers": 4,
    "losses": 4,
    "optimizers": 4,
    "schedules": 4,
    "metrics": 4,
    "initializers": 3,  # a layer's parameters name how they start
    "kernels": 2,
    "beside": 0,
    "files": 1,
    "locks": 0,
    "machine": 1,
    "macos": 0,
    "memory": 1,
    "paths": 0,
    "png": 1,
    "pointers": 1,
    "random": 1,
    "regular_file": 2,
    "spec": 1,
    "system": 1,
    "targets": 1,
    "text": 1,
    "user_cache": 1,
    "control_group": 0,
    "errors": 0,
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
    if own == "__init__":
        return []  # the public face names commands, which are imported when they are asked for
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


def modules_of(file: Path) -> Iterator[Path]:
    """The files of the modules that a file imports while it is imported itself, or later in a function."""
    for module in imports_of(file):
        path = ROOT.joinpath(*module.split(".")[1:])
        if module.split(".")[0] == "nnctl" and path != ROOT:
            yield from (found for found in (path.with_suffix(".py"), path / "__init__.py") if found.is_file())


def circles(imports: dict[Path, list[Path]]) -> list[list[Path]]:
    """Every way that leads along imports from a file back to itself, found depth first."""
    found: list[list[Path]] = []
    done: set[Path] = set()

    def follow(file: Path, way: list[Path]) -> None:
        if file in way:
            found.append(way[way.index(file) :])
        elif file not in done:
            for other in imports.get(file, ()):
                follow(other, [*way, file])
            done.add(file)

    for file in imports:
        follow(file, [])
    return found


def test_no_imports_go_in_a_circle() -> None:
    files = [file for file in ROOT.rglob("*.py") if file != ROOT / "__init__.py"]
    assert circles({file: list(modules_of(file)) for file in files}) == []


def test_a_circle_is_seen() -> None:
    one, two, three = Path("one"), Path("two"), Path("three")
    assert circles({one: [two], two: [three], three: [two]}) == [[two, three]]
    assert circles({one: [two, three], two: [three], three: []}) == []


def test_a_breach_is_seen(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()
    file = tmp_path / "layers" / "wrong.py"
    file.write_text("from nnctl.model import network\nfrom nnctl.losses.mse import MSE\nfrom nnctl.spec import Spec\n")
    assert len(breaches(file, tmp_path)) == 2


def test_only_the_room_of_the_compiler_imports_it() -> None:
    importers = {
        str(file.relative_to(ROOT))
        for file in ROOT.rglob("*.py")
        if any(module.split(".")[0] in ("numba", "llvmlite") for module in imports_of(file))
    }
    assert {name for name in importers if not name.startswith("kernels/compiler/")} == {"kernels/cuda/compiler.py"}
