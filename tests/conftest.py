"""What holds for all tests."""

from __future__ import annotations

import signal

from hypothesis import settings

from tests.onnx.summary import pytest_terminal_summary as pytest_terminal_summary

# how long an example takes says nothing on a machine where others compute, too; and the same tree gives the same
# result. `pytest --hypothesis-profile new` tries other examples
settings.register_profile("same", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("new", deadline=None)
settings.load_profile("same")

# a shell that runs the tests in the background has them, and the commands that they start, ignore SIGINT
signal.signal(signal.SIGINT, signal.default_int_handler)
