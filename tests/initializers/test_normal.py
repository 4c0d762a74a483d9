"""The normal initializer."""

from __future__ import annotations

import pytest

from nnctl.initializers.normal import Normal
from tests.support.initializer_check import NormalCheck, fill


class TestNormal(NormalCheck):
    kind = Normal
    variance = 0.01**2
    refused = ({"std": 0.0},)

    def test_it_takes_its_std(self) -> None:
        assert fill({"type": "normal", "std": 3.0}).std() == pytest.approx(3.0, rel=0.015)
