"""Which devices there are."""

from __future__ import annotations

from nnctl.errors import ConfigError, Problem
from nnctl.kernels.device import CPU, Device


def device_named(name: str) -> Device:
    """The device that a config's `device` names: cpu or cuda. Raises ConfigError where this machine has none."""
    return _cuda() if name == "cuda" else CPU()


def _cuda() -> Device:
    from nnctl.kernels.cuda.compiler import can_compile, has_gpu
    from nnctl.kernels.cuda.device import CUDA

    missing = [] if has_gpu() else ["no GPU was found"]
    help = "leave device out to use the CPU"
    if not can_compile():
        missing.append("numba-cuda is not installed")
        help = f"run pip install 'nnctl[cuda]' on a machine with a GPU, or {help}"
    if missing:
        raise ConfigError(Problem(f"is cuda, but {' and '.join(missing)}", path="device", help=help))
    return CUDA()
