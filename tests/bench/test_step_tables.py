"""What the tables of the steps say of times."""

from __future__ import annotations

from typing import Any

import pytest

from bench.ratios import best_peer_ratio, geometric_means
from bench.step_tables import step_tables


def contestants(**times: tuple[float, float]) -> dict[str, Any]:
    told = {"loss": 0.1, "peak_bytes": 1e8, "idle_cpu": 0.0}
    return {
        name: {"median": middle, "least": least, "rounds": [middle], **told} for name, (middle, least) in times.items()
    }


AHEAD = contestants(nnctl=(1e-6, 1e-6), JAX=(4e-6, 9e-6), PyTorch=(8e-6, 8e-6))
BEHIND = contestants(nnctl=(4e-6, 2e-6), JAX=(3e-6, 3e-6), PyTorch=(1e-5, 1e-5))


def test_the_better_peer_counts() -> None:
    assert best_peer_ratio(AHEAD) == pytest.approx(4)
    assert best_peer_ratio(AHEAD, "least") == pytest.approx(8)
    assert best_peer_ratio({"nnctl": AHEAD["nnctl"], "nnctl's program alone": AHEAD["nnctl"]}) is None
    means = geometric_means([AHEAD, BEHIND])
    assert means == {"median": pytest.approx((4 * 0.75) ** 0.5), "least": pytest.approx((8 * 1.5) ** 0.5)}
    assert geometric_means([]) == {}


def test_rows_that_are_behind_or_unsteady_are_marked() -> None:
    same = {"gflops": 1.0, "share_of_peak": 0.5, "taken_by_others": 0.0, "learn_alike": True}
    rows = [{"workload": str(number), "contestants": of, **same} for number, of in enumerate((AHEAD, BEHIND))]
    means = {"median": 1.73, "least": 3.46}
    table = step_tables({"rows": rows, "peak_gflops": 200.0, "geometric_mean": means})[0]
    cells = {str(column.header): list(column.cells) for column in table.columns}
    assert cells["best peer / nnctl"] == ["4.00", "[bold]0.75[/]"]
    assert cells["best peer / nnctl by least"] == ["8.00", "1.50"]
    assert cells["median / least"] == ["1.00", "[bold]2.00[/]"]
    assert "1.73 by medians, 3.46 by least times; 1 epoch each" in str(table.caption)
