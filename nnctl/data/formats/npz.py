"""NumPy's files: NPZ, an archive of arrays, and NPY, one array."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, ClassVar, Literal, Self

from nnctl.data.arrays.archive import Archive, open_archive
from nnctl.data.arrays.names import (
    FIELDS,
    AmbiguousNamesError,
    ArrayNames,
    find_inputs,
    find_lengths,
    find_names,
    inputs_among,
)
from nnctl.data.arrays.npy import TEXT, layout_of, read_npy, read_pieces, require_size
from nnctl.data.arrays.pairs import paired
from nnctl.data.arrays.source import ArraySource
from nnctl.data.arrays.stream import RawInputs
from nnctl.data.files import file_error, require_file
from nnctl.data.reading import PURPOSES
from nnctl.data.source import Array, Contents, Samples
from nnctl.errors import DataError
from nnctl.regular_file import reading, shown
from nnctl.spec import ConfigPath
from nnctl.text import listed


class NPZ(ArraySource):
    """An .npz file with the arrays x and y, and x_val, y_val, x_test and y_test where it has them; or an .npy file.

    Other usual names are found: X, x_train, train_images, labels, … Arrays lengths, lengths_val and lengths_test make
    the samples padded sequences.
    """

    format: Literal["npz"] = "npz"
    suffixes: ClassVar[tuple[str, ...]] = (".npz", ".npy")
    arrays: ArrayNames = ArrayNames()
    """The names of the arrays, where the usual ones are not meant."""
    targets: ConfigPath | None = None
    """The .npy file with the targets, where `source` is an .npy file with the inputs."""

    def read(self, path: Path) -> Contents:
        """The arrays as they are. inputs: (N, ...); targets: (N,) or (N, K)."""
        if _is_npy(path):
            return self._read_pair(path)
        with open_archive(path) as archive:
            return self._read_archive(archive)

    def splits_in(self, path: Path) -> Collection[str]:
        if _is_npy(path):
            return super().splits_in(path)
        with open_archive(path) as archive:
            return self._splits(self._names(archive), is_own=self._is_own(archive))

    def raw_inputs(self, path: Path) -> RawInputs:
        """The inputs of an archive, or the array of an .npy file."""
        if _is_npy(path):
            return RawInputs(_shape_of(path, ""), _pieces(path, ""))
        with open_archive(path) as archive:
            name = find_inputs(archive.names, self.arrays)
            if name is None:
                what = f"which of its arrays holds the inputs? It has {listed(archive.names) or 'none'}"
                raise file_error(path, what, f"save them as {self.arrays.x}: numpy.savez(file, {self.arrays.x}=inputs)")
            lengths = find_lengths(archive.names, self.arrays, name)
            read = None if lengths is None else archive.read(lengths)
            notes = tuple(_notes_on_inputs(archive, name, self.arrays.x))
        return RawInputs(_shape_of(path, name), _pieces(path, name), read, notes)

    def infer(self, samples: Samples) -> Self:
        """With the names of the arrays that were found."""
        source, path = super().infer(samples), Path(self.source)
        if _is_npy(path):
            return source
        with open_archive(path) as archive:
            found = self._names(archive)
        return source.model_copy(update={"arrays": self.arrays.model_copy(update=found)})

    def _is_own(self, archive: Archive) -> bool:
        """Whether it is the file that `arrays` is about."""
        return str(archive.path) == self.source

    def _names(self, archive: Archive) -> dict[str, str]:
        """By field of `arrays`, the name of its array in this file. Raises DataError."""
        try:
            return find_names(archive.names, self.arrays, is_own=self._is_own(archive))
        except AmbiguousNamesError as error:
            what = f"{listed(error.names)} may all be {error.field}; it has {listed(archive.names)}"
            help = f"say which is meant: `arrays: {{{error.field}: {error.names[0]}}}`"
            if not self._is_own(archive):
                help = f"save the one that is meant as {getattr(self.arrays, error.field)}"
            raise file_error(archive.path, what, help) from None

    def _read_pair(self, path: Path) -> Contents:
        if self.targets is None or str(path) != self.source:
            raise file_error(
                path,
                "holds inputs alone, the file of its targets is not known",
                "save both in one .npz file: numpy.savez(file, x=inputs, y=targets)"
                + (", or set `targets`" if self.targets is None else ""),
            )
        targets = Path(self.targets)
        samples = paired(path, read_npy(path), read_npy(targets), shown(path), shown(targets))
        return Contents(train=samples, files=(path, targets))

    def _read_archive(self, archive: Archive) -> Contents:
        found = self._names(archive)
        is_own = self._is_own(archive)
        splits = self._splits(found, is_own=is_own)
        unused = _note_on_unused(archive, found, splits)
        parts = {}
        for split in splits:
            together = splits if is_own else [split]  # of another file one is meant
            taken = _note_on_names(archive, found, together, self.arrays, is_own=is_own)
            parts[split] = replace(self._part(archive, found, split), notes=(*taken, *unused))
        return Contents(parts.get("train"), parts.get("test"), parts.get("validation"), (archive.path,))

    def _splits(self, found: Mapping[str, str], *, is_own: bool) -> list[str]:
        """The splits that are read: those with inputs and targets, and those that must have both, so that what is
        missed is told: the samples to train on, and in the source's own file those that are named.
        """
        splits = []
        for split, (x, y, _) in FIELDS.items():
            is_named = split == "train" or (is_own and (self.arrays.is_set(x) or self.arrays.is_set(y)))
            if (x in found and y in found) or (is_named and (x in found or y in found)):
                splits.append(split)
        return splits or [split for split, (x, _, _) in FIELDS.items() if x in found][:1] or ["train"]

    def _part(self, archive: Archive, found: Mapping[str, str], split: str) -> Samples:
        x, y, lengths = (found.get(field, getattr(self.arrays, field)) for field in FIELDS[split])
        for name, meant in ((x, "inputs"), (y, "targets")):
            if name not in archive.names and not self._is_own(archive):  # `arrays` is about another file
                what = f"has no array {name}; it has {listed(archive.names) or 'none'}"
                raise file_error(archive.path, what, f"save the {meant} under this name: numpy.savez(file, {name}=…)")
        samples = paired(archive.path, archive.read(x), archive.read(y), x, y)
        return replace(samples, lengths=archive.read(lengths) if FIELDS[split][2] in found else None)


def _is_npy(path: Path) -> bool:
    return path.suffix.lower() == ".npy"


@contextmanager
def _opened(path: Path, name: str) -> Iterator[tuple[IO[bytes], int]]:
    """The NPY file at this path and its bytes, or the one of this name in the archive there."""
    if name:
        with open_archive(path) as archive, archive.opened(name) as opened:
            yield opened
    else:
        size = require_file(path)
        with reading(path, DataError), path.open("rb") as file:
            yield file, size


def _shape_of(path: Path, name: str) -> tuple[int, ...]:
    """The shape of an array of inputs, by its header. Raises DataError."""
    with _opened(path, name) as (file, size):
        layout = layout_of(path, file, name)
        require_size(path, layout, size, name)
    if layout.dtype.kind in TEXT:
        raise file_error(path, f"{name or 'it'} holds text, inputs are numbers", "save numbers: array.astype(float)")
    if not layout.shape:
        raise file_error(path, f"{name or 'it'} is a single number", "save one row a sample")
    return layout.shape


def _pieces(path: Path, name: str) -> Iterator[Array]:
    with _opened(path, name) as (file, size):
        yield from read_pieces(path, file, size, name)


def _notes_on_inputs(archive: Archive, name: str, usual: str) -> Iterator[str]:
    """What to say where the array may not be the one that is meant. usual: its name in training."""
    others = [other for other in inputs_among(archive.names) if other != name]
    if name != usual or others:
        unused = f"; not used: {listed(others)}" if others else ""
        missed = f"no array {usual}, " if name != usual else ""
        yield f"{shown(archive.path)}: {missed}the inputs are {name}{unused}"


def _note_on_names(
    archive: Archive, found: Mapping[str, str], splits: list[str], names: ArrayNames, *, is_own: bool
) -> tuple[str, ...]:
    """What to say of names that were found. is_own: whether it is the file to train on."""
    used = _used(found, splits)
    if all(name == getattr(names, field) for field, name in used.items()):
        return ()
    taken = {split: listed(used[field] for field in FIELDS[split] if field in used) for split in splits}
    text = "; ".join(f"{arrays} {PURPOSES[split]}" if is_own else arrays for split, arrays in taken.items())
    return (f"{shown(archive.path)}: takes {text}",)


def _note_on_unused(archive: Archive, found: Mapping[str, str], splits: list[str]) -> tuple[str, ...]:
    """What to say of arrays that are left out."""
    used = _used(found, splits).values()
    others = [name for name in archive.names if name not in used]
    return (f"{shown(archive.path)}: arrays that are not used: {listed(others)}",) if others else ()


def _used(found: Mapping[str, str], splits: list[str]) -> dict[str, str]:
    """The names of these splits' arrays, by field."""
    return {field: found[field] for split in splits for field in FIELDS[split] if field in found}
