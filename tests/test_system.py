"""Windows is refused in one place, before anything that it does not have is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import nnctl
from docs.pictures import ROOT
from nnctl.system import IN_UBUNTU, refuse_windows
from tests.support.command import surroundings

# what others need is imported before, as on Windows they have their own code for it
ON_WINDOWS = """
import importlib.metadata, json, os, sys, tempfile
import rich.box, rich.console, rich.markup, rich.table, typer
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
for name in ("getuid", "getloadavg", "sysconf", "sched_getaffinity", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC"):
    delattr(os, name)
sys.platform = "win32"
"""


def on_windows(code: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ON_WINDOWS + code, *arguments],
        cwd=cwd,
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("arguments", [["train", "run.yaml"], ["train", "run.yaml", "--json"], ["doctor"], []])
def test_the_command_refuses(arguments: list[str], tmp_path: Path) -> None:
    done = on_windows("from nnctl.cli.main import main; main()", *arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: nnctl runs on Linux and macOS, and on Windows in WSL2\n  help: ")
    assert "`wsl --install`" in done.stderr
    assert IN_UBUNTU in done.stderr
    if "--json" in arguments:
        assert json.loads(done.stdout)["error"]["exit_code"] == 2
    else:
        assert done.stdout == ""


def test_the_functions_refuse(tmp_path: Path) -> None:
    code = """
import nnctl, nnctl.errors
print(nnctl.__version__)
for name in sorted({*nnctl.__all__} - {"__version__"}):
    try:
        getattr(nnctl, name)
    except nnctl.errors.UsageError as error:
        print(name, "WSL2" in str(error))
"""
    done = on_windows(code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    version, *refused = done.stdout.splitlines()
    assert version
    assert refused == [f"{name} True" for name in sorted({*nnctl.__all__} - {"__version__"})]
    assert len(refused) > 7


def test_the_documentation_shows_the_same_commands() -> None:
    text = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    assert "wsl --install" in text
    assert all(command in text for command in IN_UBUNTU.split(" && "))


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_others_are_let_through(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    refuse_windows()
