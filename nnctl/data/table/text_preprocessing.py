"""How texts become sequences of slot numbers: fitted to the training texts, applied alike ever after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, StringConstraints, ValidationError

from nnctl.data.table.column_name import ColumnName
from nnctl.data.table.pieces import END, Pieces, learn
from nnctl.data.table.preprocessing import Embedding
from nnctl.data.table.ragged import Ragged
from nnctl.data.table.table import Array, Table
from nnctl.data.table.text_column import LONGEST, MOST_TOKENS, TextColumn, TokenKind
from nnctl.data.table.text_findings import MOST_EXAMPLES, TextFindings
from nnctl.data.table.texts import Texts
from nnctl.data.table.tokens import LONGEST_TOKEN
from nnctl.data.table.vocabulary import most_frequent
from nnctl.errors import DataError, Problem
from nnctl.memory import available_memory, bytes_in_words
from nnctl.spec import Spec
from nnctl.text import counted

MOST_LOOKED_AT = 1 << 12  # unknown tokens, for examples of different ones
WHOLE = 99  # of 100 training texts, which an unset length reads whole

Token = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TOKEN + len(END))]
Pair = Annotated[tuple[Token, Token], Field(strict=False)]


class TextColumnPreprocessing(Spec):
    """Slot 0 is for tokens that are not in the vocabulary, slot n for its nth token."""

    embeddings: ClassVar[tuple[Embedding, ...]] = ()
    output_names: ClassVar[tuple[str, ...]] = ()

    column: ColumnName
    tokens: TokenKind
    lower_case: bool
    length: int = Field(ge=1, le=LONGEST)
    """Tokens of a sample."""
    vocabulary: Annotated[tuple[Token, ...], Field(strict=False, min_length=1, max_length=MOST_TOKENS)]
    merges: Annotated[tuple[Pair, ...], Field(strict=False, max_length=MOST_TOKENS)] = ()
    """Of pieces: the pairs that are joined, in this order."""
    has_unknown: bool = True
    """Whether training texts had something in slot 0, so that its vector is trained."""

    @classmethod
    def fit(cls, texts: Texts, rows: Array, settings: TextColumn) -> TextColumnPreprocessing:
        """To these training texts and no others. rows: (N,) positions. Raises DataError where nothing is learnt."""
        own = texts.take(rows)
        if not len(own.values):
            rows_are = "the only training row" if len(rows) == 1 else f"all {len(rows):,} training rows"
            what = f"column {texts.column}: the text is empty in {rows_are}"
            raise DataError(Problem(what, file=texts.table.origin, help="give texts to train on"))
        found = np.bincount(own.values, minlength=len(texts.tokens)).tolist()
        counts = Counter({token: count for token, count in zip(texts.tokens, found, strict=True) if count})
        merges: tuple[tuple[str, str], ...] = ()
        if settings.tokens == "pieces":
            vocabulary, merges = learn(counts, settings.vocabulary, settings.min_count)
        else:
            vocabulary = most_frequent(counts, settings.vocabulary, settings.min_count)
        if not vocabulary:
            what = f"no token occurs {settings.min_count:,} times in the {counted(len(rows), 'training text')}"
            help = "give more texts, or lower it: `text: {min_count: 1}`"
            raise DataError(Problem(what, path="data.text.min_count", help=help))
        made = cls(
            column=texts.column,
            tokens=settings.tokens,
            lower_case=settings.lower_case,
            length=settings.length or LONGEST,
            vocabulary=vocabulary,
            merges=merges,
        )
        if settings.length is None:
            lengths = np.sort(made._slots_of(texts, rows).counts)
            usual = int(lengths[-(-len(lengths) * WHOLE // 100) - 1])
            made = made.model_copy(update={"length": min(max(usual, 1), LONGEST)})
        found = made.findings(texts, rows)
        return made.model_copy(update={"has_unknown": found.unknown + found.empty > 0})

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.length,)

    @property
    def slots(self) -> int:
        """How many slot numbers there are."""
        return len(self.vocabulary) + 1

    @property
    def input_ranges(self) -> dict[str, tuple[int, int]]:
        """None: a text is no column of inputs."""
        return {}

    def scaling(self, precision: str) -> None:
        """None: texts have no bytes to scale."""

    def texts(self, table: Table) -> Texts:
        """The texts of a table that has the column."""
        return Texts.of(table, self.column, self.tokens, lower_case=self.lower_case)

    def transform(self, inputs: Texts, rows: Array | None, precision: str) -> Array:
        """The slots of these texts, (N, length), 0 behind a text's end. rows: (N,), None for all. Raises DataError."""
        count = len(inputs) if rows is None else len(rows)
        size = count * self.length * np.dtype(precision).itemsize
        if size > (free := available_memory()):
            what = f"is {self.length:,}: {count:,} texts of so many tokens take {bytes_in_words(size)} of memory"
            what += f", {bytes_in_words(free)} are free"
            raise DataError(Problem(what, path="data.text.length", help="set a shorter length"))
        return self._slots_of(inputs, rows).padded(self.length, precision)

    def lengths(self, texts: Texts, rows: Array | None) -> NDArray[np.int64]:
        """How many tokens of these texts are read, (N,); 1 of an empty one, in slot 0."""
        return np.clip(self._slots_of(texts, rows).counts, 1, self.length)

    def findings(self, texts: Texts, rows: Array | None) -> TextFindings:
        """What is to be told of these texts."""
        slots = self._slots_of(texts, rows)
        places = np.arange(len(slots.values)) - np.repeat(slots.starts, slots.counts)
        read = slots.values[places < self.length]
        positions = range(len(texts)) if rows is None else rows.tolist()
        return TextFindings(
            texts=len(positions),
            empty=int(np.count_nonzero(slots.counts == 0)),
            cut=int(np.count_nonzero(slots.counts > self.length)),
            length=self.length,
            longest=int(slots.counts.max(initial=0)),
            tokens=len(read),
            unknown=int(np.count_nonzero(read == 0)),
            examples=self._unknown(texts, rows),
            first=next((text for row in positions if (text := texts.text(row))), ""),
            is_untrained=not self.has_unknown,
        )

    def _slots_of(self, texts: Texts, rows: Array | None) -> Ragged:
        """The slots of all tokens of these texts."""
        own = texts.take(rows)
        used = np.flatnonzero(np.bincount(own.values, minlength=len(texts.tokens)))
        places = np.zeros(len(texts.tokens), np.int64)
        places[used] = np.arange(len(used))
        parts = Ragged.of([self._slots(texts.tokens[number]) for number in used.tolist()])
        return Ragged(places[own.values], own.counts).expanded(parts)

    def _slots(self, token: str) -> list[int]:
        parts = self._pieces.cut(token) if self.tokens == "pieces" else (token,)
        return [self._slot.get(part, 0) for part in parts]

    def _unknown(self, texts: Texts, rows: Array | None) -> tuple[str, ...]:
        """The first tokens that have a slot 0."""
        numbers = texts.take(rows).values
        is_unknown = np.zeros(len(texts.tokens), bool)
        for number in np.flatnonzero(np.bincount(numbers, minlength=len(texts.tokens))).tolist():
            is_unknown[number] = 0 in self._slots(texts.tokens[number])
        different = dict.fromkeys(numbers[is_unknown[numbers]][:MOST_LOOKED_AT].tolist())
        return tuple(texts.tokens[number] for number in list(different)[:MOST_EXAMPLES])

    @cached_property
    def _slot(self) -> dict[str, int]:
        return {token: slot for slot, token in enumerate(self.vocabulary, 1)}

    @cached_property
    def _pieces(self) -> Pieces:
        return Pieces(self.merges)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TextColumnPreprocessing:
        """The inverse of `to_json`. Raises ValueError where the value cannot be one."""
        try:
            made = cls.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"invalid preprocessing of texts: {place}: {first['msg']}") from None
        known = set(made.vocabulary)
        fit = len(known) == len(made.vocabulary) and (made.tokens == "pieces" or not made.merges)
        if not fit or any(part not in known for pair in made.merges for part in (*pair, "".join(pair))):
            raise ValueError("invalid preprocessing of texts: its parts do not fit together")
        return made
