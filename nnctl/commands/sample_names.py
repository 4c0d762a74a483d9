"""What a sample is known by: its line, its file, its time, whatever it has."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.source import Samples
from nnctl.data.table.texts import Texts
from nnctl.data.table.windows import Windows
from nnctl.text import shortened

LONGEST_TEXT = 200  # characters of a sample that is a text


def sample_names(samples: Samples, rows: NDArray[np.int64], ids: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Of each of these samples what there is to know it by, the best first.

    {"id":, "file":, "line":, "sample":, "group":, "time":, "text":}, of these those that there are; always the number
    of the sample in its file, from 1 on. The line and the time of a window are those of the first row that it predicts.
    ids: a cell of the column `id` for each of them, or none.
    """
    names: list[dict[str, Any]] = [{"id": id} for id in ids] if ids else [{} for _ in rows]
    for name, row in zip(names, rows.tolist(), strict=True):
        if samples.names:
            name["file"] = samples.names[row]
        if samples.lines is not None:
            name["line"] = int(samples.lines[row])
        name["sample"] = samples.first + row + 1
        if isinstance(samples.inputs, Windows):
            name |= _of_window(samples.inputs, row)
        elif isinstance(samples.inputs, Texts):
            name["text"] = shortened(samples.inputs.text(row), LONGEST_TEXT)
    return names


def _of_window(windows: Windows, row: int) -> dict[str, str]:
    ordered, first = windows.rows, int(windows.target_rows[row, 0])
    group = {} if ordered.group is None else {"group": ordered.group_text(first)}
    time = {} if ordered.time is None else {"time": ordered.time_text(float(ordered.table[ordered.time].values[first]))}
    return group | time
