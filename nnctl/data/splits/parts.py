"""The files of a source: which samples are for training, for validation and for testing, checked one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nnctl.data.files import shown
from nnctl.data.hashes import Origin
from nnctl.data.source import Contents, Preprocessing, Samples, Source
from nnctl.errors import DataError, Problem

NAMES = ("train", "validation", "test")


@dataclass(frozen=True)
class Parts:
    """Samples by the file they come from; a part that is to be split off by a fraction is None."""

    source: Source  # with what the samples to train on have told
    train: Samples
    validation: Samples | None
    test: Samples | None
    origins: tuple[Origin, ...]

    def __iter__(self) -> Iterator[tuple[str, Samples]]:
        for name, samples in zip(NAMES, (self.train, self.validation, self.test), strict=True):
            if samples is not None:
                yield name, samples


def read_parts(source: Source, preprocessing: Preprocessing | None = None) -> Parts:
    """Read and check every file that a source names. preprocessing: that they are for, if any. Raises DataError."""
    path = Path(source.source)
    contents = source.read(path)
    if contents.train is None:
        what = "holds samples to test on and none to train on"
        raise DataError(Problem(what, file=shown(path), help="add the training samples, or name their file"))
    for key, set_aside in (("test", source.test), ("fold", source.fold)):
        if contents.test is not None and set_aside is not None:
            what = f"is set, and {shown(path)} holds {len(contents.test):,} test samples of its own"
            raise DataError(Problem(what, path=f"data.{key}", help=f"leave `{key}` out, or name a source without them"))
    train = source.validate_samples(contents.train, preprocessing=preprocessing)
    source = source.infer(train)
    origins = [Origin("source", path, contents.files)]
    extra: dict[str, Samples | None] = {"validation": None, "test": contents.test}
    for name, given in (("validation", source.validation), ("test", source.test)):
        if isinstance(given, str):
            other = source.read(Path(given))
            extra[name] = one_part(other, name, Path(given))
            origins.append(Origin(name, Path(given), other.files))
    others = {
        name: source.validate_samples(part, train, preprocessing) if part else None for name, part in extra.items()
    }
    return Parts(source, train, others["validation"], others["test"], tuple(origins))


def one_part(contents: Contents, name: str, path: Path) -> Samples:
    """The samples of another file that are meant by `train`, `validation` or `test`."""
    if contents.train is not None and contents.test is not None:
        if name == "validation":
            what = "holds samples to train on and samples to test on, one set was expected"
            raise DataError(Problem(what, file=shown(path), help="name the file of the set that is meant"))
        return contents.train if name == "train" else contents.test
    samples = contents.train or contents.test
    if samples is None:
        raise DataError(Problem("holds no samples", file=shown(path), help="give at least one sample"))
    return samples
