"""Under which conditions all contestants run alike, other than the usual: older vector instructions, a busy core."""

from __future__ import annotations

from collections.abc import Sequence

Condition = str

BUSY: Condition = "one core busy"
LEVELS: dict[Condition, dict[str, str]] = {  # environments
    "avx2": {
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "+avx2,+fma",
        "OPENBLAS_CORETYPE": "Haswell",
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    }
}


def named(part: str, conditions: Sequence[Condition]) -> str:
    """The part's name in the results: `steps`, `steps, one core busy`."""
    return ", ".join([part, *conditions])
