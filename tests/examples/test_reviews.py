"""The reviews: how their file is made, and what is in it."""

from __future__ import annotations

import csv
from collections import Counter

from examples.make_reviews import CLEAR, FILE, table

RATINGS = """1_1\t2.5\tgreat, really.
1_2\t0.4\tit is a phone.
2_1\t-0.5\tbad
3_1\t3\tgood
4_1\t1\tnice
5_1\t1\tok
"""


def test_the_script_leaves_out_what_is_neither() -> None:
    header, *rows = csv.reader(table(RATINGS).splitlines())
    assert header == ["text", "rating", "sentiment", "part"]
    assert [row[:3] for row in rows] == [
        ["great, really.", "2.5", "positive"],
        ["bad", "-0.5", "negative"],
        ["good", "3", "positive"],
        ["nice", "1", "positive"],
        ["ok", "1", "positive"],
    ]
    assert [row[3] for row in rows].count("test") == 1  # one of five reviews


def test_the_file_is_as_its_script_writes() -> None:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert Counter((row["sentiment"], row["part"]) for row in rows) == {
        ("positive", "train"): 1421,
        ("negative", "train"): 1054,
        ("positive", "test"): 329,
        ("negative", "test"): 181,
    }
    for row in rows:
        assert abs(float(row["rating"])) >= CLEAR
        assert (row["sentiment"] == "positive") == (float(row["rating"]) > 0)
