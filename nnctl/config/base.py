"""`base: FILE` in a run's config: the keys of another config, where this one does not set them itself.

One level: a base has no base. Mappings are merged key by key; a list, and a mapping of another kind, is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from nnctl.config.document import Document, KeyPath, dotted
from nnctl.config.origin import Origin
from nnctl.config.overrides import from_folder
from nnctl.config.run_config import RunConfig
from nnctl.config.schema import bare_key, default_kind
from nnctl.data.source import find_format
from nnctl.errors import ConfigError
from nnctl.paths import absolute, expanded
from nnctl.spec import TextFrom
from nnctl.text import counted, typed

KEY = "base"


def refuse_sweep(document: Document) -> None:
    """Raise ConfigError where the file is that of a sweep, the `base` of which is something else."""
    if "layers" not in document.tree and {KEY, "parameters"} <= document.tree.keys():
        help = f"run it with `{typed('sweep', document.file)}`"
        raise ConfigError(document.place((KEY,), of_key=True).problem("this is the file of a sweep", help))


def with_base(document: Document, origin: Origin) -> Document:
    """The config of a run, merged with its base; itself where it has none. Raises ConfigError."""
    if KEY not in document.tree:
        return document
    base, base_origin = _read_base(document, origin)
    refuse_sweep(base)
    if KEY in base.tree:
        what = f"is the base of {document.file}, and a base has no base itself"
        help = f"write the keys that are needed into {document.file}, or remove this line"
        raise ConfigError(base.place((KEY,), of_key=True).problem(what, help, (KEY,)))
    base = from_folder(base, base_origin.folder)
    own = {key: value for key, value in document.tree.items() if key != KEY}
    tree, taken = _merged(base.tree, own, (), origin.folder)
    merged = _document(tree, taken, base, document)
    merged.notes.append(_note(base, document, own, taken))
    return merged


def _read_base(document: Document, origin: Origin) -> tuple[Document, Origin]:
    text, place = document.tree[KEY], document.place((KEY,))
    if document.is_broken((KEY,)):
        raise ConfigError(*document.problems)
    if not isinstance(text, str) or not text:
        what = "expected the path of one config"
        raise ConfigError(*document.problems, place.problem(what, "name a YAML file, or remove `base`", (KEY,)))
    from_working_folder = isinstance(text, TextFrom) or origin.is_pipe
    file = str(PurePath("" if from_working_folder else PurePath(origin.file).parent, expanded(text)))
    found = Origin(Path(file), file, Path(file).stem, Path(file).absolute().parent)
    try:
        return found.read(), found
    except ConfigError as error:
        problems = error.problems
        if not Path(file).is_file():
            problems = tuple(place.problem(f"{one.file}: {one.what}", one.help, (KEY,)) for one in problems)
        raise ConfigError(*document.problems, *problems) from None


def _merged(base: dict[str, Any], own: dict[str, Any], path: KeyPath, folder: Path) -> tuple[Any, set[KeyPath]]:
    """The mapping that both give, and the paths at which it is this config's own, with all that is below them."""
    tree, taken = dict(base), set[KeyPath]()
    for key, value in own.items():
        here = (*path, key)
        there = _opened(base.get(key), here)
        if isinstance(value, dict) and isinstance(there, dict) and not _is_other_kind(there, value, here, folder):
            tree[key], inner = _merged(there, value, here, folder)
            taken |= inner
        else:
            tree[key] = value
            taken.add(here)
    return tree, taken


def _opened(value: Any, path: KeyPath) -> Any:
    """A bare word as the mapping that it stands for."""
    return {bare_key(path): value} if isinstance(value, str) and len(path) == 1 else value


def _is_other_kind(base: dict[str, Any], own: dict[str, Any], path: KeyPath, folder: Path) -> bool:
    if path == ("data",):
        kind = _format(own, folder)
        return kind is not None and kind != _format(base, folder)
    return "type" in own and own["type"] != base.get("type", default_kind(path, RunConfig).get("type"))


def _format(data: dict[str, Any], folder: Path) -> Any:
    """The format of a source, which its path may tell; None where neither is there."""
    source = data.get("source")
    if "format" in data or not isinstance(source, str):
        return data.get("format")
    kind = find_format(Path(absolute(source, source.folder if isinstance(source, TextFrom) else folder)))
    return None if kind is None else kind.model_fields[kind.tag].default


def _document(tree: Any, taken: set[KeyPath], base: Document, own: Document) -> Document:
    """The merged tree with the places of its keys and the problems of both files."""

    def is_own(path: KeyPath) -> bool:
        return any(path[:length] in taken for length in range(1, len(path) + 1))

    def merged(theirs: dict[KeyPath, Any], ours: dict[KeyPath, Any]) -> dict[KeyPath, Any]:
        kept = {path: value for path, value in theirs.items() if not is_own(path)}
        return ours | kept

    names = {dotted(path) for path in taken}

    def is_replaced(name: str) -> bool:
        parts = name.split(".")
        return any(".".join(parts[:length]) in names for length in range(1, len(parts) + 1))

    return replace(
        own,
        tree=tree,
        keys=merged(base.keys, own.keys),
        values=merged(base.values, own.values) | {(): own.place(())},
        problems=[*(problem for problem in base.problems if not is_replaced(problem.path)), *own.problems],
        broken={path for path in base.broken if not is_own(path)} | own.broken,
        incomplete={path for path in base.incomplete if not is_own(path)} | own.incomplete,
        written=merged(base.written, own.written),
        notes=[*base.notes, *own.notes],
    )


def _note(base: Document, document: Document, own: dict[str, Any], taken: set[KeyPath]) -> str:
    """Which file gave how much."""
    theirs = list(_leaves(base.tree, ()))
    kept = [path for path in theirs if not any(path[:length] in taken for length in range(1, len(path) + 1))]
    replaced = len(theirs) - len(kept)
    given = counted(len(list(_leaves(own, ()))), "key")
    text = f"{base.file}, the base, gives {counted(len(kept), 'key')}; {document.file} gives {given}"
    return f"{text}, and replaces {counted(replaced, 'key')} of the base" if replaced else text


def _leaves(value: Any, path: KeyPath) -> Iterator[KeyPath]:
    """The paths of all that is no mapping."""
    if isinstance(value, dict) and (value or not path):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path
