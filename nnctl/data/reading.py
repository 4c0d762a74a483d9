"""The files of a source: found, read and validated; the training samples first, which tell the types of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nnctl.data.files import file_error
from nnctl.data.hashes import Origin
from nnctl.data.source import Contents, Preprocessing, Samples, Source, find_format
from nnctl.errors import DataError, Problem
from nnctl.regular_file import reading, shown
from nnctl.text import by

PURPOSES = {"train": "to train on", "validation": "to validate with", "test": "to test on"}
NAMES = tuple(PURPOSES)


@dataclass(frozen=True)
class Files:
    """Where the samples of each split lie; None where they are set aside from the training samples, or not wanted."""

    train: Path
    validation: Path | None
    test: Path | None


@dataclass(frozen=True)
class Parts:
    """Validated samples by the split that their file is for."""

    train: Samples
    validation: Samples | None
    """None where there are none, or where they are to be set aside from the training samples; test likewise."""
    test: Samples | None
    origins: tuple[Origin, ...]

    def __iter__(self) -> Iterator[tuple[str, Samples]]:
        for name, samples in zip(NAMES, (self.train, self.validation, self.test), strict=True):
            if samples is not None:
                yield name, samples


def find(source: Source) -> Files:
    """The files and folders that a source names."""
    validation, test = (Path(part) if isinstance(part, str) else None for part in (source.validation, source.test))
    return Files(Path(source.source), validation, test)


def read(source: Source, files: Files, preprocessing: Preprocessing | None = None) -> Parts:
    """The training samples, and the samples to validate with and to test on that the same file holds. Raises DataError.

    preprocessing: what the samples must fit, if there is one already.
    """
    contents = source.read(files.train)
    if contents.train is None:
        what = "holds samples to test on and none to train on"
        raise DataError(Problem(what, file=shown(files.train), help="add the training samples, or name their file"))
    own = {"validation": contents.validation, "test": contents.test, "fold": contents.test}
    for key, samples in own.items():
        if samples is not None and getattr(source, key) is not None and not source.cuts_itself:
            kind = "test" if key == "fold" else key
            what = f"is set, and {shown(files.train)} holds {len(samples):,} {kind} samples of its own"
            raise DataError(Problem(what, path=f"data.{key}", help=f"leave `{key}` out, or name a source without them"))
    train = source.validate_samples(contents.train, preprocessing=preprocessing)
    validation, test = (
        None if samples is None else source.validate_samples(samples, train, preprocessing)
        for samples in (contents.validation, contents.test)
    )
    return Parts(train, validation, test, (Origin("source", files.train, contents.files),))


def infer(source: Source, parts: Parts) -> Source:
    """The source with what the training samples tell: the types of columns."""
    return source.infer(parts.train)


def read_others(source: Source, files: Files, parts: Parts, preprocessing: Preprocessing | None = None) -> Parts:
    """The parts with the samples of the other files, read by what was inferred. Raises DataError."""
    for name, path in (("validation", files.validation), ("test", files.test)):
        if path is not None:
            contents = source_for(path, source).read(path)
            samples = source.validate_samples(one_part(contents, name, path), parts.train, preprocessing)
            origins = (*parts.origins, Origin(name, path, contents.files))
            parts = replace(parts, origins=origins, **{name: samples})
    return parts


def source_for(path: Path, source: Source, shape: Sequence[int] = ()) -> Source:
    """What reads another file than the source's own: the source, or one of another format that is alike.

    shape: of one training sample, if it is to be named. Raises DataError for a table among arrays, and the like.
    """
    kind = find_format(path) or type(source)
    if isinstance(source, kind) or source.reads(path):
        return source
    if source.holds != kind.holds:
        with reading(path, DataError):
            path.stat()  # what is not there holds nothing
        expected = f"arrays of {by(shape)}" if shape and source.holds == "arrays" else source.holds
        what = f"holds {kind.holds}, the training samples are {expected}"
        raise file_error(path, what, f"give {source.other_files}")
    own = {key: value for key, value in source if key in kind.model_fields and key != "format"}
    return kind.model_construct(**own).for_shape(shape)


def one_part(contents: Contents, name: str, path: Path) -> Samples:
    """The samples of another file that are meant by `train`, `validation` or `test`."""
    every = {"train": contents.train, "validation": contents.validation, "test": contents.test}
    own = {name: samples for name, samples in every.items() if samples is not None}
    if not own:
        raise DataError(Problem("holds no samples", file=shown(path), help="give at least one sample"))
    if name not in own and len(own) > 1:
        what = f"holds samples {' and samples '.join(PURPOSES[name] for name in own)}, not one set"
        raise DataError(Problem(what, file=shown(path), help="name the file of the set that is meant"))
    return own[name] if name in own else next(iter(own.values()))
