"""What `nnctl predict` is to read: a path, several of them, or patterns for names of files."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nnctl import regular_file
from nnctl.errors import UsageError
from nnctl.text import listed, typed

Given = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class Sources:
    """The paths that are given, one or more, patterns among them with what they match."""

    paths: tuple[Path, ...]
    are_several: bool
    """Whether their samples are named by their paths: a pattern may match one file as well."""

    @classmethod
    def of(cls, given: Given) -> Sources:
        """Raises UsageError for a pattern that matches nothing."""
        texts = [given] if isinstance(given, str | Path) else list(given)
        found = [path for text in texts for path in _matches(Path(text))]
        return cls(tuple(found), len(texts) > 1 or found != [Path(text) for text in texts])

    @property
    def shown(self) -> str:
        """For messages."""
        return listed(map(regular_file.shown, self.paths), 2)

    def only(self, option: str) -> Path:
        """The only path. Raises UsageError where there are several. option: which takes a single one."""
        if len(self.paths) > 1:
            raise UsageError(f"{option} is for one file, and {len(self.paths):,} are given", help="give one of them")
        return self.paths[0]

    def refuse(self, option: str, value: object) -> None:
        """Raise UsageError for an option that is for a single file."""
        if value is not None:
            what = f"{option} names a column, and {len(self.paths):,} files have none"
            raise UsageError(what, help=f"leave {option} out: samples are named by their files")

    def refuse_output(self, checkpoint: str | Path) -> None:
        """Raise UsageError where the last path may be meant as the file to write."""
        *others, last = self.paths
        if others and not last.exists() and not last.is_symlink():
            command = typed("predict", checkpoint, *others, "-o", last)
            raise UsageError(f"{last} does not exist", help=f"is it the file to write? `{command}`")


def _matches(path: Path) -> list[Path]:
    if not glob.has_magic(str(path)) or path.exists():
        return [path]
    found = sorted(map(Path, glob.glob(str(path), recursive=True)))  # noqa: PTH207 - Path.glob takes no absolute ones
    if not found:
        raise UsageError(f"{path}: no file has such a name", help="fix the pattern: * stands for any characters")
    return found
