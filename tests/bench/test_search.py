"""The bench's searches on a few short trials."""

from __future__ import annotations

import pytest

from bench import search
from bench.options import Options


@pytest.mark.slow
def test_each_way_to_search_is_measured_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    short = {way: [*settings, "trials=3", "epochs=2"] for way, settings in search.WAYS.items()}
    monkeypatch.setattr(search, "WAYS", short)
    measured = search.searches(Options(("search",), (), rounds=1))
    assert measured.keys() == short.keys()
    for (found,) in measured.values():
        assert found["trials"] == 3
        assert 0 < found["best"] < 10
        assert 3 <= found["epochs"] <= 6
    (table,) = search.search_tables(measured)
    assert [column.header for column in table.columns][1:] == ["median", "epochs", "seed 0"]
    assert table.row_count == 3
