"""What is known of a column before it is read: from the config, or from the training rows."""

from __future__ import annotations

from dataclasses import dataclass

from nnctl.data.table.table import Kind


@dataclass(frozen=True)
class ColumnHint:
    """What is known of one column. kind: unset, it is inferred from the cells.

    date_format: as for `datetime.strptime`; unset, dates are ISO's. free: texts may be of any number, of any length and
    with any character in them, and none but an empty one is missing: an id.
    """

    kind: Kind | None = None
    date_format: str | None = None
    free: bool = False
