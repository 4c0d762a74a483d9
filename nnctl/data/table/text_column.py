"""What a config says of a table's column of short texts that is the whole input."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from nnctl.data.table.column_name import ColumnName
from nnctl.spec import Spec

LONGEST = 100_000  # tokens of a text
MOST_TOKENS = 100_000  # in a vocabulary

TokenKind = Literal["words", "characters", "pieces"]


class TextColumn(Spec):
    """A text is a sequence of slot numbers, one a token, as the layer embedding takes it. Slot 0 is for all tokens that
    are not in the vocabulary, the others are the vocabulary's."""

    column: ColumnName
    """The column of texts. It is the whole input."""
    tokens: TokenKind = "words"
    """words, in which punctuation marks are tokens, too; characters; or pieces of words by byte-pair encoding."""
    vocabulary: int = Field(default=5_000, ge=1, le=MOST_TOKENS)
    """How many tokens are learnt at most: the most frequent ones of the training texts."""
    min_count: int = Field(default=2, ge=1)
    """Tokens that the training texts have less often are not learnt."""
    length: int | None = Field(default=None, ge=1, le=LONGEST)
    """Tokens of a text that are read, its first ones. Unset: so many that 99 of 100 training texts are read whole."""
    lower_case: bool = True
    """Whether upper and lower case are the same."""

    @model_serializer(mode="wrap")
    def _what_is_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value is not None}
