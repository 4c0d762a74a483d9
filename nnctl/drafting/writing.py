"""Values, comments and names as lines of a config hold them."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from nnctl.config.dumper import Dumper


def inline(value: Any) -> str:
    """On one line, as it can stand after a key, as a key, or in a list."""
    text = yaml.dump(
        [value], Dumper=Dumper, allow_unicode=True, default_flow_style=True, sort_keys=False, width=math.inf
    ).strip()
    return text[1:-1]


def as_comment(text: str) -> str:
    """Names can hold anything; a comment is one line."""
    return "".join(char if char.isprintable() else " " for char in text)


def run_name(source: str, otherwise: str) -> str:
    """The name of a run on this file or folder, up to 100 characters. otherwise: where the path gives none."""
    stem = re.split(r"[/\\]", source.rstrip("/\\"))[-1].partition(".")[0]
    return (re.sub(r"[^\w-]+", "-", stem).strip("-_") or otherwise)[:100]
