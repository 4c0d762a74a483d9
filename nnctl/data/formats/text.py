"""Text files: sequences of characters, whose targets are the characters that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import AfterValidator, Field

from nnctl.data.files import file_error, require_memory
from nnctl.data.source import Array, Contents, Samples, Source
from nnctl.data.splits.table_column import no_columns
from nnctl.data.stream import Block, Stream, block_rows
from nnctl.data.text.characters import read_characters
from nnctl.data.text.parts import Stretches, parts_of, stretches_of
from nnctl.data.text.preprocessing import TextPreprocessing
from nnctl.data.text.sequences import left_out, sequences
from nnctl.data.text.vocabulary import UNKNOWN, Vocabulary, shown_character
from nnctl.errors import UsageError
from nnctl.regular_file import shown
from nnctl.text import counted, listed, share


def _without_repetition(characters: str | None) -> str | None:
    twice = next((character for character in characters or "" if (characters or "").count(character) > 1), None)
    if twice is not None:
        raise ValueError(f"has {shown_character(twice)} twice; name every character once")
    return characters


@dataclass(frozen=True)
class TextSamples(Samples):
    """Sequences of one part of a text, as slot numbers."""

    characters: int = 0
    """Of the part."""
    strange: Mapping[str, int] = field(default_factory=dict)
    """How often each character occurs that the vocabulary does not have."""
    vocabulary: str = ""


class Text(Source):
    """A text file, cut into sequences of characters; the target of each step is the character that follows.

    `validation` and `test` take the last part of the file; each part is cut into sequences by itself. Slot 0, the class
    `unknown`, is for characters that are not in the training part.
    """

    format: Literal["text"] = "text"
    holds: ClassVar[str] = "text"
    other_files: ClassVar[str] = "a text file"
    steps: int = Field(default=64, ge=1, le=1_000_000)
    """Characters of a sequence."""
    stride: int | None = Field(default=None, ge=1)
    """Characters from the start of a sequence to the start of the next. Unset: steps, so that none overlap."""
    encoding: str | None = None
    """How the text is written: utf-8, cp1252, … Unset, the bytes tell; lines that are not UTF-8 are read as cp1252."""
    vocabulary: Annotated[str, Field(min_length=1), AfterValidator(_without_repetition)] | None = None
    """The characters that the network knows, in the order of their slots from 1 on. Unset: those to train on."""

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """None: a .txt file may as well hold a table."""
        return False

    @property
    def is_ordered(self) -> bool:
        return True

    @property
    def cuts_itself(self) -> bool:
        return True

    @property
    def classes(self) -> tuple[str, ...]:
        return () if self.vocabulary is None else Vocabulary(self.vocabulary).classes

    def read(self, path: Path) -> Contents:
        """The own file's parts, or all of another one to train on, as it were. inputs and targets: (N, steps)."""
        codes, notes = read_characters(path, self.encoding)
        if path.resolve() != Path(self.source).resolve():
            everything = ((0, len(codes)),)
            return Contents(train=self._samples(path, codes, everything, self._known(codes, everything), "", notes))
        for key, name in self.split_columns.items():
            raise no_columns(name, shown(path), f"data.{key}")
        validation, test = (part if isinstance(part, float) else None for part in (self.validation, self.test))
        train, validated, tested = parts_of(len(codes), validation, test, self.fold)
        known = self._known(codes, train)
        missed = left_out([codes[first:end] for first, end in (*train, *validated, *tested)], self.steps, self._stride)
        if missed:
            of = share(missed, len(codes), "characters")
            notes = (*notes, f"{of} fill no whole sequence of {self.steps:,} and the character that follows")
        return Contents(
            self._samples(path, codes, train, known, "train", notes),
            self._samples(path, codes, tested, known, "test") if tested else None,
            self._samples(path, codes, validated, known, "validation") if validated else None,
            (path,),
        )

    @property
    def _stride(self) -> int:
        return self.stride or self.steps

    def _known(self, codes: Array, train: Stretches) -> Vocabulary:
        """That of the config, or that of these stretches."""
        return Vocabulary.of(stretches_of(codes, train)) if self.vocabulary is None else Vocabulary(self.vocabulary)

    def _samples(
        self,
        path: Path,
        codes: Array,
        stretches: Stretches,
        known: Vocabulary,
        key: str,
        notes: tuple[str, ...] = (),
    ) -> TextSamples:
        """Raises DataError where there is not one sequence."""
        parts = stretches_of(codes, stretches)
        count = sum(map(len, parts))
        slots = [known.encode(part) for part in parts]
        require_memory(path, 2 * count * -(-self.steps // self._stride) * slots[0].itemsize, "its sequences")
        inputs, targets = sequences(slots, self.steps, self._stride)
        if not len(inputs):
            what = f"a sequence takes {self.steps + 1:,} characters, {self.steps:,} and the one that follows"
            longest = max(map(len, parts))
            help = "give a longer text"
            if key and longest > 1:
                help += f", or set `steps` to {longest - 1:,} or less"
            if key in ("validation", "test"):
                help += f", or `{key}` to more"
            of = {"train": " to train on", "validation": " to validate with", "test": " to test on"}.get(key, "")
            raise file_error(path, f"has {counted(count, 'character')}{of}, and {what}", help)
        strange: dict[str, int] = {}
        for part in parts:
            for character, number in known.unknown(part).items():
                strange[character] = strange.get(character, 0) + number
        return TextSamples(
            inputs,
            targets,
            shown(path),
            labels=known.classes,
            steps=self.steps,
            unknown=UNKNOWN,
            notes=notes,
            characters=count,
            strange=strange,
            vocabulary=known.characters,
        )

    def infer(self, samples: Samples) -> Self:
        """With the vocabulary of the training part."""
        assert isinstance(samples, TextSamples)
        return self.model_copy(update={"vocabulary": samples.vocabulary})

    def validate_samples(self, samples: Samples, train: Samples | None = None, preprocessing: Any = None) -> Samples:
        return samples  # read by a vocabulary, every character is a slot

    def fit(self, samples: Samples, rows: Array) -> TextPreprocessing:
        assert isinstance(samples, TextSamples)
        return TextPreprocessing(self.steps, Vocabulary(samples.vocabulary))

    def unseen(self, preprocessing: Any, samples: Samples, rows: Array, split: str) -> Sequence[str]:
        """Characters that training never saw."""
        assert isinstance(samples, TextSamples)
        return tuple(_note_on_strange(samples.strange, samples.characters, f"{split} characters"))

    def preprocessing_from_json(self, value: Mapping[str, Any]) -> TextPreprocessing:
        return TextPreprocessing.from_json(value)

    def stream(self, path: Path, preprocessing: TextPreprocessing, precision: str, id: str | None = None) -> Stream:
        """All characters in sequences that do not overlap; the last may be shorter."""
        if id is not None:
            what = f"--id names a column, and {shown(path)} has none"
            raise UsageError(what, help="leave --id out: the sequences are numbered")
        codes, notes = read_characters(path, self.encoding)
        steps, count = preprocessing.steps, len(codes)
        strange = _note_on_strange(preprocessing.vocabulary.unknown(codes), count, "characters")
        slots = preprocessing.vocabulary.encode(codes)
        return Stream(
            _blocks(slots, steps, precision, has_lengths=count % steps > 0),
            count=-(-count // steps),
            notes=(*notes, *(f"{shown(path)}: {note}" for note in strange)),
            has_lengths=count % steps > 0,
        )


def _blocks(slots: Array, steps: int, precision: str, *, has_lengths: bool) -> Iterator[Block]:
    """slots: (N,)."""
    size = block_rows(steps) * steps
    for start in range(0, len(slots), size):
        part = slots[start : start + size]
        rows = -(-len(part) // steps)
        inputs = np.zeros((rows, steps), precision)
        inputs.reshape(-1)[: len(part)] = part
        lengths = np.minimum(steps, len(part) - steps * np.arange(rows)) if has_lengths else None
        yield Block(inputs, lengths=lengths)


def _note_on_strange(strange: Mapping[str, int], characters: int, what: str) -> Iterator[str]:
    """what: which characters they are among."""
    if strange:
        count = sum(strange.values())
        of, are = share(count, characters, what), "is" if count == 1 else "are"
        names = listed(f"{shown_character(character)} ({count:,})" for character, count in strange.items())
        yield f"{of} {are} not among those to train on and stand in the slot `{UNKNOWN}`: {names}"
