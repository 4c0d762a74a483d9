"""The peers' own environment, made when it is first needed or when what it should hold has changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).with_name(".peers-venv")
REQUIREMENTS = Path(__file__).parent / "peers" / "requirements.txt"


def peers_python() -> Path:
    """The environment's Python. Installing takes a minute or more, the package index and 1.5 GB."""
    python, ready = FOLDER / "bin" / "python", FOLDER / ".ready"
    wanted = REQUIREMENTS.read_text()
    if not ready.exists() or ready.read_text() != wanted:
        print(f"installing PyTorch, JAX and scikit-learn into {FOLDER}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
        quietly = ["--quiet", "--disable-pip-version-check"]
        subprocess.run([python, "-m", "pip", "install", *quietly, "-r", REQUIREMENTS], check=True)
        (FOLDER / ".gitignore").write_text("*\n")
        ready.write_text(wanted)
    return python


def pinned() -> dict[str, str]:
    """The versions that the environment holds, by package."""
    lines = [line for line in REQUIREMENTS.read_text().splitlines() if "==" in line and not line.startswith("#")]
    return {name: version for name, _, version in (line.partition("==") for line in lines)}
