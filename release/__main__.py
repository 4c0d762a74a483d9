"""`python -m release`: builds a wheel that carries kernels, dist/nnctl-….whl, for the levels that this machine can run.

The kernels are compiled by this clone's nnctl. The wheel's build takes them from build/kernels (hatch_build.py): their
machine code needs no Python, so one wheel serves all versions.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from nnctl.kernels.compiler import cache
from nnctl.kernels.compiler.level import V1, Level, runnable

ROOT = Path(__file__).parents[1]
KERNELS = ROOT / "build" / "kernels"


def main() -> None:
    shutil.rmtree(KERNELS, ignore_errors=True)
    for level in levels():
        collect(level, KERNELS)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=ROOT, check=True)


def levels() -> list[Level]:
    """Those that this machine can run, but for the first of x86-64, which processors since 2009 exceed."""
    return [level for level in runnable() if level != V1]


def collect(level: Level, kernels: Path, *examples: str) -> None:
    """Compile the kernels of a level, in a process of its own. examples: as `release.kernels` takes them."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"NNCTL_LEVEL": level.name, "NUMBA_CACHE_DIR": folder, "NNCTL_CACHE_DIR": folder}
        command = [sys.executable, "-m", "release.kernels", *examples]
        subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=True)
        (kernels / level.name).mkdir(parents=True)
        for file in Path(folder).rglob(f"{level.name}/*{cache.SUFFIX}"):
            shutil.copy(file, kernels / level.name)
        (kernels / cache.SOURCES).write_text(cache.sources_hash())


if __name__ == "__main__":
    main()
