"""What the real command says when it refuses, to people and to scripts, and that it has done nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.command import nnctl

KINDS = {2: ("usage", "config"), 3: ("data",), 4: ("checkpoint",), 5: ("diverged",), 8: ("storage",)}


@dataclass(frozen=True)
class Refusal:
    """kind: the family of the error. problems: as `--json` prints them. text: all of stderr on one line."""

    kind: str
    problems: list[dict[str, Any]]
    text: str

    def says(self, *parts: str) -> None:
        """Every part stands in what people read."""
        for part in parts:
            assert part in self.text, self.text


def refusal_of(*arguments: str | Path, cwd: Path, code: int, **environment: str) -> Refusal:
    """Run `nnctl ... --json`, which must end with this code, tell every problem and its remedy, and do nothing else."""
    before = files_in(cwd)
    done = nnctl(*arguments, "--json", cwd=cwd, **environment)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr, done.stderr
    error = json.loads(done.stdout)["error"]
    assert error["exit_code"] == code
    assert error["kind"] in KINDS[code]
    assert error["problems"]
    text = " ".join(done.stderr.split())
    for problem in error["problems"]:
        assert problem["help"], f"no remedy: {problem}"
        assert f"help: {problem['help']}" in text
        place = ":".join(str(problem[key]) for key in ("file", "line", "column") if problem[key] is not None)
        shown = ": ".join(part for part in (place, problem["path"], problem["what"]) if part)
        assert f"error: {' '.join(shown.split())}" in text
    assert files_in(cwd) == before, "a refused command has left something"
    return Refusal(error["kind"], error["problems"], text)


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes; folders have none."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }
