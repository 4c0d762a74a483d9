"""A line at the end of a run of the tests: how many of ONNX's cases apply, and how many of these passed."""

from __future__ import annotations

import pytest

from tests.onnx import stored

TEST = "tests/onnx/test_operators.py::test_the_layer_gives_what_the_operator_gives"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nothing, where none of them ran."""
    passed, failed = (
        sum(getattr(report, "nodeid", "").startswith(TEST) for report in terminalreporter.getreports(outcome))
        for outcome in ("passed", "failed")
    )
    if passed or failed:
        stored_ones = stored.names()
        left_out = sum(len(cases) for cases in stored.left_out().values())
        of_all = f"{len(stored_ones)} of {len(stored_ones) + left_out} apply"
        terminalreporter.write_line(f"ONNX operator cases: {of_all}, {passed} passed, {failed} failed")
