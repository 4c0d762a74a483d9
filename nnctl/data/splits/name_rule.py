"""Samples that are set aside by the names of their files: a speaker, a camera, a day."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from nnctl.errors import DataError, Problem
from nnctl.spec import Spec
from nnctl.text import listed, shown_label


def _patterns(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class NameRule(Spec):
    """Which samples are meant, by the name of the file of each: `{name: "anna_*"}`."""

    name: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(min_length=1),
        BeforeValidator(_patterns, json_schema_input_type=str | list[str]),
    ]
    """A pattern, or a list of them, for the name of the file without its folders: * stands for any characters, ? for
    one, [ab] for one of these."""

    def rows(self, names: Sequence[str], key: str) -> NDArray[np.bool_]:
        """Which samples are meant, (N,) truth values; some are and some are not.

        names: the file of each sample. key: where the config has the rule. Raises DataError where all or none are.
        """
        files = [PurePath(name).name for name in names]
        chosen = np.array([any(fnmatchcase(file, pattern) for pattern in self.name) for file in files], dtype=bool)
        if chosen.all() or not chosen.any():
            what = (
                f"takes {'all' if chosen.any() else 'none'} of the {len(files):,} samples by the names of their files"
            )
            examples = listed(map(shown_label, dict.fromkeys([files[0], files[len(files) // 2], files[-1]])))
            raise DataError(Problem(what, path=f"{key}.name", help=f"they are named like {examples}"))
        return chosen
