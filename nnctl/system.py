"""The systems that nnctl runs on."""

from __future__ import annotations

import sys

from nnctl.errors import UsageError

IN_UBUNTU = (
    "sudo apt update && sudo apt install -y python3-venv && python3 -m venv ~/nnctl && ~/nnctl/bin/pip install nnctl"
)


def refuse_windows() -> None:
    """Raise UsageError on Windows itself: docs/platforms.md says why. WSL2 is Linux."""
    if sys.platform == "win32":
        help = f"type `wsl --install` in PowerShell, restart, and type in the terminal of Ubuntu: `{IN_UBUNTU}`"
        raise UsageError("nnctl runs on Linux and macOS, and on Windows in WSL2", help=help)
