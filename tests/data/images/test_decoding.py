"""Many pictures at once: in their order on any number of threads, with all that are damaged."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from nnctl.data import progress
from nnctl.data.images import decoders, decoding
from nnctl.data.images.decoding import decode_into, look_at
from nnctl.data.images.notes import notes_on
from nnctl.data.images.resizing import Frame
from nnctl.data.images.room import Room
from nnctl.errors import DataError
from tests.support.drawings import drawing, turned, write
from tests.support.sources import refusal

FRAME = Frame(12, 12, "fit", "rgb")


def files(folder: Path, count: int) -> list[Path]:
    return [write(folder / f"{number}.png", drawing("left", seed=number)) for number in range(count)]


@pytest.fixture(params=["one thread", "threads", "processes"])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_NUM_THREADS", "1" if request.param == "one thread" else "3")
    monkeypatch.setattr(decoding, "CHUNK", 2)
    if request.param == "processes":
        monkeypatch.setattr(decoders, "MANY", 2)


@pytest.mark.usefixtures("threads")
def test_each_is_in_its_place(tmp_path: Path) -> None:
    paths, room, heard = files(tmp_path, 9), Room(9, FRAME.shape), []
    with progress.heard_by(lambda *told: heard.append(told)):
        seen = decode_into(room, paths, FRAME)
    pixels = room.samples(seen.kept)
    np.testing.assert_array_equal(pixels, [drawing("left", seed=number) for number in range(9)])
    assert heard == [("decoding pictures", done, 9) for done in (2, 4, 6, 8, 9)]
    assert look_at(paths) == seen


@pytest.mark.usefixtures("threads")
def test_all_that_are_damaged_are_told(tmp_path: Path) -> None:
    paths = files(tmp_path, 20)
    for number in range(3, 17):
        paths[number].write_bytes(paths[number].read_bytes()[:-100])
    room = Room(20, FRAME.shape)
    seen = decode_into(room, paths, FRAME)
    np.testing.assert_array_equal(
        room.samples(seen.kept), [drawing("left", seed=number) for number in (0, 1, 2, 17, 18, 19)]
    )
    with pytest.raises(DataError) as caught:
        seen.require_sound("or skip them")
    assert len(caught.value.problems) == 10
    first, *_, last = caught.value.problems
    assert (first.file, first.help) == (
        str(paths[3]),
        "fetch it again, or take it out of the folder; or skip them",
    )
    assert last.what.endswith(" (and 4 more)")
    names = [path.name for path in paths]
    (note,) = notes_on(seen, FRAME, names)
    assert note == ("14 of the 20 pictures are damaged, and left out: 3.png, 4.png, 5.png, 6.png, 7.png, … (14 in all)")


ANSWER = json.dumps([{"height": 12, "width": 12, "is_grey": False, "traits": []}])  # and no pixels behind it
ENDS = ["", "input()", "input(); print('[{', end='')", f"input(); print({ANSWER!r})"]


@pytest.mark.parametrize("program", ENDS)
def test_a_process_that_ends_costs_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setenv("NUMBA_NUM_THREADS", "2")
    monkeypatch.setattr(decoders, "MANY", 2)
    monkeypatch.setattr(decoders, "COMMAND", [sys.executable, "-c", program])
    paths = files(tmp_path, 3)
    room = Room(3, FRAME.shape)
    kept = decode_into(room, paths, FRAME).kept
    np.testing.assert_array_equal(room.samples(kept), [drawing("left", seed=number) for number in range(3)])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    paths = [*files(tmp_path, 2), tmp_path / "gone.png"]
    with pytest.raises(DataError) as caught:
        look_at(paths).require_sound()
    assert "gone.png: does not exist" in refusal(caught)


def test_what_is_done_to_pictures_that_are_not_alike(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "0.png", drawing("left")),
        write(tmp_path / "1.png", drawing("left", 6, 8)),
        write(tmp_path / "2.png", drawing("left", 40, 30)),
        write(tmp_path / "3.png", drawing("left")[..., 0]),
        write(tmp_path / "4.png", np.dstack([drawing("left"), np.full((12, 12), 9, np.uint8)])),
        write(tmp_path / "5.png", drawing("left")[..., 0].astype(np.uint16)),
        write(tmp_path / "6.jpg", drawing("left"), "CMYK"),
        write(tmp_path / "7.jpg", drawing("left"), exif=turned(6)),
    ]
    names = [path.name for path in paths]
    assert notes_on(look_at(paths), FRAME, names) == (
        "2 of the 8 pictures are resized to 12×12 from 6×8 … 40×30, whole, with black around them (`size`, `resize`)",
        "2 of the 8 pictures are grey, and taken as RGB (`mode`)",
        "1 of the 8 pictures is turned, as the camera said",
        "1 of the 8 pictures has an alpha channel: what is transparent becomes white",
        "1 of the 8 pictures has 16 bits a pixel: the upper 8 are kept",
        "1 of the 8 pictures is CMYK: the colours become RGB",
    )
    assert notes_on(look_at(paths[:1]), FRAME, names) == ()
    grey = Frame(12, 12, "stretch", "grey")
    assert notes_on(look_at(paths[1:2]), grey, names) == (
        "the only picture is resized to 12×12 from 6×8, whole, and distorted (`size`, `resize`)",
        "the only picture is coloured: only its brightness is kept (`mode`)",
    )
