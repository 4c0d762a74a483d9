"""Lengths of time."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from nnctl.sweeps.duration import Duration

ADAPTER: TypeAdapter[float] = TypeAdapter(Duration)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(90, 90), (0.5, 0.5), ("90s", 90), ("30min", 1800), ("1h 30min", 5400), ("1.5 h", 5400), (" 2d", 172800)],
)
def test_what_may_be_written(written: object, seconds: float) -> None:
    assert ADAPTER.validate_python(written) == seconds


@pytest.mark.parametrize("written", ["soon", "", "5 apples", "1h half", "min", "-1h", 0, -3, "400d"])
def test_what_may_not(written: object) -> None:
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(written)
