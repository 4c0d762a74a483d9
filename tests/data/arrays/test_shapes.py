"""Shapes axis by axis: what is flattened, what is transposed, what is refused; never another order in silence."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.arrays.shapes import (
    Arrangement,
    Expected,
    arrange_first,
    arrange_later,
    in_words,
    is_same_order,
    looks_channels_first,
)
from nnctl.errors import DataError
from nnctl.text import by

Shape = tuple[int, ...]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((784,), (28, 28, 1)),
        ((28, 28), (28, 28, 1)),
        ((1, 28, 28), (28, 28, 1)),
        ((2, 7, 3), (14, 3)),
        ((6, 4), (2, 3, 4)),
        ((1,), ()),
        ((3, 16, 16), (768,)),
    ],
)
def test_joined_axes_keep_the_order(a: Shape, b: Shape) -> None:
    assert is_same_order(a, b)
    assert is_same_order(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((3, 16, 16), (16, 16, 3)),
        ((6, 4), (4, 6)),
        ((6, 4), (12, 2)),
        ((6, 4), (6,)),
        ((4,), (5,)),
        ((16, 3), (48, 16)),
    ],
)
def test_other_orders_and_sizes(a: Shape, b: Shape) -> None:
    assert not is_same_order(a, b)
    assert not is_same_order(b, a)


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_any_joining_of_neighbours_is_the_same_order(sizes: list[int], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(sizes)), max_size=3)) | {0, len(sizes)})
    joined = [math.prod(sizes[start:stop]) for start, stop in itertools.pairwise(cuts)]
    assert is_same_order(tuple(sizes), tuple(joined))
    order = data.draw(st.permutations(range(len(sizes))))
    turned = tuple(sizes[axis] for axis in order)
    array = np.arange(math.prod(sizes)).reshape(sizes)
    if is_same_order(tuple(sizes), turned) and sorted(sizes) == sorted(set(sizes)):
        np.testing.assert_array_equal(array.reshape(turned), array.transpose(order))


@pytest.mark.parametrize("shape", [(3, 16, 16), (1, 28, 28), (4, 5, 7), (3, 20, 30)])
def test_channels_first_is_found_and_told(shape: Shape) -> None:
    assert looks_channels_first(shape)
    found = arrange_first(shape, (), None, "a.npz")
    assert found.channels_first
    height, width = shape[1:]
    assert f"a.npz: samples of {shape[0]}×{height}×{width} look like channels first" in found.note
    assert f"transposed to {height}×{width}×{shape[0]}" in found.note
    assert arrange_first(shape, (), "first", "a.npz") == Arrangement(True)
    assert arrange_first(shape, (), "last", "a.npz") == Arrangement(False)


@pytest.mark.parametrize(
    "shape", [(16, 16, 3), (28, 28, 1), (3, 3, 3), (16, 16, 16), (3, 16), (5,), (7, 7, 32), (1, 5, 3)]
)
def test_other_samples_are_kept(shape: Shape) -> None:
    assert arrange_first(shape, (), None, "a.npz") == Arrangement(False)


@pytest.mark.parametrize("shape", [(2, 9, 9), (6, 16, 20), (13, 64, 64)])
def test_samples_that_may_have_their_channels_first_are_kept_and_told(shape: Shape) -> None:
    kept, note = arrange_first(shape, (), None, "a.npz")
    assert not kept
    assert f"{by(shape)} are taken as {shape[2]} channels of {by(shape[:2])}; `channels: first` or" in note
    assert arrange_first(shape, (), "first", "a.npz") == Arrangement(True)
    assert arrange_first(shape, (), "last", "a.npz") == Arrangement(False)


def test_rows_that_become_colour_pictures_are_told() -> None:
    kept, note = arrange_first((3072,), (32, 32, 3), None, "a.npz")
    assert not kept
    assert "save array.reshape(-1, 3, 32, 32)" in note
    for own, shape, channels in (
        ((3072,), (32, 32, 3), "last"),
        ((784,), (28, 28, 1), None),
        ((9, 3), (3, 3, 3), None),
    ):
        assert arrange_first(own, shape, channels, "a.npz") == Arrangement(False)


@pytest.mark.parametrize(
    ("own", "shape", "channels"),
    [
        ((784,), (28, 28, 1), None),
        ((28, 28), (28, 28, 1), None),
        ((16, 16, 3), (768,), None),
        ((3, 16, 16), (16, 16, 3), "first"),
        ((3, 16, 16), (3, 16, 16), "last"),
        ((3, 16, 16), (768,), "first"),
        ((1, 28, 28), (28, 28, 1), None),
        ((2, 7, 3), (14, 3), None),
    ],
)
def test_shapes_that_fit(own: Shape, shape: Shape, channels: str | None) -> None:
    arrange_first(own, shape, channels, "a.npz")


@pytest.mark.parametrize(
    ("own", "shape", "channels", "what", "help"),
    [
        ((3, 16, 16), (16, 16, 3), None, "are 3×16×16: a transpose, which `shape` does not do", "`channels: first`"),
        ((3, 20, 30), (20, 30, 3), None, "are 3×20×30: a transpose", "set `channels: first` in the place of `shape`"),
        ((5, 16, 16), (16, 16, 5), None, "are 5×16×16: a transpose", "set `channels: first` in the place of `shape`"),
        ((3, 16, 16), (3, 16, 16), None, "are their channels first?", "`channels: last`"),
        ((1, 28, 28), (1, 28, 28), None, "are their channels first?", "`channels: last`"),
        ((16, 16, 3), (3, 16, 16), None, "the samples of a.npz are 16×16×3", "leave `shape` out: channels are last"),
        ((3, 16, 16), (3, 16, 16), "first", "are 3×16×16, 16×16×3 with channels last", "leave `shape` out"),
        ((6, 4), (4, 6), None, "is 4×6, the samples of a.npz are 6×4", "array.transpose(0, 2, 1)"),
        ((12,), (3, 5), None, "is 3×5, the samples of a.npz are 12 numbers", "as many numbers"),
        ((1,), (2,), None, "is 2 numbers, the samples of a.npz are 1 number", "as many numbers"),
        ((784,), (1, 28, 28), None, "is 1×28×28, and the order is height × width × channels", "use [28, 28, 1]"),
        ((3072,), (3, 32, 32), None, "is 3×32×32, and the order", "save array.reshape(-1, 3, 32, 32)"),
        ((28, 28), (), "first", "has 28×28, not three axes", "remove `channels`"),
        ((784,), (28, 28, 1), "first", "has 784 numbers, not three axes", "remove `channels`"),
        ((16, 16, 3), (), "first", "are 16×16×3: their channels are last", "remove `channels`"),
    ],
)
def test_shapes_that_are_refused(own: Shape, shape: Shape, channels: str | None, what: str, help: str) -> None:
    with pytest.raises(DataError) as caught:
        arrange_first(own, shape, channels, "a.npz")
    (problem,) = caught.value.problems
    assert problem.path == ("data.shape" if shape and "three axes" not in what else "data.channels")
    assert what in problem.what
    assert help in problem.help


RGB = Expected((16, 16, 3), (16, 16, 3), True)
LAST = Expected((16, 16, 3), (16, 16, 3), False)
GREY = Expected((28, 28, 1), (28, 28, 1), False)
FLAT = Expected((28, 28), (784,), False)
UNFLAT = Expected((768,), (16, 16, 3), False)
OLD = Expected((), (16, 16, 3), False)


@pytest.mark.parametrize(
    ("own", "expected", "transposed", "note"),
    [
        ((3, 16, 16), RGB, True, ""),
        ((16, 16, 3), RGB, False, "samples of 16×16×3 have their channels last, in training they were first"),
        ((16, 16, 3), LAST, False, ""),
        ((3, 16, 16), LAST, True, "samples of 3×16×16 have their channels first: they are transposed to 16×16×3"),
        ((3, 16, 16), OLD, True, "samples of 3×16×16 have their channels first: they are transposed to 16×16×3"),
        ((768,), LAST, False, "samples of 768 numbers are taken as 16×16×3, in this order"),
        ((768,), UNFLAT, False, ""),
        ((16, 16, 3), UNFLAT, False, ""),
        ((3, 16, 16), UNFLAT, True, "transposed to 16×16×3"),
        ((28, 28), GREY, False, ""),
        ((1, 28, 28), GREY, False, ""),
        ((784,), GREY, False, "samples of 784 numbers are taken as 28×28×1, in this order"),
        ((784,), FLAT, False, ""),
        ((28, 28), FLAT, False, ""),
        ((28, 28, 1), FLAT, False, ""),
        ((), Expected((1,), (1,), False), False, ""),
        ((3, 3, 3), Expected((3, 3, 3), (3, 3, 3), True), True, ""),
        ((3, 16, 16), Expected((16, 16, 3), (768,), True), True, ""),
        ((3, 16, 16), Expected((16, 16, 3), (768,), False), True, "transposed to 16×16×3"),
    ],
)
def test_later_files(own: Shape, expected: Expected, transposed: bool, note: str) -> None:
    found = arrange_later(own, expected, "b.npy", 9)
    assert found.channels_first is transposed
    assert found.note == "" if not note else found.note.startswith("b.npy: ") and note in found.note


@pytest.mark.parametrize(
    ("count", "own", "expected", "what", "help"),
    [
        (12, (12,), Expected((12, 12), (12, 12), False), "looks like one sample of 12×12", "save array[np.newaxis]"),
        (12, (12, 1), Expected((12, 12, 1), (12, 12, 1), False), "one sample of 12×12×1", "save array[np.newaxis]"),
        (28, (28,), GREY, "looks like one sample of 28×28×1", "save array[np.newaxis]"),
        (784, (), FLAT, "looks like one sample of 784 numbers", "save array[np.newaxis]"),
        (3, (16, 16), RGB, "looks like one sample of 16×16×3", "save array[np.newaxis]"),
        (16, (16, 3), LAST, "looks like one sample of 16×16×3", "save array[np.newaxis]"),
        (4, (), Expected((4,), (4,), False), "looks like one sample of 4 numbers", "save array[np.newaxis]"),
        (9, (5,), Expected((4,), (4,), False), "expected samples of 4 numbers, got 5 numbers", "like those"),
        (9, (), Expected((4,), (4,), False), "expected samples of 4 numbers, got 1 number", "like those"),
        (9, (20, 28), GREY, "expected samples of 28×28×1, got 20×28", "like those"),
        (9, (20, 16, 3), Expected((16, 20, 3), (16, 20, 3), False), "got 20×16×3", "array.transpose(0, 2, 1, 3)"),
        (9, (3, 20, 16), Expected((16, 20, 3), (16, 20, 3), True), "got 3×20×16", "array.transpose(0, 3, 2, 1)"),
        (9, (8, 98), Expected((28, 28), (784,), False), "expected samples of 28×28, got 8×98", "like those"),
    ],
)
def test_later_files_that_are_refused(count: int, own: Shape, expected: Expected, what: str, help: str) -> None:
    with pytest.raises(DataError) as caught:
        arrange_later(own, expected, "b.npy", count)
    (problem,) = caught.value.problems
    assert problem.file == "b.npy"
    assert what in problem.what
    assert help in problem.help


def test_the_transpose_in_a_remedy_works() -> None:
    array = np.zeros((9, 3, 20, 16))
    assert array.transpose(0, 3, 2, 1).shape[1:] == (16, 20, 3)


def test_words() -> None:
    assert [in_words(shape) for shape in ((28, 28, 1), (1234,), (1,), ())] == [
        "28×28×1",
        "1,234 numbers",
        "1 number",
        "1 number",
    ]
