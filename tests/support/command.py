"""Runs the real command in a process of its own, as a shell would.

One with the usual environment is forked from a process that has trained before (warm_command.py), so that most tests
do not wait for imports.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONFIGS = ROOT / "configs"
DATA = ROOT / "data"
RUN_CONFIGS = sorted(path for path in CONFIGS.glob("*.yaml") if not path.name.startswith("sweep"))

# `python -m` would put the working directory on the path; this is what the installed script does
COMMAND = [sys.executable, "-c", "from nnctl.cli.main import main; main()"]

TIMEOUT = 300  # seconds that no command takes

# a test that imports numba has set these for the whole process of pytest
NOT_INHERITED = ("NUMBA_CACHE_DIR", "NUMBA_NUM_THREADS")


def surroundings(**variables: str) -> dict[str, str]:
    """The environment of a shell, with these variables added.

    One thread each, since the tests themselves run side by side; the bits are the same on any number.
    """
    kept = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
    return kept | {"NUMBA_NUM_THREADS": "1"} | variables


def nnctl(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `nnctl` to its end in a folder, with variables added to the environment."""
    if environment:  # imports may depend on it
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            cwd=cwd,
            env=surroundings(**environment),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            stdin=subprocess.DEVNULL,
        )
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        request = {
            "arguments": [str(argument) for argument in arguments],
            "folder": str(cwd),
            "stdout": str(out),
            "stderr": str(err),
        }
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        assert select.select([server.stdout], [], [], TIMEOUT)[0], "it does not end"
        code = int(server.stdout.readline())
        return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())


@functools.cache
def _server() -> subprocess.Popen[str]:
    server = subprocess.Popen(
        [sys.executable, "-c", "from tests.support.warm_command import serve; serve()"],
        cwd=ROOT,
        env=surroundings(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    atexit.register(server.wait)
    atexit.register(server.stdout.close)
    atexit.register(server.stdin.close)  # which ends it; these are called in the reverse order
    return server


def report_of(*arguments: str | Path, cwd: Path, **environment: str) -> dict[str, Any]:
    """What `nnctl ... --json` prints, which must have ended well."""
    done = nnctl(*arguments, "--json", cwd=cwd, **environment)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def rows_of(run: Path) -> list[dict[str, Any]]:
    """The rows of metrics.jsonl without what depends on the clock."""
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{key: row[key] for key in row if key not in ("seconds", "samples_per_second")} for row in rows]


def checkpoints_of(run: Path) -> dict[str, bytes]:
    """The bytes of both checkpoints."""
    return {path.name: path.read_bytes() for path in sorted((run / "checkpoints").iterdir())}
