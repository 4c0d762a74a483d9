"""What `nnctl predict` is to read: one path, several, patterns."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.commands.sources import Sources
from nnctl.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.png", "a.png", "deep/c.png", "[x].png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("given", "paths", "are_several"),
    [
        ("a.png", ["a.png"], False),
        (["a.png"], ["a.png"], False),
        (["b.png", "a.png"], ["b.png", "a.png"], True),
        ("[ab].png", ["a.png", "b.png"], True),
        ("deep/*", ["deep/c.png"], True),
        (["**/*.png"], ["[x].png", "a.png", "b.png", "deep/c.png"], True),
        ("[x].png", ["[x].png"], False),
        ("gone.png", ["gone.png"], False),
    ],
)
@pytest.mark.usefixtures("folder")
def test_paths(given: str | list[str], paths: list[str], are_several: bool) -> None:
    found = Sources.of(given)
    assert ([str(path) for path in found.paths], found.are_several) == (paths, are_several)


@pytest.mark.usefixtures("folder")
def test_what_is_refused() -> None:
    with pytest.raises(UsageError, match=r"x\*: no file has such a name"):
        Sources.of("x*")
    several = Sources.of(["a.png", "b.png"])
    with pytest.raises(UsageError, match="--steps is for one file, and 2 are given"):
        several.only("--steps")
    with pytest.raises(UsageError, match="leave --id out"):
        several.refuse("--id", "x")
    several.refuse("--id", None)
    several.refuse_output("run")
    with pytest.raises(UsageError, match=r"is it the file to write\? `nnctl predict run a\.png -o out\.csv`"):
        Sources.of(["a.png", "out.csv"]).refuse_output("run")
    assert Sources.of(["a.png", "b.png", "c.png"]).shown == "a.png, b.png, … (3 in all)"
