"""The real command in a process of its own, forked from one that has imported it: a refusal takes a few milliseconds.

Run as a script this is that process: it reads a request a line, and answers each when the command has ended.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from tests.support.command import CONFIGS, ROOT, surroundings


def warm_nnctl(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What `nnctl` of tests/support/command.py does, without the time of a start. For commands that do not compute."""
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        request = {
            "arguments": [str(argument) for argument in arguments],
            "folder": str(cwd),
            "environment": surroundings(**environment),
            "stdout": str(out),
            "stderr": str(err),
        }
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
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


def serve() -> None:
    """Answer requests with exit codes until stdin ends."""
    for module in (
        "nnctl.cli.main",
        "nnctl.cli.progress",
        "nnctl.training.run",
        "nnctl.commands.eval",
        "rich.markup",
    ):
        importlib.import_module(module)
    importlib.import_module("nnctl.commands.check").check(CONFIGS / "xor.yaml")  # builds what is built at its first use
    assert "numba" not in sys.modules, "its threads would not survive a fork"
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _become(request: dict[str, Any]) -> NoReturn:
    """Run one command in this process and end it."""
    from nnctl.cli.main import main

    code = 1
    try:
        for number, path in enumerate((os.devnull, request["stdout"], request["stderr"])):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.environ.clear()
        os.environ.update(request["environment"])
        os.chdir(request["folder"])
        sys.argv = ["nnctl", *request["arguments"]]
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
