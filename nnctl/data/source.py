"""What a data source is: where samples come from, and how they are split and prepared."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, Self

from numpy.typing import NDArray
from pydantic import Field, PlainValidator, ValidationInfo, WrapSerializer

from nnctl.data.scaling import Scaling
from nnctl.data.splits.groups import group_of, is_grouped
from nnctl.data.splits.name_rule import NameRule
from nnctl.data.splits.row_rule import RowRule
from nnctl.data.splits.split import Fold
from nnctl.data.stream import Stream
from nnctl.data.table.preprocessing import Embedding
from nnctl.data.table.table import Column, Table
from nnctl.data.table.target_transform import TargetStep
from nnctl.data.table.texts import Texts
from nnctl.data.table.windows import Windows
from nnctl.errors import DataError, Problem, UsageError
from nnctl.regular_file import shown
from nnctl.spec import ConfigPath, Spec, absolute, kind_named, kinds, written
from nnctl.text import did_you_mean

Array = NDArray[Any]


@dataclass(frozen=True)
class Samples:
    """Samples as a file holds them."""

    inputs: Array | Table | Windows | Texts
    """(N, ...) numbers, a table, the windows of a series, or texts."""
    targets: Array
    """(N,) or (N, K), numbers or text; of sequences also (N, T) or (N, T, K), one a step."""
    origin: str
    """The file, for messages."""
    target_names: tuple[str, ...] = ()
    """One a target column; empty where the format has none."""
    lines: Array | None = None
    """(N,), the line of each sample in the file, where it has lines."""
    labels: tuple[str, ...] = ()
    """The words that targets stand for, where these are numbers that stand for words."""
    first: int = 0
    """The number of the first sample in the file, counted from 0."""
    lengths: Array | None = None
    """(N,), of samples that are padded sequences."""
    steps: int = 0
    """T, where samples are of the shape (T,) or (T, F) and may be sequences; else 0."""
    unknown: str = ""
    """The class of what training has not seen, where there is one."""
    channels_first: bool = False
    """Whether the file has its channels first; the inputs are transposed to channels last."""
    notes: tuple[str, ...] = ()
    """What the user should know of how they were read."""
    naive: Mapping[str, Array] = field(default_factory=dict)
    """Of a series, forecasts that need no network by name, shaped as the targets; NaN or -1 where there is none."""
    names: tuple[str, ...] = ()
    """Of each sample its file, as seen from the origin, where each is a file of its own."""
    beside: tuple[Column, ...] = ()
    """Of rows of a table, columns that are no inputs and may name what rows belong to."""
    found: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the source that were not set, with what was found in their place; see `infer`."""
    weights: Array | None = None
    """(N,) float64, at least 0, how much each sample counts; None: all alike."""

    table: Table | None = None
    """The list that names the files, a row a sample, where there is one."""

    def __len__(self) -> int:
        return len(self.inputs)

    def problem(self, row: int, what: str, help: str = "") -> Problem:
        """A mistake in the sample of this row, counted from 0: with its line, its file, or its number from 1 on."""
        if self.lines is not None:
            return Problem(what, file=self.origin, line=int(self.lines[row]), help=help)
        if self.names:
            return Problem(what, file=f"{self.origin}/{self.names[row]}", help=help)
        return Problem(f"sample {self.first + row + 1:,}: {what}", file=self.origin, help=help)


@dataclass(frozen=True)
class Contents:
    """What one file or folder holds: samples to train on, to validate with, to test on."""

    train: Samples | None
    test: Samples | None = None
    validation: Samples | None = None
    files: tuple[Path, ...] = ()
    """All that were read."""


class Preprocessing(Protocol):
    """How samples become a network's inputs, fitted to the training samples alone."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one sample, channels last."""

    @property
    def embeddings(self) -> tuple[Embedding, ...]:
        """The last inputs of a table that are numbers of slots."""

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the inputs of a table, else empty."""

    @property
    def input_ranges(self) -> dict[str, tuple[int, int]]:
        """By the name or number of a column, where its inputs begin and end; empty where samples have no columns."""

    @property
    def slots(self) -> int | None:
        """How many slot numbers there are, where all inputs are such; None where they are others."""

    def scaling(self, precision: str) -> Scaling | None:
        """How inputs that are bytes are scaled in this precision; None where samples are a table's."""

    def transform(self, inputs: Any, rows: Array | None, precision: str) -> Array:
        """The prepared inputs, (N, *shape), contiguous. rows: (N,), or None for all. Raises DataError."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; floats keep every bit."""


