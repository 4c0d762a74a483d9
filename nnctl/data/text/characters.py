"""The characters of a text file, decoded as tables are."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from nnctl.data.files import file_error, require_file, require_memory
from nnctl.data.source import Array
from nnctl.data.table.encoding import START, Encoding
from nnctl.errors import DataError
from nnctl.regular_file import reading

BYTES_A_CHARACTER = 20  # of memory while a file is decoded: its bytes, the text, its code points, and a copy of these
MOST_CONTROL = 0.01  # of the characters of a text; those that end and indent lines and pages do not count
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
LINES = re.compile(r"[^\n]*\n?")


def read_characters(path: Path, encoding: str | None) -> tuple[Array, tuple[str, ...]]:
    """The code points of a file, (N,) uint32, and notes on how they were read. encoding: None: the bytes tell.

    Raises DataError for what cannot be read, is no text, or takes too much memory.
    """
    size = require_file(path)
    require_memory(path, BYTES_A_CHARACTER * size)
    with reading(path, DataError), path.open("rb") as file:
        content = file.read(size)
    found = Encoding(path, encoding, content[:START], is_table=False)
    text = _decoded(content, found)
    count = len(CONTROL.findall(text))
    if count > MOST_CONTROL * len(text):
        what = f"is no text: {count:,} of its {len(text):,} characters are control characters"
        raise file_error(path, what, "give a text file, or set its `encoding`")
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32), tuple(found.notes())


def _decoded(content: bytes, encoding: Encoding) -> str:
    """Raises DataError."""
    name, errors = encoding.codec
    try:
        text = content.decode(name, errors)
    except UnicodeDecodeError as error:
        raise encoding.undecodable(f" (byte {error.start:,})") from None
    if not encoding.by_line or text.isascii():
        return text
    lines = enumerate(LINES.findall(text), 1)
    return "".join(line if line.isascii() else encoding.line(line, number) for number, line in lines)
