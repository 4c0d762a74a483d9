"""What `release` has compiled becomes a part of the wheel, which then is for Linux and this kind of processor."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Kernels(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Take build/kernels into a wheel, if it is there. Other wheels compile on the machine where they are used."""
        if self.target_name == "wheel" and version != "editable" and (Path(self.root) / "build" / "kernels").exists():
            build_data["force_include"]["build/kernels"] = "nnctl/shipped/kernels"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-manylinux_2_17_{platform.machine()}"