Rule = RowRule | NameRule
Drawn = float | Fold | RowRule
"""What sets samples aside at random: a fraction, a fold, a rule with a `share`."""


def _part(value: Any, info: ValidationInfo) -> float | str | Rule | None:
    if value is None or isinstance(value, Rule):
        return value
    if isinstance(value, Mapping):
        if "name" not in value and not any(key == "column" or did_you_mean(str(key), ["column"]) for key in value):
            raise ValueError(
                "says neither which rows nor which files; write {column: year, from: 2010} or {name: anna_*.wav}"
            )
        return (NameRule if "name" in value else RowRule).model_validate(value)
    if isinstance(value, str) and value:
        return str(absolute(value, info))
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1:
        return float(value)
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    raise ValueError(f"expected a fraction between 0 and 1 or a path, got {shown}; 0.1 is a tenth of them")


# One validator, no union: its mistakes carry the key's own path and one sentence.
Part = Annotated[
    float | str | Rule | None,
    PlainValidator(_part, json_schema_input_type=float | str | Rule | None),
    WrapSerializer(written),
]


UNRECOGNISED = "idx"  # the format that says what is wrong with a path that no format recognises
LISTED = {"file": "images"}  # the key that says where a table names files, and their format


class Source(Spec):
    """Base of all data formats. Where `format` is not set, it is the format that recognises the path."""

    tag: ClassVar[str] = "format"
    package: ClassVar[str] = "nnctl.data.formats"
    suffixes: ClassVar[tuple[str, ...]] = ()
    holds: ClassVar[str] = "arrays"
    """What its files hold, in a word: other files for the same network hold the same."""
    other_files: ClassVar[str] = "an .npy, .npz or IDX file"
    """What these may be."""

    source: ConfigPath = Field(min_length=1)
    """The file or folder with the samples; relative to the config."""
    validation: Part = None
    """Measured after every epoch, never trained on: a fraction of the training samples, a path, rows of a table, whole
    groups of rows, or samples by the names of their files."""
    test: Part = None
    """Kept for `nnctl eval`: a fraction of the samples, a path, rows of a table ({column: year, from: 2010}), whole
    groups of rows ({column: patient, share: 0.2}), or samples by the names of their files ({name: "anna_*"})."""
    fold: Fold | None = None
    """Which part of the samples is kept for `nnctl eval`, in the place of `test`; `nnctl train --folds` sets it."""
    shuffle: bool = True
    """Whether the training samples are shuffled anew in every epoch."""
    drop_last: bool = False
    """Whether a last batch that is not full is left out of training; with gradient_accumulation, a last step."""

    @classmethod
    def shorthand(cls, value: Any) -> Any:
        """A bare path is the source with its defaults."""
        return {"source": value} if isinstance(value, str) else value

    @classmethod
    def tagged(cls, value: Any, info: ValidationInfo) -> Any:
        """A source without `format` has the format that recognises its path, or whose key it has."""
        value = cls.shorthand(value)
        if not isinstance(value, Mapping) or cls.tag in value:
            return value
        if listed := next((kind for key, kind in LISTED.items() if key in value), None):
            return {**value, cls.tag: listed}
        path = value.get("source")
        kind = find_format(Path(absolute(path, info))) if isinstance(path, str) else None
        return {**value, cls.tag: UNRECOGNISED if kind is None else kind.model_fields[cls.tag].default}

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """Whether a file or folder is of this format: by its ending, where a format does not look closer.

        A DVC pointer has the format of its file, so that reading it says what it is.
        """
        return path.name.lower().removesuffix(".dvc").endswith(cls.suffixes)

    def reads(self, path: Path) -> bool:
        """Whether it reads a file that another format recognises, in the place of that."""
        return False

    def for_shape(self, shape: Sequence[int]) -> Self:
        """The source, to read samples for a network that was trained on others, of another format, of this shape."""
        return self

    @property
    def has_validation(self) -> bool | None:
        """Whether there are validation samples, by the key or in the source itself; None where that cannot be read."""
        try:
            return self.validation is not None or "validation" in self.splits_in(Path(self.source))
        except DataError:
            return None

    def splits_in(self, path: Path) -> Collection[str]:
        """The splits that a file or folder has samples of, as its names tell. Raises DataError."""
        return ("train",)

    @property
    def target_steps(self) -> list[TargetStep]:
        """How targets that are values are transformed."""
        return []

    @property
    def is_ordered(self) -> bool:
        """Whether samples follow each other in time: then a fraction of them is the last part, and none is drawn."""
        return False

    @property
    def has_naive_forecasts(self) -> bool:
        """Whether there are forecasts of its samples that need no network, such as the last value."""
        return False

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the targets where the source tells them once it was inferred; empty where the targets do."""
        return ()

    @property
    def cuts_itself(self) -> bool:
        """Whether `read` sets validation and test samples aside, so that none shares anything with one to train on."""
        return False

    @property
    def drawn(self) -> dict[str, Drawn]:
        """What sets samples aside at random, by the split that they are for."""
        parts = {"validation": self.validation, "test": self.fold or self.test}
        if self.is_ordered:
            return {}
        return {name: part for name, part in parts.items() if is_grouped(part) or isinstance(part, float | Fold)}

    @property
    def split_columns(self) -> dict[str, str]:
        """The columns of a table that decide a split, by the key that names them."""
        parts = {"validation.column": self.validation, "test.column": self.test}
        named = {key: part.column for key, part in parts.items() if isinstance(part, RowRule)}
        return named | ({"fold.group": self.fold.group} if self.fold is not None and self.fold.group else {})

    @property
    def groups(self) -> tuple[str, ...]:
        """The columns among these whose rows of one value stay together, those of the test samples first."""
        parts = (self.fold, self.test, self.validation)
        return tuple(dict.fromkeys(group_of(part) for part in parts if is_grouped(part)))

    @abstractmethod
    def read(self, path: Path) -> Contents:
        """The samples of one file or folder. Raises DataError."""

    @abstractmethod
    def infer(self, samples: Samples) -> Self:
        """The source with what these samples tell and other files must agree with, such as the types of columns."""

    @abstractmethod
    def validate_samples(self, samples: Samples, train: Samples | None = None, preprocessing: Any = None) -> Samples:
        """The samples, if they are sound, of the same kind as those to train on, and such as a preprocessing is for.

        Raises DataError.
        """

    @abstractmethod
    def fit(self, samples: Samples, rows: Array) -> Preprocessing:
        """The preprocessing for these training rows and no others. Raises DataError."""

    @abstractmethod
    def stream(self, path: Path, preprocessing: Any, precision: str, id: str | None = None) -> Stream:
        """The inputs of a file, prepared block by block; it may be larger than memory, and targets in it are ignored.

        id: the column that names the samples, in the place of the source's own. Raises DataError: at once for what the
        file's header tells, else where a block is read.
        """

    def stream_of_several(self, paths: Sequence[Path], preprocessing: Any, precision: str) -> Stream:
        """The same of several files, one or more, whose samples are named by them. Raises UsageError where a file holds
        many samples, and DataError.
        """
        raise UsageError(
            f"{len(paths):,} sources are given, and {shown(paths[0])} is of a kind that is predicted one at a time",
            help="run the command once for each of them",
        )

    @abstractmethod
    def preprocessing_from_json(self, value: Mapping[str, Any]) -> Preprocessing:
        """The preprocessing that a checkpoint keeps. Raises ValueError where the value cannot be one."""

    def with_fitted(self, preprocessing: Preprocessing) -> Self:
        """The source with everything that was fitted written in its own keys."""
        return self

    def for_other_files(self) -> Self:
        """The source of a run, to read other files: alike, and without a word on what training told."""
        return self

    def unseen(self, preprocessing: Any, samples: Samples, rows: Array, split: str) -> Sequence[str]:
        """Notes on these samples: what they have that training never saw."""
        return ()

    def require_seen(self, preprocessing: Any, samples: Samples) -> None:
        """Raise DataError for a column in which no sample has a category that training saw."""

    def ids(self, path: Path, lines: Array) -> tuple[str, ...]:
        """What a file has in the column `id` in these lines, (N,); nothing where it has no such column."""
        return ()

    def count_missing(self, preprocessing: Any, samples: Samples, rows: Array) -> dict[str, int]:
        """How many cells of each input column are missing in these samples; empty where samples have no columns."""
        return {}


def find_format(path: Path) -> type[Source] | None:
    """The format that recognises this file or folder, which need not exist; None where none does.

    One that has the name of the ending is asked first: mostly no other is imported.
    """
    named = kind_named(Source, path.suffix[1:].lower())
    if named is not None and named.recognises(path) and not path.is_dir():
        return named
    return next((kind for kind in kinds(Source).values() if kind.recognises(path)), None)
