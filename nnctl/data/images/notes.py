"""What there is to say of pictures: how they were made alike, and which were left out."""

from __future__ import annotations

from collections.abc import Sequence

from nnctl.data.images.decoding import Seen
from nnctl.data.images.picture import Trait
from nnctl.data.images.resizing import Frame
from nnctl.text import by, listed, share

TRAITS: dict[Trait, tuple[str, str, str]] = {  # of one, of several, and what is done
    "turned": ("is turned", "are turned", ", as the camera said"),
    "alpha": ("has", "have", " an alpha channel: what is transparent becomes white"),
    "16 bits": ("has", "have", " 16 bits a pixel: the upper 8 are kept"),
    "cmyk": ("is", "are", " CMYK: the colours become RGB"),
    "animated": ("is", "are", " animated: the first frame is taken"),
}
RESIZED = {"fit": "whole, with black around them", "crop": "their middle", "stretch": "whole, and distorted"}


def notes_on(seen: Seen, frame: Frame, names: Sequence[str]) -> tuple[str, ...]:
    """names: of all pictures, damaged or not."""
    looks, notes = seen.sound(), []
    if left_out := [names[number] for number in seen.damaged]:
        are = "is" if len(left_out) == 1 else "are"
        notes.append(
            f"{share(len(left_out), len(names), 'pictures')} {are} damaged, and left out: {listed(left_out, 5)}"
        )
    others = sorted({found.size for found in looks if found.size != frame.size}, key=lambda size: size[0] * size[1])
    if others:
        own = f"from {by(others[0])}" + (f" … {by(others[-1])}" if len(others) > 1 else "")
        to = f"resized to {by(frame.size)} {own}, {RESIZED[frame.resize]} (`size`, `resize`)"
        notes.append(_count(sum(found.size != frame.size for found in looks), len(looks), "is", "are", f" {to}"))
    if wrong := sum(found.is_grey != (frame.mode == "grey") for found in looks):
        what = " coloured: only its brightness is kept" if frame.mode == "grey" else " grey, and taken as RGB"
        notes.append(_count(wrong, len(looks), "is", "are", f"{what} (`mode`)"))
    for trait, (one, several, what) in TRAITS.items():
        if count := sum(trait in found.traits for found in looks):
            notes.append(_count(count, len(looks), one, several, what))
    return tuple(notes)


def _count(number: int, total: int, one: str, several: str, what: str) -> str:
    return f"{share(number, total, 'pictures')} {one if number == 1 else several}{what}"
