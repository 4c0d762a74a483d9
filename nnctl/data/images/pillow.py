"""Pillow, which decodes pictures: asked for before it is needed."""

from __future__ import annotations

from pathlib import Path

from nnctl.data.files import file_error


def require_pillow(path: Path) -> None:
    """Refuse pictures where nothing decodes them. path: of what holds some. Raises DataError."""
    try:
        import PIL.Image  # noqa: F401 - whether it is there, and whole
    except ImportError:
        help = "pip install 'nnctl[images]'"
        raise file_error(path, "holds pictures, and Pillow, which reads them, is not installed", help) from None
