"""What is said of kernels."""

from __future__ import annotations

from contextlib import suppress

import pytest

from nnctl.kernels.compiler import cache
from nnctl.training.compiling import cache_notes_in


def test_what_is_told_of_the_cache_is_printed_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """By each that is entered, and no longer; that kernels are compiled is progress."""
    outer: list[str] = []
    inner: list[str] = []
    with cache_notes_in(outer):
        cache.tell("a")
        with suppress(ValueError), cache_notes_in(inner):
            cache.tell("b")
            cache.tell("compiling kernels", is_progress=True)
            raise ValueError
        cache.tell("c")
    cache.tell("d")
    assert (outer, inner) == (["a", "b", "c"], ["b"])
    printed = ["a", "b", "compiling kernels", "c", "d"]
    assert capsys.readouterr().err.splitlines() == [f"note: {text}" for text in printed]
