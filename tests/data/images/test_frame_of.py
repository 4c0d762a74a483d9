"""The size and the mode that pictures are made where no key says it."""

from __future__ import annotations

import pytest

from nnctl.data.images.frame_of import frame_of
from nnctl.data.images.picture import Look
from nnctl.data.images.resizing import Frame


def looks(*sizes: tuple[int, int], grey: int = 0) -> list[Look]:
    return [Look(*size, number < grey, frozenset()) for number, size in enumerate(sizes)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(28, 28), (28, 28)], (28, 28)),
        ([(256, 100)], (256, 100)),
        ([(480, 640), (480, 640)], (48, 64)),
        ([(3000, 2)], (64, 1)),
        ([(480, 640), (640, 480)], (64, 64)),
        ([(20, 30), (24, 22), (500, 400)], (22, 22)),
    ],
)
def test_sizes(sizes: list[tuple[int, int]], expected: tuple[int, int]) -> None:
    assert frame_of(looks(*sizes), None, "fit", None).size == expected


def test_what_is_set_is_kept() -> None:
    assert frame_of(looks((9, 9), grey=1), [5, 6], "crop", "rgb") == Frame(5, 6, "crop", "rgb")
    assert frame_of(looks((9, 9)), None, "stretch", "grey") == Frame(9, 9, "stretch", "grey")


def test_grey_where_all_are() -> None:
    assert frame_of(looks((9, 9), (9, 9), grey=2), None, "fit", None).mode == "grey"
    assert frame_of(looks((9, 9), (9, 9), grey=1), None, "fit", None).mode == "rgb"
