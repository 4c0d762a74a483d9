"""How the text of a file is encoded: as is said, as its first bytes tell, or line by line as its bytes tell."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from nnctl.data.files import file_error
from nnctl.errors import DataError, Problem
from nnctl.regular_file import shown
from nnctl.text import quoted

START = 1 << 12  # bytes that are looked at
OLDER = "cp1252"  # what files that are not UTF-8 mostly are; latin-1 has all of its letters
BOMS = {
    **{codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"},
    **{codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"},  # which UTF-32 begins like
}
NO_TEXTS = (  # what files begin with, what they are, and the remedy
    (rb"PK\x03\x04", "is an Excel workbook or a zip archive", "save the sheet as CSV, or unpack it"),
    (rb"\xd0\xcf\x11\xe0", "is an Excel workbook of an old kind", "save the sheet as CSV"),
    (rb"PAR1", "is a Parquet file", "end its name in .parquet, or set `format: parquet`"),
    (rb"%PDF-", "is a PDF file", "save its table as CSV"),
)
NO_TABLES = (
    *NO_TEXTS,
    (rb"\s*<(!doctype|html|head|body)\b", "is an HTML page", "fetch the file itself, not the page that shows it"),
    (rb"\s*<\?xml\b", "is an XML file", "save its table as CSV"),
    (rb'\s*(\{\s*"|\[\s*[{\[])', "is a JSON file", "save its table as CSV"),
    (rb"(\s*%[^\n]*\n)*\s*@relation\b", "is an ARFF file", "save its table as CSV"),
)
UNDECODED = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8, as Python's surrogateescape has them

codecs.register_error("nnctl.latin-1", lambda error: (_bytes_of(error).decode("latin-1"), _end_of(error)))


class Encoding:
    """The encoding of a file.

    UTF-8 and the encodings of one byte a character are told apart line by line: a line that is no UTF-8 has the other.
    """

    def __init__(self, path: Path, declared: str | None, start: bytes, *, is_table: bool = True) -> None:
        """start: the file's first bytes. is_table: whether the text is to be a table.

        Raises DataError for an unknown encoding, for what is no text, and for text that is no table where it is to be.
        """
        self.path, self.declared = path, declared
        self.lines = 0  # that are not of the encoding that was declared
        self.told = False
        declared_name = self._declared_name()
        _require_text(path, start, is_table)
        self.name = _name_of(path, start) if declared_name is None else _seen_through(declared_name, path, start)
        self.is_guessed = declared is None and self.name.startswith("utf-16-")
        self.is_other = self.name != (declared_name or self.name)
        self.by_line = self.name == "utf-8" or _has_one_byte_each(self.name)

    @property
    def codec(self) -> tuple[str, str]:
        """The name for Python, and what it does with wrong bytes."""
        return ("utf-8-sig", "surrogateescape") if self.by_line else (self.name, "strict")

    def line(self, text: str, number: int) -> str:
        """A line that has other characters than ASCII's, as it is meant."""
        if not self.by_line:
            return text
        is_utf_8 = UNDECODED.search(text) is None
        self.lines += is_utf_8 != (self.name == "utf-8")
        if is_utf_8:
            return text
        content = text.encode("utf-8", "surrogateescape")
        if self.name == "utf-8":
            return content.decode(OLDER, "nnctl.latin-1")
        try:
            return content.decode(self.name)
        except UnicodeDecodeError as error:
            what = f"is not {self.name} text: no character has the byte {error.object[error.start]:#x}"
            raise file_error(self.path, what, "set the right `encoding`, or save it as UTF-8", number) from None

    def notes(self) -> list[str]:
        """What people should know."""
        if self.is_guessed:
            return [f"{shown(self.path)} is read as UTF-16, which its first bytes do not say"]
        if self.is_other:
            name = self._in_words()
            return [f"{shown(self.path)} is {name} text, not {self.declared}: read as {name}"]
        if not self.lines:
            return []
        lines = "a line" if self.lines == 1 else f"{self.lines:,} lines"
        if self.name != "utf-8":
            return [f"{shown(self.path)} is UTF-8 text, not {self.declared}, in {lines}: read as UTF-8"]
        return [f"{shown(self.path)} is not UTF-8 text in {lines}: read as {OLDER}, else set `encoding`"]

    def undecodable(self, place: str) -> DataError:
        """The error for bytes that are no text. place: where they are, for people."""
        help = "set its `encoding`, latin-1 for many older files, or save it as UTF-8"
        if self.declared is not None:
            help = f"set the right `encoding`, or save it as {self.declared}"
        return file_error(self.path, f"is not {self._in_words()} text{place}", help)

    def _in_words(self) -> str:
        return self.name.upper() if self.name.startswith("utf") else self.name

    def _declared_name(self) -> str | None:
        if self.declared is None:
            return None
        try:
            "".encode(self.declared)
            return codecs.lookup(self.declared).name.removesuffix("-sig")
        except (LookupError, ValueError):
            what = f"unknown encoding {quoted(self.declared)}"
            raise DataError(Problem(what, path="data.encoding", help="set one like utf-8, latin-1, cp1252")) from None


