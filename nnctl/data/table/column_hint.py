"""What is known of a column before it is read; filled in, how it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "category", "yes_no", "date"]


@dataclass(frozen=True)
class ColumnHint:
    """From the config, from the training rows, or from another file; whatever is None is inferred from the cells."""

    kind: Kind | None = None
    """What the column holds."""
    format: str | None = None
    """How dates are written, as for `datetime.strptime`; iso: as in 2024-01-31, with or without a time and a zone."""
    decimal: Literal[".", ","] | None = None
    """The decimal sign of numbers."""
    unit: str | None = None
    """What stands before or behind numbers, such as $, % or kg; empty for nothing."""
    missing: tuple[str, ...] | None = None
    """The words that mean missing, in any case, in place of the usual ones. An empty cell always does."""
    free: bool = False
    """Whether it is an id: nothing but an empty cell is missing, and no label is changed."""

    @property
    def has_minus(self) -> bool:
        """Whether it is a column of + and -, in which - does not mean missing, as it does in others."""
        return self.kind == "yes_no" and self.missing is not None and "-" not in self.missing
