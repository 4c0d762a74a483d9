"""What the tests of all kinds have in common.

The test file of a kind holds one class, derived from its family's check, which says what only this kind knows: its
cases, its formula, its limits. pytest runs the tests of the check on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from nnctl.spec import Spec

Settings = Mapping[str, Any]
GOLDEN = Path(__file__).parents[1] / "golden"


class KindCheck:
    """Base of the checks of all families."""

    kind: ClassVar[type[Spec]]
    cases: ClassVar[Sequence[Settings]] = ({},)
    """Settings that every test with a `case` runs with; `type` is left out."""
    refused: ClassVar[Sequence[Settings]] = ({"unknown": 1},)
    """Settings that are out of range."""
    golden: ClassVar[Sequence[Settings]] = ()
    """Settings for which another library's numbers are stored."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        for argument, settings in (("case", self.cases), ("wrong", self.refused), ("stored", self.golden)):
            if argument in metafunc.fixturenames:
                metafunc.parametrize(argument, settings, ids=words)

    def make(self, settings: Settings) -> Any:
        return TypeAdapter(self.kind).validate_python(dict(settings))

    def test_settings_out_of_range_are_refused(self, wrong: Settings) -> None:
        with pytest.raises(ValidationError):
            self.make(wrong)

    @classmethod
    def golden_file(cls) -> Path:
        """The file of the stored numbers: golden/<family>/<module of the kind>.npz."""
        _, family, module = cls.kind.__module__.rsplit(".", 2)
        return GOLDEN / family / f"{module}.npz"

    @classmethod
    def golden_arrays(cls, settings: Settings) -> dict[str, NDArray[Any]]:
        """The stored numbers of one of the `golden` settings."""
        prefix = f"{list(cls.golden).index(settings)}."
        with np.load(cls.golden_file()) as file:
            assert json.loads(str(file["settings"])) == list(cls.golden), "made from other settings; make it again"
            return {name.removeprefix(prefix): file[name] for name in file.files if name.startswith(prefix)}


def words(settings: Settings) -> str:
    """The settings in a test's name."""
    return " ".join(f"{key}={value}" for key, value in settings.items()) or "defaults"