def _name_of(path: Path, start: bytes) -> str:
    """Of a file that begins like this."""
    if marked := _marked(start):
        return marked
    if 0 not in start:
        return "utf-8"
    for name, zeros, others in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if 0 not in others and 2 * zeros.count(0) > len(zeros):  # letters of the first 256 have a zero each
            return name
    what = f"holds bytes that are no text (a zero, byte {start.index(0):,})"
    raise file_error(path, what, "is it a text file? fetch it again, or set its `encoding`")


def _require_text(path: Path, start: bytes, is_table: bool) -> None:
    if not start:
        raise file_error(path, "is empty", "give a file with samples, or fetch it again")
    for beginning, what, help in NO_TABLES if is_table else NO_TEXTS:
        if re.match(beginning, start.removeprefix(codecs.BOM_UTF8), re.IGNORECASE):
            raise file_error(path, what, help if is_table else "give a text file")


def _marked(start: bytes) -> str | None:
    """The encoding that the first bytes name."""
    return next((name for bom, name in BOMS.items() if start.startswith(bom)), None)


def _seen_through(declared: str, path: Path, start: bytes) -> str:
    """The encoding of a file: the one that is declared, where its first bytes cannot tell that it is another."""
    has_zeros, is_wide = 0 in start, declared.startswith(("utf-16", "utf-32"))
    if has_zeros != is_wide:  # which no text of one byte a character has, and all others have
        return _name_of(path, start) if has_zeros else "utf-8"
    if is_wide or _has_one_byte_each(declared):
        return declared
    # By chance other text is hardly ever UTF-8 of three bytes a character; the reverse is often so.
    text = _decoded(start, "utf-8") or ""
    is_utf_8 = max(text, default="") >= "\u0800" or (not text.isascii() and _decoded(start, declared) is None)
    return "utf-8" if is_utf_8 else declared


def _decoded(start: bytes, name: str) -> str | None:
    """The text of a file that begins like this, in this encoding; None where it cannot be in it."""
    try:
        return codecs.getincrementaldecoder(name)().decode(start)
    except UnicodeError:
        return None


def _has_one_byte_each(name: str) -> bool:
    """Whether each byte is a character, the first 128 those of ASCII; a few may be none."""
    plain = bytes(range(128))
    try:
        if plain.decode(name) != plain.decode("ascii"):
            return False
    except UnicodeError:
        return False
    return sum(_is_character(byte, name) for byte in range(128, 256)) > 64


def _is_character(byte: int, name: str) -> bool:
    try:
        return len(bytes([byte]).decode(name)) == 1
    except UnicodeError:
        return False


def _bytes_of(error: UnicodeError) -> bytes:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end]


def _end_of(error: UnicodeError) -> int:
    assert isinstance(error, UnicodeDecodeError)
    return error.end
