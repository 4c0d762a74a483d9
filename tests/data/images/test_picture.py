"""Pictures of every kind as bytes, and files that are none."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnctl.data.images.picture import MOST_PIXELS, Trait, decode, look
from nnctl.data.images.resizing import Frame, Mode
from nnctl.errors import DataError
from tests.support.drawings import Array, drawing, turned, write
from tests.support.sources import refusal

GREY = np.arange(0, 240, 10, dtype=np.uint8).reshape(4, 6)
RGB = drawing("left", 4, 6)


def decoded(path: Path, mode: Mode = "rgb") -> Array:
    """In its own size."""
    seen = look(path)
    pixels, again = decode(path, Frame(seen.height, seen.width, "fit", mode))
    assert seen == again
    assert pixels.dtype == np.uint8
    return pixels


def mode_of(path: Path) -> str:
    with Image.open(path) as image:
        return image.mode


@pytest.mark.parametrize("ending", ["png", "bmp", "webp", "gif"])
def test_grey_without_loss(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a.{ending}", GREY, **({"lossless": True} if ending == "webp" else {}))
    np.testing.assert_array_equal(decoded(path, "grey"), GREY[..., np.newaxis])
    np.testing.assert_array_equal(decoded(path, "rgb"), np.repeat(GREY[..., np.newaxis], 3, axis=2))
    assert look(path).size == (4, 6)
    assert look(path).is_grey == (ending != "webp")  # WebP has colours alone


@pytest.mark.parametrize("ending", ["png", "bmp", "webp"])
def test_colours_without_loss(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"a.{ending}", RGB, **({"lossless": True} if ending == "webp" else {}))
    np.testing.assert_array_equal(decoded(path), RGB)
    assert not look(path).is_grey
    assert look(path).traits == frozenset()


def test_brightness_of_colours(tmp_path: Path) -> None:
    """ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B."""
    path = write(tmp_path / "a.png", RGB)
    expected = RGB.astype(float) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(decoded(path, "grey")[..., 0], expected, atol=0.51)


def test_jpeg(tmp_path: Path) -> None:
    smooth = np.linspace(0, 200, 32 * 32 * 3).reshape(32, 32, 3).astype(np.uint8)
    path = write(tmp_path / "a.jpg", smooth, quality=95)
    np.testing.assert_allclose(decoded(path).astype(int), smooth, atol=6)


def test_a_palette(tmp_path: Path) -> None:
    few = RGB // 128 * 200
    path = tmp_path / "a.png"
    Image.fromarray(few).quantize(8).save(path)
    assert mode_of(path) == "P"
    np.testing.assert_array_equal(decoded(path), few)
    assert not look(path).is_grey
    Image.fromarray(GREY).convert("RGB").quantize(64).save(path)
    assert look(path).is_grey


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    alpha = np.array([[0, 255, 128]], np.uint8)
    colour = np.full((1, 3, 3), 40, np.uint8)
    path = write(tmp_path / "a.png", np.dstack([colour, alpha]))
    np.testing.assert_allclose(decoded(path)[0, :, 0].astype(float), [255, 40, 147], atol=1)
    assert look(path).traits == {"alpha"}
    path = write(tmp_path / "b.png", np.dstack([colour[..., 0], alpha]))
    assert mode_of(path) == "LA"
    np.testing.assert_allclose(decoded(path, "grey")[0, :, 0].astype(float), [255, 40, 147], atol=1)
    assert look(path).is_grey


def test_a_transparent_colour_of_a_palette(tmp_path: Path) -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8), mode=None).convert("P")
    image.putpalette([10, 10, 10, 90, 90, 90])
    image.save(tmp_path / "a.gif", transparency=0)
    np.testing.assert_array_equal(decoded(tmp_path / "a.gif")[0, :, 0], [255, 90])


def test_of_16_bits_the_upper_ones_are_kept(tmp_path: Path) -> None:
    wide = np.array([[0, 255, 256, 40_000, 65_535]], np.uint16)
    Image.fromarray(wide).save(tmp_path / "a.png")
    np.testing.assert_array_equal(decoded(tmp_path / "a.png", "grey")[0, :, 0], wide[0] >> 8)
    assert look(tmp_path / "a.png").traits == {"16 bits"}
    assert look(tmp_path / "a.png").is_grey


def test_cmyk(tmp_path: Path) -> None:
    flat = np.full((16, 16, 3), (200, 100, 50), np.uint8)
    path = write(tmp_path / "a.jpg", flat, "CMYK", quality=95)
    np.testing.assert_allclose(decoded(path).astype(int), flat, atol=4)
    assert look(path).traits == {"cmyk"}


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_is_turned_as_it_says(tmp_path: Path, ending: str, orientation: int) -> None:
    upright = np.zeros((16, 32, 3), np.uint8)
    upright[:8, :8] = 250
    as_stored = {  # what the camera had, from which the turn makes the upright one
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: np.rot90(upright, 2).transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    path = write(tmp_path / f"a.{ending}", np.ascontiguousarray(as_stored), exif=turned(orientation))
    seen = look(path)
    assert seen.size == (16, 32)
    assert ("turned" in seen.traits) == (orientation != 1)
    np.testing.assert_allclose(decoded(path).astype(int), upright, atol=30)


def test_the_first_frame(tmp_path: Path) -> None:
    first, second = Image.fromarray(GREY), Image.fromarray(255 - GREY)
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    np.testing.assert_array_equal(decoded(tmp_path / "a.gif", "grey")[..., 0], GREY)
    assert look(tmp_path / "a.gif").traits == {"animated"}


def test_a_large_jpeg_is_decoded_smaller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By eighths, and then made as small as it is wanted: nearly the same as from all of its pixels."""
    path = write(tmp_path / "a.jpg", np.kron(drawing("left", 16, 16), np.ones((40, 40, 1), np.uint8)))
    small, seen = decode(path, Frame(20, 20, "fit", "rgb"))
    assert seen.size == (640, 640)
    monkeypatch.setattr("nnctl.data.images.resizing.FINER", 1 << 10)
    whole, _ = decode(path, Frame(20, 20, "fit", "rgb"))
    assert np.abs(small.astype(int) - whole).mean() < 2


