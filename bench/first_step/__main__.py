"""`python -P bench/first_step CONFIG RUN`: `nnctl train` until its first steps are done, of whichever nnctl Python has.

The observer beside this file becomes one of those that watch every run, so that the command is the installed one's,
with all that it imports. Nothing else of bench is imported: its folder would bring this tree's nnctl with it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from nnctl.cli.main import main
from nnctl.training import observers

if __name__ == "__main__":
    observers.__path__.append(str(Path(__file__).parent / "observers"))
    sys.argv = ["nnctl", "train", sys.argv[1], "--run", sys.argv[2]]
    main()
