"""What a loss expects as targets, in a word."""

from __future__ import annotations

from typing import Literal

Targets = Literal["classes", "binary", "values"]
"""classes: int64 class numbers (N,), the network gives one output a class.
binary: 0 or 1 in the run's precision (N, K), one output each.
values: numbers in the run's precision (N, K), one output each.
"""
