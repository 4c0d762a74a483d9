"""Where a config's text comes from: a file, stdin, or another pipe."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nnctl.config.document import Document, parse
from nnctl.config.pipe import PIPE, is_pipe, read_pipe
from nnctl.config.text_file import read_text
from nnctl.errors import ConfigError


@dataclass(frozen=True)
class Origin:
    """path: what the user named. file: as messages name it. name: of a run or a sweep whose config has none.

    folder: where relative paths start.
    """

    path: Path
    file: str
    name: str
    folder: Path
    is_pipe: bool = False

    def read(self) -> Document:
        """The mapping that is written there; a pipe can be read once. Raises ConfigError where it is not one."""
        document = parse(read_pipe(self.path) if self.is_pipe else read_text(self.path, self.file), self.file)
        if not isinstance(document.tree, dict):
            problem = document.place(()).problem("is not a mapping of keys to values", "write `key: value` lines")
            raise ConfigError(*document.problems, problem)
        return document


def origin_of(path: str | Path) -> Origin:
    """Of a config that the command line names: a file, `-` for stdin, or a pipe such as /dev/fd/63."""
    if is_pipe(path):
        return Origin(Path(path), PIPE, "stdin", Path.cwd(), is_pipe=True)
    return Origin(Path(path), str(path), Path(path).stem, Path(path).absolute().parent)


def read_document(path: str | Path) -> Document:
    """The mapping in a YAML file, on stdin or in a pipe. Raises ConfigError where it is not one."""
    return origin_of(path).read()
