"""A small chart in the terminal."""

from __future__ import annotations

from nnctl.cli.chart import HEIGHT, WIDTH, chart


def test_values_are_where_they_belong() -> None:
    lines = chart({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, None, 2.0]}, "epoch")
    assert lines[0] == "3 │○"
    assert lines[HEIGHT - 1] == "1 │  •"
    assert "○" in "".join(lines[3:6])
    assert lines[-1].strip() == "• loss  ○ val_loss"


def test_a_wide_range_is_logarithmic_and_a_long_series_fits() -> None:
    lines = chart({"loss": [10.0 ** (3 - number / 100) for number in range(600)]}, "epoch")
    assert lines[-1].endswith("• loss, logarithmic")
    assert max(len(line.partition("│")[2]) for line in lines) == WIDTH
    assert [row.partition("│")[2].index("•") for row in lines[:HEIGHT]] == sorted(
        row.partition("│")[2].index("•") for row in lines[:HEIGHT]
    )


def test_too_little_is_no_chart() -> None:
    assert chart({}, "epoch") == []
    assert chart({"loss": [1.0]}, "epoch") == []
    assert chart({"loss": [None, None]}, "epoch") == []
    assert len(chart({"loss": [2.0, 2.0]}, "epoch")) == HEIGHT + 3
