"""`KEY=VALUE` settings of the command line, put into the document before it is validated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnctl.config.document import COMMAND_LINE, DEPTH_LIMIT, Document, KeyPath, Place, parse_value
from nnctl.config.run_config import RunConfig
from nnctl.config.schema import bare_key, default_kind, may_have_keys
from nnctl.errors import ConfigError
from nnctl.spec import Spec, TextFrom


def apply_overrides(document: Document, overrides: Sequence[str], root: type[Spec] = RunConfig) -> None:
    """Set each key in its order; later ones win. Mistakes go to document.problems. root: what it describes."""
    for text in overrides:
        place = Place(f"{COMMAND_LINE}{text}")
        key, equals, value = text.partition("=")
        if not equals or not all(key.split(".")) or key.count(".") >= DEPTH_LIMIT:
            document.problems.append(place.problem("is not a setting", "write KEY=VALUE, such as learning_rate=0.01"))
            continue
        try:
            set_value(document, key, from_folder(parse_value(value, place.file), Path.cwd()), place, root)
        except ConfigError as error:
            document.problems.extend(error.problems)


def set_value(document: Document, key: str, value: Document, place: Place, root: type[Spec] = RunConfig) -> None:
    """Put a value at a dotted key. place: of the key. root: what the document describes. Raises ConfigError where there
    is no such place.

    Mappings and lists on the way are changed in place; the value's mistakes become the document's.
    """
    container: Any = document.tree
    path: KeyPath = ()
    *parents, last = key.split(".")
    for part in parents:
        step = _step(container, path, part, place)
        inner = container.get(step) if isinstance(container, dict) else container[step]
        path = (*path, step)
        document.values.setdefault(path, place)
        if isinstance(inner, str) and may_have_keys(path, root):
            inner = {bare_key(path): inner}
        elif inner is None:
            inner = default_kind(path, root)
        container[step] = inner
        container = inner
    document.replace((*path, _step(container, path, last, place)), value, place)


def _step(container: Any, path: KeyPath, part: str, place: Place) -> str | int:
    """The key or the index that a part of the path means. Raises ConfigError where there is no such place."""
    if isinstance(container, dict):
        return part
    where = ".".join(str(step) for step in path)
    if not isinstance(container, list):
        raise _refusal(place, f"{where} has no keys", f"give the value itself, or one with keys: {where}={{{part}: …}}")
    if not (part.isascii() and part.isdigit() and len(part) < 10) or int(part) >= len(container):
        have = f"0 to {len(container) - 1}" if container else "none"
        raise _refusal(place, f"{where} has no item {part}", f"its items are numbered from 0; there are: {have}")
    return int(part)


def from_folder(value: Document, folder: Path) -> Document:
    """The same, with a folder that relative paths in its text start from, where it has none yet."""
    return replace(value, tree=_from_folder(value.tree, folder))


def _from_folder(value: Any, folder: Path) -> Any:
    if isinstance(value, str):
        return value if isinstance(value, TextFrom) else TextFrom(value, folder)
    if isinstance(value, list):
        return [_from_folder(item, folder) for item in value]
    if isinstance(value, dict):
        return {key: _from_folder(item, folder) for key, item in value.items()}
    return value


def value_at(tree: Any, key: str) -> Any:
    """The value at a dotted key of a run's config; None where there is none."""
    path: KeyPath = ()
    for part in key.split("."):
        if isinstance(tree, str):
            tree = {bare_key(path): tree}
        if isinstance(tree, list) and part.isascii() and part.isdigit() and int(part) < len(tree):
            tree = tree[int(part)]
        elif isinstance(tree, dict):
            tree = tree.get(part)
        else:
            return None
        path = (*path, part)
    return tree


def _refusal(place: Place, what: str, help: str) -> ConfigError:
    return ConfigError(place.problem(what, help))
