"""Which arrays of an NPZ file are inputs, targets and lengths, and of which split: by the config, or by usual names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nnctl.spec import Spec
from nnctl.text import listed

INPUTS = ("x", "xs", "data", "images", "image", "imgs", "img", "inputs", "input", "features", "samples")
TARGETS = ("y", "ys", "labels", "label", "lbls", "lbl", "targets", "target", "outputs", "output")
LENGTHS = ("lengths",)
SPLITS = {
    "train": ("", "training", "train", "trainset", "tr"),
    "validation": ("validation", "valid", "validset", "validate", "val", "valset", "va", "dev", "devset", "cv", "eval"),
    "test": ("testing", "test", "testset", "te"),
}


class ArrayNames(Spec):
    """The names of the arrays in an NPZ file."""

    x: str = "x"
    """The inputs, (N, ...). Where no array has this name, a usual one is found: X, x_train, images, data, …"""
    y: str = "y"
    """The targets, (N,) or (N, K); y_train, labels, target, … are found."""
    x_val: str = "x_val"
    """Inputs to validate with; x_valid, val_images, … are found."""
    y_val: str = "y_val"
    """Targets to validate with."""
    x_test: str = "x_test"
    """Inputs to test on; X_test, test_images, … are found."""
    y_test: str = "y_test"
    """Targets to test on."""
    lengths: str = "lengths"
    """The lengths of inputs (N, T) or (N, T, F) that are padded sequences, (N,); they need not be there."""
    lengths_val: str = "lengths_val"
    """The lengths of the inputs to validate with."""
    lengths_test: str = "lengths_test"
    """The lengths of the inputs to test on."""

    def is_set(self, field: str) -> bool:
        """Whether a name is not the one by default, so that its array must be there."""
        return bool(getattr(self, field) != ArrayNames.model_fields[field].default)


FIELDS = {
    "train": ("x", "y", "lengths"),
    "validation": ("x_val", "y_val", "lengths_val"),
    "test": ("x_test", "y_test", "lengths_test"),
}
"""By split, the fields of its inputs, targets and lengths."""


class Meaning(NamedTuple):
    """What the name of an array says. field: of ArrayNames. affix: the name without its word: `_train`."""

    field: str
    affix: str


MEANINGS = {
    plain: Meaning(FIELDS[split][position], affix)
    for position, words in enumerate((INPUTS, TARGETS, LENGTHS))
    for word in words
    for split, affixes in SPLITS.items()
    for affix in affixes
    for plain in (word + affix, affix + word)
}
"""By name, in small letters and digits alone."""


class AmbiguousNamesError(ValueError):
    """Several arrays may be the one of a field."""

    def __init__(self, field: str, names: Iterable[str]) -> None:
        self.field, self.names = field, list(names)
        super().__init__(f"{listed(self.names)} may all be {field}")


def find_names(members: Iterable[str], names: ArrayNames, *, is_own: bool = True) -> dict[str, str]:
    """By field of ArrayNames, the array that it is; without those that are not there.

    A name that is set, or that is the one by default, comes first; else the one whose name means the field is found.
    is_own: whether it is the file that the names are of, in which an array whose name is set must be there: it is in
    the result, there or not. Raises AmbiguousNamesError.
    """
    members = list(members)
    taken = {getattr(names, field) for field in ArrayNames.model_fields if names.is_set(field)}
    free = [name for name in members if name not in taken]
    meanings = {name: meaning for name in free if (meaning := meaning_of(name)) is not None}
    found: dict[str, str] = {}
    for fields in FIELDS.values():
        for field in fields:
            given = getattr(names, field)
            if given in members or (is_own and names.is_set(field)):
                found[field] = given
            elif name := _by_meaning(field, meanings, found.get(fields[0])):
                found[field] = name
    return found


def inputs_among(members: Iterable[str]) -> list[str]:
    """The arrays whose names say that they are inputs, of whatever split."""
    fields = {x for x, _, _ in FIELDS.values()}
    return [name for name in members if (meaning := meaning_of(name)) is not None and meaning.field in fields]


def find_inputs(members: Iterable[str], names: ArrayNames) -> str | None:
    """The inputs of a file that needs no targets: the array x of `names`, or the only one that may be meant."""
    members = list(members)
    if names.x in members:
        return names.x
    inputs = inputs_among(members)
    own = [name for name in inputs if (meaning := meaning_of(name)) is not None and meaning.field == "x"]
    return next((choice[0] for choice in (own, inputs, members) if len(choice) == 1), None)


def find_lengths(members: Iterable[str], names: ArrayNames, inputs: str) -> str | None:
    """The lengths that belong to an array of inputs; None where there are none, and none were asked for."""
    members = list(members)
    meaning = meaning_of(inputs)
    x = "x" if inputs == names.x or meaning is None else meaning.field
    field = next(lengths for own, _, lengths in FIELDS.values() if own == x)
    given = getattr(names, field)
    if given in members:
        return str(given)
    named = [name for name in members if (other := meaning_of(name)) is not None and other.field == field]
    return named[0] if named else given if names.is_set(field) else None


def meaning_of(name: str) -> Meaning | None:
    """The field that a name stands for in the usual spellings: X, x_train, trainX, val-images, Test_Labels."""
    return MEANINGS.get(_plain(name))


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _by_meaning(field: str, meanings: Mapping[str, Meaning], inputs: str | None) -> str | None:
    """The array that means this field. inputs: the array of the split's inputs: the partner is spelled like it."""
    named = [name for name, meaning in meanings.items() if meaning.field == field]
    if len(named) > 1 and inputs is not None and inputs in meanings:
        alike = [name for name in named if _spelling(name, meanings) == _spelling(inputs, meanings)]
        named = alike or named
    if len(named) > 1:
        raise AmbiguousNamesError(field, named)
    return named[0] if named else None


def _spelling(name: str, meanings: Mapping[str, Meaning]) -> tuple[str, bool]:
    affix = meanings[name].affix
    return affix, _plain(name).startswith(affix)
