"""What the bench does with a table, on a small one."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.tables import CONFIG, write_table
from tests.support.command import ROOT, surroundings


@pytest.mark.slow
def test_the_table_and_what_is_measured_of_it(tmp_path: Path) -> None:
    write_table(tmp_path / "table.csv", 2_000)
    rows = list(csv.reader((tmp_path / "table.csv").read_text().splitlines()))
    assert {len(row) for row in rows} == {20}
    assert len(rows) == 2_001
    (tmp_path / "config.yaml").write_text(CONFIG)
    command = [sys.executable, "-m", "bench.table_worker", tmp_path]
    done = subprocess.run(command, cwd=ROOT, env=surroundings(), check=True, stdout=subprocess.PIPE)
    cost = json.loads(done.stdout)
    assert cost.keys() == {"read", "preprocess", "epoch", "read_peak_bytes", "peak_bytes"}
    assert all(value > 0 for value in cost.values())
    assert cost["peak_bytes"] > cost["read_peak_bytes"]


@pytest.mark.slow
def test_reading_a_table(tmp_path: Path) -> None:
    write_table(tmp_path / "table.csv", 2_000)
    command = [sys.executable, "-m", "bench.read_worker", tmp_path / "table.csv"]
    done = subprocess.run(command, cwd=ROOT, env=surroundings(), check=True, stdout=subprocess.PIPE)
    assert json.loads(done.stdout).keys() == {"seconds", "peak_bytes"}
