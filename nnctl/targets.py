"""What a loss expects as targets, in a word."""

from __future__ import annotations

from typing import Literal

Targets = Literal["classes", "binary", "values"]
"""classes: class numbers (N,), the network gives one output a class.
binary: 0 or 1 in the run's precision (N, K), one output each.
values: numbers in the run's precision (N, K), one output each.

Of sequences there may be one a step: (N, T) or (N, T, K). A row without a target has the class -1, or NaN.
"""
