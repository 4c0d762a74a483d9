"""What a data source is: where samples come from, and how they are split and prepared."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from numpy.typing import NDArray
from pydantic import Field, PlainValidator, ValidationInfo

from nnctl.errors import Problem
from nnctl.spec import ConfigPath, Spec, absolute, kinds

Array = NDArray[Any]


@dataclass(frozen=True)
class Samples:
    """Samples as a file holds them. inputs: (N, ...) numbers. targets: (N,) or (N, K), numbers or text.

    origin: the file, for messages. input_names, target_names: one a column, empty where the format has none.
    lines: (N,), the line of each sample in the file, where it has lines.
    """

    inputs: Array
    targets: Array
    origin: str
    input_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()
    lines: Array | None = None

    def problem(self, row: int, what: str, help: str = "") -> Problem:
        """A mistake in the sample of this row, counted from 0, with its line or its number counted from 1."""
        if self.lines is not None:
            return Problem(what, file=self.origin, line=int(self.lines[row]), help=help)
        return Problem(f"sample {row + 1:,}: {what}", file=self.origin, help=help)


@dataclass(frozen=True)
class Contents:
    """What one file or folder holds: samples to train on, samples to test on, or both. files: all that were read."""

    train: Samples | None
    test: Samples | None = None
    files: tuple[Path, ...] = ()


def _fraction_or_path(value: Any, info: ValidationInfo) -> float | str | None:
    if value is None:
        return None
    if isinstance(value, str) and value:
        return str(absolute(value, info))
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1:
        return float(value)
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    raise ValueError(f"is {shown}, a fraction between 0 and 1 or a path was expected; 0.1 is a tenth of them")


# One validator, no union: its mistakes carry the key's own path and one sentence.
FractionOrPath = Annotated[
    float | str | None, PlainValidator(_fraction_or_path, json_schema_input_type=float | str | None)
]


class Source(Spec):
    """Base of all data formats. The format is told by the path's ending where `format` does not say it."""

    tag: ClassVar[str] = "format"
    suffixes: ClassVar[tuple[str, ...]] = ()

    source: ConfigPath = Field(min_length=1)
    """The file or folder with the samples; relative to the config."""
    validation: FractionOrPath = None
    """A fraction of the training samples, or a path: measured after every epoch, never trained on."""
    test: FractionOrPath = None
    """A fraction of the samples, or a path: kept for `nnctl eval`."""
    shuffle: bool = True
    """Whether the training samples are shuffled anew in every epoch."""
    drop_last: bool = False
    """Whether a last batch that is not full is left out of training."""
    shape: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)] | None = None
    """The shape of one sample, channels last, where the file's own is not meant: [28, 28, 1]."""
    scale: float | None = Field(default=None, gt=0.0)
    """Inputs are divided by it. Unset: 255 for images of bytes, else 1."""
    standardize: bool = False
    """Subtract the training samples' mean and divide by their standard deviation: by column, by channel."""

    @classmethod
    def shorthand(cls, value: Any) -> Any:
        """A path is a source of its ending's format; so is a mapping that does not say `format`."""
        if isinstance(value, str):
            value = {"source": value}
        if isinstance(value, Mapping) and cls.tag not in value:
            return {**value, cls.tag: cls._format_of(value.get("source"))}
        return value

    @classmethod
    def _format_of(cls, path: Any) -> str:
        """The format that a path's ending tells; `idx`, whose sources are folders, where it tells none."""
        ending = str(path).lower()
        return next((name for name, kind in kinds(cls).items() if ending.endswith(kind.suffixes or "\0")), "idx")

    @abstractmethod
    def read(self, path: Path) -> Contents:
        """The samples of one file or folder. Raises DataError."""
