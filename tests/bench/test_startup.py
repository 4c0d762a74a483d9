"""What the bench of start-up runs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench import startup
from bench.installations import Installation, clone
from bench.startup import CONFIGS, startup_tables
from tests.support.command import surroundings


def test_nothing_but_its_environment_tells_python_which_nnctl_it_has(tmp_path: Path) -> None:
    """A folder named nnctl where it runs is no other nnctl."""
    (tmp_path / "nnctl").mkdir()
    (tmp_path / "nnctl" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    done = subprocess.run(clone().command(["--version"]), cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_installations_run_in_turn_and_the_first_run_only_warms() -> None:
    asked: list[str] = []
    times = iter([9.0, 8.0, 1.0, 2.0, 3.0, 4.0])

    def run(of: Installation) -> float:
        asked.append(of.name)
        return next(times)

    both = [Installation("clone", Path("a")), Installation("wheel", Path("b"))]
    measured = startup._times(both, run, 2, warming=True)
    assert asked == ["clone", "wheel"] * 3
    assert measured["clone"] == {"median": 2.0, "least": 1.0, "most": 3.0}
    assert measured["wheel"] == {"median": 3.0, "least": 2.0, "most": 4.0}


def test_a_row_has_a_column_an_installation() -> None:
    times = {"median": 0.5, "least": 0.25, "most": 1.0}
    of = {"commands": {"nnctl --help": times}, "first_step_warm": {}, "first_step_cold": {"mnist_cnn": times}}
    (table,) = startup_tables({"clone": of, "wheel": of})
    rows = list(zip(*(column.cells for column in table.columns), strict=True))
    assert rows == [
        ("nnctl --help, start to exit", "0.50 (0.25)", "0.50 (0.25)"),
        ("mnist_cnn, start to first step, the cache empty", "0.50 (0.25)", "0.50 (0.25)"),
    ]


@pytest.mark.slow
def test_the_first_step_is_told_and_ends_the_run(tmp_path: Path) -> None:
    command = clone().first_step(CONFIGS / "xor.yaml", str(tmp_path / "run"))
    done = subprocess.run(command, cwd=tmp_path, env=surroundings(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[0]) >= 1
    assert not (tmp_path / "run" / "result.json").exists()
