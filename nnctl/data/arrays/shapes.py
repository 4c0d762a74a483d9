"""Shapes of samples, compared axis by axis: what is taken as it is, transposed to channels last, flattened, refused.

A sample's numbers are never put in another order without its axes being transposed: a reshape may only join axes that
stand side by side, or part them.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

from nnctl.errors import DataError, Problem
from nnctl.text import by

Shape = tuple[int, ...]

CHANNELS = (1, 3, 4)  # grey, RGB, RGB with alpha


class Arrangement(NamedTuple):
    """How the samples of a file are taken. note: what the user should know, or empty."""

    channels_first: bool
    """Whether they are transposed to channels last."""
    note: str = ""

    def of(self, own: Shape) -> Shape:
        """The shape of a sample when it is transposed, where it is. own: as the file has it."""
        return channels_last(own) if self.channels_first else own


class Expected(NamedTuple):
    """What the samples of later files are held against."""

    raw: Shape
    """Of one sample to train on, channels last; empty: not known."""
    shape: Shape
    """Of one sample as the network sees it."""
    channels_first: bool
    """Whether the file to train on had its channels first."""


def channels_last(shape: Shape) -> Shape:
    """(C, H, W) as (H, W, C)."""
    return (*shape[1:], shape[0])


def looks_channels_first(shape: Shape) -> bool:
    """Whether the first of three axes, and not the last, has as many numbers as pictures have channels."""
    return len(shape) == 3 and shape[0] in CHANNELS and shape[-1] not in CHANNELS


def in_words(shape: Shape) -> str:
    """28×28×1, or `3 numbers`."""
    numbers = shape[0] if shape else 1
    return by(shape) if len(shape) > 1 else f"{numbers:,} number{'s' if numbers != 1 else ''}"


def is_same_order(a: Shape, b: Shape) -> bool:
    """Whether one is the other with neighbouring axes joined: (28, 28, 1), (784,). The numbers keep their places."""
    ends_a, ends_b = (set(itertools.accumulate(_without_ones(shape), int.__mul__)) for shape in (a, b))
    product_a, product_b = max(ends_a, default=1), max(ends_b, default=1)
    return product_a == product_b and (ends_a <= ends_b or ends_b <= ends_a)


def arrange_first(own: Shape, shape: Shape, channels: str | None, origin: str) -> Arrangement:
    """How samples to train on are taken. own: of one in the file. shape, channels: the config's keys, where set.

    Raises DataError.
    """
    if channels == "first":
        _require_channels_first(own, origin)
    first = channels == "first" or (channels is None and looks_channels_first(own))
    arrangement = Arrangement(first)
    if shape:
        is_unsaid = channels is None and len(shape) == 3 and looks_channels_first(own) and (own[0] != 1 or shape == own)
        if is_unsaid or not is_same_order(arrangement.of(own), shape):
            raise DataError(_unfit_shape(own, shape, channels, origin))
        if channels is None and looks_channels_first(shape):
            raise DataError(_first_in_shape(shape))
    note = _guess(own, shape, first) if channels is None else ""
    return Arrangement(first, f"{origin}: {note}" if note else "")


def _guess(own: Shape, shape: Shape, first: bool) -> str:
    """What to say of the order of the axes where no key tells it; nothing where it goes without saying."""
    which = "`channels: first` or `channels: last` says which they are"
    if first:
        return f"samples of {by(own)} look like channels first and are transposed to {by(channels_last(own))}; {which}"
    if len(own) == 3 and own[0] < min(own[1:]) and own[2] not in CHANNELS:
        return f"samples of {by(own)} are taken as {own[2]:,} channels of {by(own[:2])}; {which}"
    if len(own) == 1 and len(shape) == 3 and 1 < shape[2] in CHANNELS:
        axes = ", ".join(map(str, (shape[2], *shape[:2])))
        return (
            f"samples of {in_words(own)} are taken as {by(shape)}, the channels of a pixel side by side: say "
            f"`channels: last`; where they are stored one channel after the other, as in CIFAR-10, save "
            f"array.reshape(-1, {axes}) and leave `shape` out"
        )
    return ""


def arrange_later(own: Shape, expected: Expected, origin: str, count: int) -> Arrangement:
    """How samples of a later file are taken. own: of one in the file. count: of the samples. Raises DataError."""
    raw, shape, trained_first = expected
    known = [known for known in (raw, shape) if known]
    turned = channels_last(own) if len(own) == 3 else ()
    if trained_first and turned in known:
        return Arrangement(True)
    if any(_without_ones(own) == _without_ones(shape) for shape in known):
        is_other_order = trained_first and own in known and len(own) == 3 and own[-1] != 1
        note = f"{origin}: samples of {by(own)} have their channels last, in training they were first: they are kept"
        return Arrangement(False, note if is_other_order else "")
    if turned in known:
        note = f"{origin}: samples of {by(own)} have their channels first: they are transposed to {by(turned)}"
        return Arrangement(True, note)
    if all(is_same_order(own, shape) for shape in known):
        return Arrangement(False, f"{origin}: samples of {in_words(own)} are taken as {in_words(shape)}, in this order")
    raise DataError(_unfit(own, known, origin, count))


def _require_channels_first(own: Shape, origin: str) -> None:
    problem = None
    if len(own) != 3:
        problem = f"is first, and a sample of {origin} has {in_words(own)}, not three axes, channels × height × width"
    elif looks_channels_first(own[::-1]):
        problem = f"is first, and the samples of {origin} are {by(own)}: their channels are last"
    if problem:
        raise DataError(Problem(problem, path="data.channels", help="remove `channels`"))


def _unfit_shape(own: Shape, shape: Shape, channels: str | None, origin: str) -> Problem:
    """What is wrong with the key `shape`."""
    what = f"is {in_words(shape)}, the samples of {origin} are {in_words(own)}"
    help = "leave `shape` out, or give one of as many numbers"
    if channels == "first":
        what += f", {by(channels_last(own))} with channels last"
        help = "leave `shape` out"
    elif len(own) == 3 and shape in (channels_last(own), own):
        what += ": " + ("a transpose, which `shape` does not do" if shape != own else "are their channels first?")
        help = "set `channels: first` in the place of `shape`"
        help += f"; or `channels: last` where {own[-1]:,} is the channels" if shape == own else ""
    elif len(own) == 3 and own == channels_last(shape):
        help = "leave `shape` out: channels are last"
    elif sorted(own) == sorted(shape):
        help = f"leave `shape` out, or save the array transposed: {_transpose(own, shape)}"
    return Problem(what, path="data.shape", help=help)


def _first_in_shape(shape: Shape) -> Problem:
    """That `shape` seems to have its channels first, and the file no axis for them."""
    help = f"use [{', '.join(map(str, channels_last(shape)))}]"
    if shape[0] != 1:
        axes = ", ".join(map(str, shape))
        help = f"save array.reshape(-1, {axes}) and leave `shape` out, where the numbers are stored so"
    what = f"is {by(shape)}, and the order is height × width × channels"
    return Problem(what, path="data.shape", help=f"{help}; or set `channels: last` where it is meant")


def _unfit(own: Shape, known: list[Shape], origin: str, count: int) -> Problem:
    """What is wrong with the samples of a later file."""
    expected = known[0]
    whole = (count, *own)
    alike = [shape for shape in known if _without_ones(shape) in map(_without_ones, (whole, channels_last(whole)))]
    for shape in alike or (shape for shape in known if not own and is_same_order(whole, shape)):
        what = f"looks like one sample of {in_words(shape)}, without an axis for the samples"
        return Problem(what, file=origin, help="save array[np.newaxis]")
    what = f"expected samples of {in_words(expected)}, got {in_words(own)}"
    help = "give it samples like those of the training"
    if sorted(own) == sorted(expected):
        help = f"the same axes in another order? Save the array transposed: {_transpose(own, expected)}"
    elif len(own) == len(expected) < 3 and own[1:] == expected[1:]:
        help = _with_steps(own, expected)
    return Problem(what, file=origin, help=help)


def _with_steps(own: Shape, expected: Shape) -> str:
    """What to type so that padded sequences have as many steps as those of the training."""
    missing = expected[0] - own[0]
    others = ", (0, 0)" * (len(own) - 1)
    typed = f"array[:, :{expected[0]}]" if missing < 0 else f"np.pad(array, ((0, 0), (0, {missing}){others}))"
    return f"give it samples like those of the training; of sequences with `lengths`, save {typed}"


def _transpose(own: Shape, wanted: Shape) -> str:
    """What to type so that an array of samples of a shape has that of another, which has the same axes."""
    order = next(
        order for order in itertools.permutations(range(len(own))) if tuple(own[axis] for axis in order) == wanted
    )
    return f"array.transpose({', '.join(str(axis) for axis in (0, *(axis + 1 for axis in order)))})"


def _without_ones(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)
