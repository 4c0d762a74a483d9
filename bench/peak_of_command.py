"""`python -m bench.peak_of_command ARGUMENT...`: runs nnctl with these, and prints what its memory's peak was."""

from __future__ import annotations

import atexit
import json

from bench.serve import peak_bytes
from nnctl.cli.main import main

if __name__ == "__main__":
    atexit.register(lambda: print(json.dumps({"peak_bytes": peak_bytes()}), flush=True))
    main()
