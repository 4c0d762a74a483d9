"""The sixteen logic gates: all but two are learnt by a single neuron, and all by a hidden layer."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

import nnctl
from examples.make_gates import FILE, NAMES, table
from tests.support.command import CONFIGS


def test_the_file_is_what_its_script_writes() -> None:
    assert FILE.read_text() == table()


def test_the_columns_are_the_functions_that_they_name() -> None:
    rows = np.genfromtxt(FILE, delimiter=",", names=True, dtype=np.int64)
    p, q = rows["p"].astype(bool), rows["q"].astype(bool)
    assert {tuple(rows[name]) for name in NAMES} == set(itertools.product((0, 1), repeat=4))
    for name, expected in {
        "and": p & q,
        "or": p | q,
        "xor": p ^ q,
        "nand": ~(p & q),
        "nor": ~(p | q),
        "xnor": p == q,
        "p_not_q": p & ~q,
        "q_not_p": q & ~p,
        "p_implies_q": ~p | q,
        "q_implies_p": ~q | p,
        "is_p": p,
        "not_q": ~q,
        "never": p & ~p,
    }.items():
        np.testing.assert_array_equal(rows[name], expected, err_msg=name)


@pytest.mark.slow
def test_one_neuron_learns_all_but_two(tmp_path: Path) -> None:
    report = nnctl.sweep(CONFIGS / "sweep_gates.yaml", run=tmp_path / "sweep", workers=1).report
    accuracy: dict[int, dict[str, float]] = {1: {}, 2: {}}
    for trial in report["trials"]:
        parameters = trial["parameters"]
        accuracy[len(parameters["layers"])][parameters["data.target"]] = trial["value"]
    assert {name for name in NAMES if accuracy[1][name] < 1.0} == {"xor", "xnor"}
    assert all(accuracy[2][name] == 1.0 for name in NAMES)
