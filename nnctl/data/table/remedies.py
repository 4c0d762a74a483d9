"""What to write in a config about a column, as it can be typed."""

from __future__ import annotations

import json
import re

PLAIN = re.compile(r"[^\W\d](?:[\w .-]*\w)?")  # for YAML's flow style
WORDS = frozenset(("true", "false", "null"))


def in_yaml(text: str) -> str:
    """A name as a key or a value in YAML, in quotes where it needs them."""
    plain = PLAIN.fullmatch(text) and text.casefold() not in WORDS
    return text if plain else json.dumps(text, ensure_ascii=False)


def column_setting(name: str, settings: str) -> str:
    """A setting of a column, for the config's `data`. settings: a kind, or keys and values in braces."""
    return f"`columns: {{{in_yaml(name)}: {settings}}}`"


def excluded(name: str) -> str:
    """How a column is left out of the inputs."""
    return f"`features: {{exclude: [{in_yaml(name)}]}}`"
