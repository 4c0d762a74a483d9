"""What the schema has for a place in a config: the class there, its keys, its default."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, get_args

from pydantic.fields import FieldInfo

from nnctl.config.document import dotted
from nnctl.spec import Spec, kind_named, kinds

Location = tuple[int | str, ...]  # keys and list indices; the schema's own names for alternatives may stand between


def spec_at(loc: Location, root: type[Spec]) -> type[Spec]:
    """The class at a place, or the nearest one around it: a family where its kind is not known."""
    return [root, *(spec for spec, _ in _walk(loc, root))][-1]


def keys_in(loc: Location, root: type[Spec]) -> Location:
    """The keys and list indices alone, even where a kind has the name of one of its keys."""
    return tuple(part for part, (_, is_kind) in zip(loc, _walk(loc, root), strict=True) if not is_kind)


def _walk(loc: Location, root: type[Spec]) -> Iterator[tuple[type[Spec], bool]]:
    """For each part: the class that one is at then, and whether the part is the name of a kind."""
    spec, family = root, None
    for part in loc:
        kind = kind_named(family, part) if family is not None and isinstance(part, str) else None
        if kind is not None:
            spec, family = kind, None
        elif isinstance(part, str) and part in spec.model_fields:
            inner = next(_specs_in(spec.model_fields[part].annotation), None)
            if inner is not None:
                spec, family = inner, inner
        yield spec, kind is not None


def field_at(loc: Location, root: type[Spec]) -> FieldInfo | None:
    """The field that a place is in."""
    for last in range(len(loc) - 1, -1, -1):
        field = spec_at(loc[:last], root).model_fields.get(str(loc[last]))
        if field is not None and isinstance(loc[last], str):
            return field
    return None


def keys_of(spec: type[Spec]) -> list[str]:
    """The keys of a class, as a config has them, the one that names its kind first."""
    return sorted((field.alias or name for name, field in spec.model_fields.items()), key=lambda key: key != spec.tag)


def home_of(key: str, root: type[Spec]) -> str | None:
    """The key of the root under which a key may stand that the root itself does not have: where it always may, else
    where it may in some kinds.
    """
    families: dict[str, type[Spec]] = {}
    for name, field in root.model_fields.items():
        family = next(_specs_in(field.annotation), None)
        if family is not None and not str(field.annotation).startswith("list") and key != family.tag:
            families[name] = family
    always = (name for name, family in families.items() if key in family.model_fields)
    in_some = (
        name for name, family in families.items() if any(key in kind.model_fields for kind in kinds(family).values())
    )
    return next(chain(always, in_some), None)


def bare_key(path: Location) -> str:
    """The key that a bare word in the place of a mapping stands for: where it is a path, that of the path."""
    return {"data": "source", "initialize_from": "checkpoint"}.get(dotted(path), "type")


def may_have_keys(path: Location, root: type[Spec]) -> bool:
    """Whether a bare word at a place can stand for a mapping."""
    field = root.model_fields.get(str(path[0])) if len(path) == 1 else None
    return field is None or next(_specs_in(field.annotation), None) is not None


def default_kind(path: Location, root: type[Spec]) -> dict[str, Any]:
    """What a mapping that the config leaves out begins with: the kind that is the default there."""
    field = root.model_fields.get(str(path[0])) if len(path) == 1 else None
    default = field.default if field is not None else None
    if not isinstance(default, Spec) or default.tag not in type(default).model_fields:
        return {}
    return {default.tag: getattr(default, default.tag)}


def _specs_in(annotation: Any) -> Iterator[type[Spec]]:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for argument in get_args(annotation):
        yield from _specs_in(argument)
