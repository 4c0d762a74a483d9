"""The process that tests/support/command.py forks commands from: it has imported and trained what they will.

It reads a request a line, and answers each with the exit code when the command has ended.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import Any, NoReturn

from tests.support.command import CONFIGS, DATA, ROOT

IMPORTED = ("nnctl.cli.main", "nnctl.cli.progress", "nnctl.commands.eval", "nnctl.commands.predict", "rich.markup")
CONFIG = f"""
data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers: [{{type: linear, out_features: 4, activation: relu}}, {{type: dropout}}, {{type: linear, out_features: 1}}]
loss: mse
epochs: 1
"""


def serve() -> None:
    """Answer requests until stdin ends."""
    sys.path[0] = str(ROOT)  # an absolute one: what lies in a command's working folder is not imported
    for module in IMPORTED:
        importlib.import_module(module)
    importlib.import_module("nnctl.commands.check").check(CONFIGS / "xor.yaml")
    with tempfile.TemporaryDirectory() as folder:  # builds and loads what is built and loaded at its first use
        config = Path(folder, "run.yaml")
        config.write_text(CONFIG)
        importlib.import_module("nnctl.commands.train").train(config, run=Path(folder, "run"))
    assert threading.active_count() == 1, "threads would not survive a fork"
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
        os.chdir(request["folder"])
        sys.argv = ["nnctl", *request["arguments"]]
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
