"""What `release` has compiled becomes a part of the wheel, which then is for Linux and this kind of processor."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Kernels(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Take build/kernels into a wheel, if they were made of these sources. Other wheels compile where they are
        used.
        """
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        from nnctl.kernels.compiler.cache import SOURCES, sources_hash

        try:
            made_of = (Path(self.root) / "build" / "kernels" / SOURCES).read_text()
        except OSError:
            return
        if made_of == sources_hash():
            build_data["force_include"]["build/kernels"] = "nnctl/shipped/kernels"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-manylinux_2_17_{platform.machine()}"
        else:
            self.app.display_warning("build/kernels was made of other sources, and is left out: run `make wheel`")
