"""The one spelling of a column's name, in a file's header and wherever people name the column."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from nnctl.text import composed

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff"))


def column_name(text: str) -> str:
    """Without surrounding blanks and invisible characters, with one blank for several and for a line break."""
    return " ".join(composed(text).translate(INVISIBLE).split())


ColumnName = Annotated[str, Field(min_length=1), AfterValidator(column_name)]
"""A name or a pattern in a config."""
