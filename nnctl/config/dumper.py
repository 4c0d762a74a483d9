"""Writes YAML in the dialect that `document` reads: text that looks like a number there is quoted here."""

from __future__ import annotations

from typing import Any

import yaml

from nnctl.config import scalars
from nnctl.config.variables import escaped

_PREFIX = "tag:yaml.org,2002:"
_TAGS = {str: "str", int: "int", float: "float", bool: "bool", type(None): "null"}
_COLLECTIONS: dict[type[yaml.Node], str] = {yaml.SequenceNode: "seq", yaml.MappingNode: "map"}


class Dumper(yaml.SafeDumper):
    """PyYAML's, save that it asks `scalars` what an unquoted word would be."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode and implicit[0]:
            try:
                return f"{_PREFIX}{_TAGS[type(scalars.plain(value))]}"
            except scalars.TooManyDigitsError:
                return f"{_PREFIX}int"
        return f"{_PREFIX}{_COLLECTIONS.get(kind, 'str')}"

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        text = escaped(text)
        # line ends come back as they were only where they are escaped
        style = '"' if any(end in text for end in "\n\r\x85\u2028\u2029") else None
        return self.represent_scalar(f"{_PREFIX}str", text, style)


Dumper.add_representer(str, Dumper.represent_text)


def dump(value: Any) -> str:
    """The YAML text of mappings, lists, text, numbers, booleans and null; what holds no collection is on one line."""
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
