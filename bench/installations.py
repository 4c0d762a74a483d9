"""How nnctl comes to a machine: as a clone, which is this tree, or as a wheel in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CALL = "from nnctl.cli.main import main; main()"  # as the installed script does


@dataclass(frozen=True)
class Installation:
    """python: that of an environment with nnctl."""

    name: str
    python: Path

    def command(self, arguments: Sequence[str]) -> list[str]:
        """`nnctl` with these. -P: no other nnctl that lies where it runs."""
        return [str(self.python), "-P", "-c", CALL, *arguments]

    def first_step(self, config: Path, run: str) -> list[str]:
        """`nnctl train`, up to the first step."""
        return [str(self.python), "-P", str(ROOT / "bench" / "first_step"), str(config), run]


def clone() -> Installation:
    return Installation("clone", Path(sys.executable))


def installed(folder: Path, wheel: Path | None) -> Installation:
    """A wheel, or else one that is built of this tree, installed into a new environment in a folder.

    It takes a minute and the package index, for the dependencies that constraints.txt pins.
    """
    wheel = wheel or built(folder)
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", ROOT / "constraints.txt", wheel.absolute()], check=True, cwd=folder, stdout=sys.stderr)
    return Installation("wheel", python)


def built(folder: Path) -> Path:
    """A wheel of this tree, by its own build step."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel
