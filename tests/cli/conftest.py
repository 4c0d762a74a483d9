"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Told = Callable[[], list[str]]


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Lines on stderr so far."""
    lines: list[str] = []

    def so_far() -> list[str]:
        lines.extend(capsys.readouterr().err.splitlines())
        return lines

    return so_far
