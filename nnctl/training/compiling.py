"""What is said while kernels are compiled."""

from __future__ import annotations

from nnctl.kernels.compiler import cache


def compiling_kernels() -> str:
    """That they are, and how often that will be."""
    kept = cache.keeps(cache.prepare())
    return f"compiling kernels ({'once on this machine' if kept else 'for this command alone'})"
