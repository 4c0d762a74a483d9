"""A process that compiles for another one what it reads from stdin, a line of JSON each, until there is no more."""

from __future__ import annotations

import importlib
import json
import signal
import sys

from nnctl.kernels.compiler import cache
from nnctl.kernels.compiler.code import Code


def main() -> None:
    """Print a line once it is ready, and one for each function that is compiled and kept."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it, by closing stdin
    cache.prepare()
    from nnctl.kernels.compiler import numba_target  # noqa: F401 - which takes a while, before this one is ready

    print("ready", flush=True)
    for line in sys.stdin:
        module, name, kinds, form = json.loads(line)
        found = getattr(importlib.import_module(module), name)
        Code(getattr(found, "__wrapped__", found), tuple(kinds), form).compile()
        print("compiled", flush=True)


if __name__ == "__main__":
    main()
