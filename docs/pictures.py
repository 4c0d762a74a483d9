"""Pictures of runs: what the commands in a document print, on a terminal.

A block of ```console shows commands, each behind `$ `, and below each what it printed. The commands of a document run
in its order, in one new folder that has the examples and their data. A block of ```python data writes files that the
commands below it read.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
WIDTH = 110  # columns of the terminal

BLOCK = re.compile(r"^```(?P<language>\w+)(?P<words>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
COMPILING = re.compile(r"^(note: )?compil(ing|ed) .*\n|, [\d.]+ m?s of them compiling kernels", re.MULTILINE)
MASKS = [
    (re.compile(r"\b[0-9a-f]{12}\b"), "#"),  # the folder of a trial
    (re.compile(r"\d+ (min \d+ s|h \d+ min)\b"), "#"),
    (re.compile(r"\d+(,\d{3}(?!\d))*(\.\d+)?(e[-+]?\d+)?( (ms|s|min|h)\b)?|·"), "#"),
    (re.compile(r"-+#"), "#"),
    (re.compile(r"# (worker|thread)s?\b"), r"# \1"),
    (re.compile(r"─+"), "─"),
    (re.compile(r" best$", re.MULTILINE), ""),
    (re.compile(r"^a trial takes about .*\n", re.MULTILINE), ""),  # only where there is time to say it
]


def with_pictures(text: str, *, numbers: bool = False) -> str:
    """The document with its commands run again. numbers: also where only numbers are new."""
    with tempfile.TemporaryDirectory() as folder:
        copy_examples(Path(folder))

        def picture(block: re.Match[str]) -> str:
            if block["language"] == "python" and "data" in block["words"]:
                subprocess.run([sys.executable, "-c", block["body"]], cwd=folder, check=True)
            if block["language"] != "console":
                return block[0]
            commands = [line for line in block["body"].splitlines() if line.startswith("$ ")]
            shown = "".join(f"{command}\n{printed(command[2:], Path(folder))}" for command in commands)
            is_new = numbers or outline(shown) != outline(block["body"])
            return f"```console\n{shown}```" if is_new else block[0]

        return BLOCK.sub(picture, text)


def outline(picture: str) -> list[str]:
    """What of a picture does not depend on the machine: its lines without numbers and units of time, each once."""
    for pattern, mask in MASKS:
        picture = pattern.sub(mask, picture)
    return sorted({" ".join(line.split()) for line in picture.splitlines()})


def copy_examples(folder: Path) -> None:
    """What a clone has for a reader who tries the commands."""
    for name in ("configs", "data"):
        shutil.copytree(ROOT / name, folder / name)


def shell(command: str, folder: Path, terminal: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command line in a folder, as a user types it. terminal: where it prints; unset, it is captured."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("NUMBA_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=kept | {"PATH": path, "NO_COLOR": "1", "TERM": "xterm", "COLUMNS": str(WIDTH)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if terminal is None else terminal,
        stderr=subprocess.STDOUT if terminal is None else terminal,
        text=True,
        timeout=300,
    )


def printed(command: str, folder: Path) -> str:
    """What is left on a terminal of what a command prints, without what only its first run on a machine says."""
    ours, theirs = os.openpty()
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(lambda: b"".join(_pieces(ours)))
        shell(command, folder, theirs)
        os.close(theirs)
        screen = _screen(read.result().decode())
    os.close(ours)
    text = COMPILING.sub("", "".join(f"{line.rstrip()}\n" for line in screen))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n" if text.strip() else ""


def _pieces(terminal: int) -> Iterator[bytes]:
    try:
        while piece := os.read(terminal, 1 << 16):
            yield piece
    except OSError:  # how Linux tells that nobody has the other side open any more
        return


def _screen(text: str) -> list[str]:
    """The lines of a terminal, with its cursor moved up and its lines erased as progress bars do."""
    lines, row = [""], 0
    for piece in re.split(r"(\x1b\[[\d;?]*[A-Za-z]|\n|\r)", text):
        if piece == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif piece in ("\r", "\x1b[2K"):
            lines[row] = "" if piece == "\x1b[2K" else lines[row]
        elif piece.startswith("\x1b["):
            row -= int(piece[2:-1] or 1) if piece.endswith("A") else 0
        else:
            lines[row] += piece
    return lines
