"""`make docs`: the parts of README.md and docs/*.md that are made from the program itself.

A block of ```console shows commands, each behind `$ `, and what they printed: they are run, in the order of the document,
in one new folder that has the examples and their data. A part between `<!-- keys: NAME -->` or `<!-- kinds: NAME -->`
and `<!-- end -->` lists what a config may say, out of the classes that define it. tests/test_docs.py compares both with
what stands there; a block of ```console slow is compared in `make test-all` only.
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

from pydantic.fields import FieldInfo

from nnctl.config.run_config import EarlyStopping, RunConfig
from nnctl.data.formats.npz import ArrayNames
from nnctl.data.source import Source
from nnctl.data.splits.row_rule import RowRule
from nnctl.data.table.settings import CategorySettings, ColumnSettings, NumberSettings
from nnctl.initializers.initializer import Initializer
from nnctl.layers.activation import Activation
from nnctl.layers.layer import Layer
from nnctl.losses.loss import Loss
from nnctl.metrics.metric import Metric
from nnctl.optimizers.optimizer import Optimizer
from nnctl.schedules.schedule import Schedule
from nnctl.spec import Spec, described, kinds
from nnctl.sweeps.methods.method import Method
from nnctl.sweeps.pruners.pruner import Pruner

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
WIDTH = 110  # columns of the terminal

FAMILIES: dict[str, type[Spec]] = {
    "layers": Layer,
    "activations": Activation,
    "losses": Loss,
    "optimizers": Optimizer,
    "schedules": Schedule,
    "initializers": Initializer,
    "metrics": Metric,
    "formats": Source,
    "methods": Method,
    "pruners": Pruner,
}
RECORDS: dict[str, type[Spec]] = {
    "run": RunConfig,
    "source": Source,
    "early_stopping": EarlyStopping,
    "arrays": ArrayNames,
    "rows": RowRule,
    "numbers": NumberSettings,
    "categories": CategorySettings,
    "columns": ColumnSettings,
}

BLOCK = re.compile(r"^```(?P<language>\w+)(?P<words>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
PART = re.compile(
    r"(?P<mark><!-- (?P<what>keys|kinds): (?P<name>\w+) -->)(?P<body>.*?)(?P<end><!-- end -->)", re.DOTALL
)
MASKS = [
    (re.compile(r"\b[0-9a-f]{12}\b"), "#"),  # the folder of a trial
    (re.compile(r"\d+(,\d{3}(?!\d))*(\.\d+)?(e[-+]?\d+)?( (ms|s|min|h)\b)?|·"), "#"),
    (re.compile(r"-+#"), "#"),
    (re.compile(r"─+"), "─"),
    (re.compile(r" best$", re.MULTILINE), ""),
    (re.compile(r"^a trial takes about .*\n", re.MULTILINE), ""),  # only where there is time to say it
]
COMPILING = re.compile(r"^(note: )?compil(ing|ed) .*\n|, [\d.]+ m?s of them compiling kernels", re.MULTILINE)


def main() -> None:
    for document in DOCUMENTS:
        old = document.read_text(encoding="utf-8")
        new = with_lists(with_pictures(old))
        if new != old:
            document.write_text(new, encoding="utf-8")
            print(f"wrote {document.relative_to(ROOT)}")


# Pictures of runs


def with_pictures(text: str, *, slow: bool = True) -> str:
    """The document with its commands run again; a picture stays where only numbers are new. slow: also the slow ones."""
    with tempfile.TemporaryDirectory() as folder:
        copy_examples(Path(folder))

        def picture(block: re.Match[str]) -> str:
            if block["language"] != "console" or ("slow" in block["words"] and not slow):
                return block[0]
            commands = [line for line in block["body"].splitlines() if line.startswith("$ ")]
            shown = "".join(f"{command}\n{printed(command[2:], Path(folder))}" for command in commands)
            return block[0] if outline(shown) == outline(block["body"]) else f"```console{block['words']}\n{shown}```"

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


# Lists of keys and kinds


def with_lists(text: str) -> str:
    """The document with its lists as the classes have them."""

    def part(match: re.Match[str]) -> str:
        if match["what"] == "kinds":
            own = ", ".join(f"`{name}`" for name in family(match["name"]))
            return f"{match['mark']}{own}{match['end']}"
        name = match["name"]
        own = _keys(RECORDS[name]) if name in RECORDS else "\n\n".join(map(_kind, family(name).values()))
        return f"{match['mark']}\n\n{own}\n\n{match['end']}"

    return PART.sub(part, text)


def family(name: str) -> dict[str, type[Spec]]:
    """The kinds of a family, by name; of the layers, those that are no activations."""
    return {
        kind: spec
        for kind, spec in kinds(FAMILIES[name]).items()
        if name == "activations" or not issubclass(spec, Activation)
    }


def _kind(kind: type[Spec]) -> str:
    name = kind.model_fields[kind.tag].default
    inherited = set(FAMILIES["formats"].model_fields) if issubclass(kind, Source) else set()
    keys = _keys(kind, inherited)
    return f"**`{name}`**: {_words(kind.__doc__)}" + (f"\n\n{keys}" if keys else "")


def _keys(spec: type[Spec], without: set[str] | frozenset[str] = frozenset()) -> str:
    rows = [
        f"| `{field.alias or name}` | {_default(field)} | {_words(field.description).replace('|', chr(92) + '|')} |"
        for name, field in described(spec).items()
        if name not in without and not (name == spec.tag and isinstance(field.default, str))
    ]
    return "\n".join(["| key | default | meaning |", "| --- | --- | --- |", *rows]) if rows else ""


def _words(text: str | None) -> str:
    """Text on one line, in which Markdown sees no HTML."""
    return " ".join((text or "").split()).replace("<", "&lt;")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "" if "unset" in (field.description or "") else "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Spec):
        value = value.model_dump().get(value.tag)
    if value is None or value == [] or value == {}:
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    main()
