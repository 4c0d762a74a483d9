"""One picture file: looked at, and decoded into bytes.

Source of the tag of orientation: CIPA 2012, "Exchangeable image file format for digital still cameras: Exif 2.3".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from nnctl.data.files import file_error, require_file, require_memory
from nnctl.data.images.resizing import Frame, resized
from nnctl.data.source import Array
from nnctl.errors import DataError, Problem
from nnctl.regular_file import reading

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")  # no others are tried: some of Pillow's run programs
MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")
OTHERS = {
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"%PDF": "PDF",
    b"<svg": "SVG",
    b"<!DO": "HTML",
    b"<htm": "HTML",
    b"8BPS": "a Photoshop file",
}
BRANDS = {b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIF", b"avif": "AVIF"}
MOST_PIXELS = 178_956_970  # beyond it Pillow itself refuses
LARGE = 1 << 24  # pixels, from which on it is looked whether memory is left for them
GREY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "F")
ALPHA = ("RGBA", "RGBa", "LA", "La", "PA")
ORIENTATION = 0x0112

Trait = Literal["alpha", "16 bits", "cmyk", "turned", "animated"]


@dataclass(frozen=True)
class Look:
    """What a picture is, before anything is done to it."""

    height: int
    """As it is shown, turned as its file says; width likewise."""
    width: int
    is_grey: bool
    traits: frozenset[Trait]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width


def look(path: Path) -> Look:
    """What the header of a picture says. Raises DataError for what is none."""
    with _opened(path) as image:
        return _look(image)


def decode(path: Path, frame: Frame) -> tuple[Array, Look]:
    """The pixels in a frame, (height, width, channels) uint8, and what the picture was. Raises DataError."""
    with _opened(path) as image:
        seen = _look(image)
        image.draft(None, frame.least_decoded(is_on_its_side=_orientation(image) > 4))  # of JPEGs alone
        image.load()
        pixels = np.asarray(resized(_in_mode(_turned(image), frame.mode), frame))
    return pixels.reshape(*frame.shape), seen


Decoded = tuple[Look, Array] | Problem
"""What a picture was and its pixels, (height, width, channels) uint8; or what is wrong with it."""


def decode_or_problem(path: Path, frame: Frame) -> Decoded:
    """As `decode`, but for what cannot be decoded."""
    try:
        pixels, seen = decode(path, frame)
    except DataError as error:
        return error.problems[0]
    return seen, pixels


@contextmanager
def _opened(path: Path) -> Iterator[Picture]:
    """The picture in a file. Whatever Pillow says about it is a DataError."""
    from PIL import Image, UnidentifiedImageError

    require_file(path)
    with reading(path, DataError), path.open("rb") as file:
        try:
            with Image.open(file, formats=FORMATS) as image:
                pixels = image.width * image.height
                if pixels > MOST_PIXELS:
                    raise Image.DecompressionBombError
                if pixels > LARGE:
                    require_memory(path, 8 * pixels)
                yield image
        except (DataError, MemoryError):
            raise
        except UnidentifiedImageError:
            file.seek(0)
            raise _no_picture(path, file.read(12)) from None
        except Image.DecompressionBombError:
            what = f"has more pixels than the {MOST_PIXELS:,} that are read"
            raise file_error(path, what, "make it smaller, or take it out of the folder") from None
        except Exception as error:  # whatever a decoder runs into in a damaged file
            raise file_error(path, f"is damaged: {error or type(error).__name__}", DAMAGED) from None


DAMAGED = "fetch it again, or take it out of the folder"


def _no_picture(path: Path, opening: bytes) -> DataError:
    if opening.startswith(MAGIC):
        return file_error(path, "is damaged: its header cannot be read", DAMAGED)
    name = OTHERS.get(opening[:4], BRANDS.get(opening[8:12], ""))
    if name:
        return file_error(path, f"is {name}, not a picture that is read", "convert it to PNG or JPEG")
    what = f"is not a PNG, JPEG, GIF, BMP or WebP picture: it begins with {opening[:8].hex(' ')}"
    return file_error(path, what, "fetch it again, or take it out of the folder")


def _look(image: Picture) -> Look:
    traits: set[Trait] = set()
    if _has_alpha(image):
        traits.add("alpha")
    if image.mode.startswith("I"):
        traits.add("16 bits")
    if image.mode == "CMYK":
        traits.add("cmyk")
    if getattr(image, "is_animated", False):
        traits.add("animated")
    height, width = image.height, image.width
    if (orientation := _orientation(image)) != 1:
        traits.add("turned")
    if orientation > 4:
        height, width = width, height
    return Look(height, width, image.mode in GREY or _has_grey_palette(image), frozenset(traits))


def _orientation(image: Picture) -> int:
    """1 … 8, as Exif counts; 1 is upright, and those above 4 lie on their side."""
    if "exif" not in image.info:
        return 1
    try:
        found = image.getexif().get(ORIENTATION, 1)
    except Exception:  # what cannot be read says nothing
        return 1
    return found if found in range(1, 9) else 1


def _turned(image: Picture) -> Picture:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


def _has_alpha(image: Picture) -> bool:
    return image.mode in ALPHA or ("transparency" in image.info and not image.mode.startswith("I"))


def _has_grey_palette(image: Picture) -> bool:
    palette = image.getpalette("RGB") if image.mode == "P" else None
    if palette is None:
        return False
    colours = np.array(palette).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def _in_mode(image: Picture, mode: Literal["grey", "rgb"]) -> Picture:
    """In grey or RGB: transparent places become white, of 16 bits the upper 8 are kept."""
    from PIL import Image

    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image).clip(0, 65_535) >> 8).astype(np.uint8))
    if _has_alpha(image):
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    elif image.mode == "P":
        image = image.convert("RGB")
    wanted = "L" if mode == "grey" else "RGB"
    return image if image.mode == wanted else image.convert(wanted)
