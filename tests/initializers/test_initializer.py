"""The family of initializers."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from nnctl.initializers.initializer import Initializer
from tests.support.initializer_check import InitializerCheck, make
from tests.support.kinds_have_tests import assert_kinds_have_tests


def test_every_initializer_has_its_test() -> None:
    assert_kinds_have_tests(Initializer, InitializerCheck)


@pytest.mark.parametrize("value", ["he", True, {"type": "constant"}, {"type": "constant", "value": "1"}], ids=str)
def test_what_is_no_initializer_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        make(value)
