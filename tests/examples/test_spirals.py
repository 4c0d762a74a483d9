"""The two spirals: the points, and the network that grows until it tells them apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nnctl
from examples.make_spirals import FILE, table
from tests.support.command import CONFIGS


def test_the_file_is_what_its_script_writes() -> None:
    assert FILE.read_text() == table()


def test_the_points() -> None:
    x, y, spiral = np.genfromtxt(FILE, delimiter=",", skip_header=1).T
    assert len(x) == 194
    np.testing.assert_array_equal(spiral, np.tile([1, 0], 97))
    np.testing.assert_array_equal((x[1::2], y[1::2]), (-x[::2], -y[::2]))
    radius, angle = np.hypot(x, y)[::2], np.unwrap(np.arctan2(x, y)[::2])
    np.testing.assert_allclose(radius, np.linspace(6.5, 0.5, 97), atol=1e-5)
    np.testing.assert_allclose(angle, np.linspace(0, 6 * np.pi, 97), atol=2e-5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_the_network_grows_until_all_points_are_right(seed: int, tmp_path: Path) -> None:
    report = nnctl.train(CONFIGS / "spirals.yaml", [f"seed={seed}"], run=tmp_path / "run").report
    assert report["stopped"] == "early"
    assert 5 < len(report["changes"]) <= 20
    assert nnctl.evaluate(tmp_path / "run", split="train").report["metrics"]["accuracy"] == 1.0