def png(width: int, height: int) -> bytes:
    """A PNG file that says that it is so large, and holds next to nothing."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")


def file_of(ending: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(drawing("left", 64, 64)).save(file, ending)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty help: give a file with samples, or fetch it again"),
        (b"hello, this is text", "is not a PNG, JPEG, GIF, BMP or WebP picture: it begins with 68 65 6c 6c"),
        (b"<!DOCTYPE html><html>", "is HTML, not a picture that is read"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "is HEIC, not a picture that is read help: convert it to PNG or JPEG"),
        (file_of("GIF")[:8], "is damaged: its header cannot be read"),
        (file_of("PNG")[:-1000], "is damaged: image file is truncated"),
        (file_of("JPEG")[:-200], "is damaged: image file is truncated"),
        (file_of("GIF")[:-500], "is damaged: image file is truncated"),
        (file_of("BMP")[:-500], "is damaged: image file is truncated"),
        (file_of("WEBP")[:-500], "is damaged: "),
        (png(65_000, 65_000), f"has more pixels than the {MOST_PIXELS:,} that are read"),
        (png(MOST_PIXELS // 1000 + 1, 1000), "has more pixels than"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer, not the file itself"),
    ],
    ids=range(13),
)
@pytest.mark.filterwarnings("ignore:Image size")  # as `decode_into` has it
def test_what_is_no_picture(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        decode(path, Frame(8, 8, "fit", "rgb"))
    assert says in refusal(caught)


def test_a_large_picture_needs_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(png(5000, 5000))
    monkeypatch.setattr("nnctl.data.files.memory_limit", lambda: 1 << 20)
    with pytest.raises(DataError, match=r"would take 0\.2 GiB of memory"):
        decode(tmp_path / "a.png", Frame(8, 8, "fit", "rgb"))


def test_exif_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", RGB, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert look(path).traits == frozenset[Trait]()
    np.testing.assert_array_equal(decoded(path), RGB)
