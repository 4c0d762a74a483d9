"""Which columns of a table are inputs."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from nnctl.data.table.column_name import ColumnName
from nnctl.data.table.matching import found_in, no_column
from nnctl.errors import DataError, Problem
from nnctl.spec import Spec


class Features(Spec):
    """The columns that are inputs, by names or patterns (`*`, `?`); targets, the id and the weight never are."""

    include: list[ColumnName] | None = Field(default=None, min_length=1)
    """Columns that are inputs. Unset: all."""
    exclude: list[ColumnName] = Field(default_factory=list)
    """Columns that are none."""

    @classmethod
    def shorthand(cls, value: Any) -> Any:
        """A bare list, or a bare name, is what to include."""
        if isinstance(value, str):
            value = [value]
        return {"include": value} if isinstance(value, list) else value

    def names(self, column: str) -> bool:
        """Whether a column is included by its name or a pattern."""
        return any(found_in(pattern, (column,), {column}) for pattern in self.include or ())


FeaturesOrList = Annotated[
    Features, BeforeValidator(Features.shorthand, json_schema_input_type=str | list[str] | Features)
]


def feature_names(features: Features, header: tuple[str, ...], others: tuple[str, ...], origin: str) -> tuple[str, ...]:
    """The inputs in the file's order. header: the file's columns; others: the targets and the id.

    Raises DataError for a pattern that matches no column, and where no column is left.
    """
    known = frozenset(header)
    included = _all_matching(features.include, header, known, "data.features.include", origin)
    excluded = _all_matching(features.exclude, header, known, "data.features.exclude", origin) | set(others)
    names = tuple(name for name in header if name not in excluded and (features.include is None or name in included))
    if not names:
        what = f"leaves no column of {origin} for the inputs"
        raise DataError(
            Problem(what, path="data.features", help="target, id and weight are none: exclude fewer columns")
        )
    return names


def series_features(
    features: Features, header: tuple[str, ...], targets: Sequence[str], aside: Set[str | None], origin: str
) -> tuple[str, ...]:
    """The inputs of a series in the file's order: targets are among them unless they are excluded.

    aside: columns that are inputs only where they are included. Raises as `feature_names`.
    """
    known = frozenset(header)
    included = _all_matching(features.include, header, known, "data.features.include", origin)
    excluded = _all_matching(features.exclude, header, known, "data.features.exclude", origin)
    if features.include is None:
        included = {name for name in header if name not in aside}
    names = tuple(name for name in header if name in {*included, *targets} and name not in excluded)
    if not names:
        what = f"leaves no column of {origin} for the inputs"
        raise DataError(Problem(what, path="data.features", help="exclude fewer columns"))
    return names


def _all_matching(
    patterns: list[str] | None, header: tuple[str, ...], known: frozenset[str], key: str, origin: str
) -> set[str]:
    chosen: set[str] = set()
    for pattern in patterns or ():
        found = found_in(pattern, header, known)
        if not found:
            raise no_column(pattern, header, key, origin)
        chosen.update(found)
    return chosen
