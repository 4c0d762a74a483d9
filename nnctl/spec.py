"""The base of everything that a YAML mapping can name: the class is the schema.

A layer, a loss, an optimizer, a data format is one class in one file of its folder. Its typed fields are the
YAML keys; `type` names it. The kinds that exist are found from the folder, never from a list.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import pkgutil
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    WrapSerializer,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, SchemaValidator, core_schema

from nnctl import paths

S = TypeVar("S", bound="Spec")


class Spec(BaseModel):
    """A strict, frozen record of settings: no unknown keys, no coercion, no NaN or infinity."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        defer_build=True,
    )

    tag: ClassVar[str] = "type"  # the key that tells the kinds of a family apart
    package: ClassVar[str] = ""  # where the kinds of a family are, if not beside its base

    @classmethod
    def shorthand(cls, value: Any) -> Any:
        """What a value that is not a mapping stands for: a bare word is a kind with its defaults."""
        return {cls.tag: value} if isinstance(value, str) else value

    @classmethod
    def tagged(cls, value: Any, info: ValidationInfo) -> Any:
        """A value of a family with its kind's name in it. info: its context has the folder that paths start from."""
        return cls.shorthand(value)


def kinds(base: type[S]) -> dict[str, type[S]]:
    """The kinds of a family by name, found in its package, sorted by name."""
    package = _package(base)
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{module.name}")
    return dict(sorted(_defined(base).items()))


def kind_named(base: type[S], name: str) -> type[S] | None:
    """The kind of this name; None where there is none. Where its file has its name, as usual, no other is imported."""
    module = f"{_package(base)}.{name}"
    if name.isidentifier() and importlib.util.find_spec(module) is not None:
        importlib.import_module(module)
    return _defined(base).get(name) or kinds(base).get(name)


def _package(base: type[Spec]) -> str:
    return base.package or base.__module__.rpartition(".")[0]


def _defined(base: type[S]) -> dict[str, type[S]]:
    """The kinds that were imported or, by a test, made so far."""
    return {
        str(kind.model_fields[base.tag].default): kind for kind in _descendants(base) if base.tag in kind.model_fields
    }


def _descendants(base: type[S]) -> Iterator[type[S]]:
    for child in base.__subclasses__():
        yield child
        yield from _descendants(child)


def described(spec: type[Spec]) -> dict[str, FieldInfo]:
    """The fields with what their docstrings say as descriptions, which are read out of the sources only now: for all
    classes that takes longer than a short training run.
    """
    for owner in reversed(spec.__mro__):
        if issubclass(owner, Spec):
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
            assert isinstance(definition, ast.ClassDef)
            for statement, following in pairwise(definition.body):
                match statement, following:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                        if name in spec.model_fields:
                            spec.model_fields[name].description = inspect.cleandoc(text)
    return spec.model_fields


class OneOf:
    """Marks a field that holds one of the kinds of a family: `Annotated[Layer, OneOf()]`.

    A kind is imported and its validator built when a value first names it: those of all kinds take longer than a short
    training run.
    """

    def __get_pydantic_core_schema__(self, source: type[Spec], handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(value: Any, info: ValidationInfo) -> Any:
            value = source.tagged(value, info)
            name = value.get(source.tag) if isinstance(value, Mapping) else getattr(value, source.tag, None)
            kind = kind_named(source, name) if isinstance(name, str) else None
            validator = _refusal(source) if kind is None else _validator(kind)
            return validator.validate_python(value, context=info.context)

        return core_schema.with_info_plain_validator_function(validate)


@cache
def _validator(kind: type[Spec]) -> SchemaValidator:
    """Of a value that names this kind: the places of its mistakes begin with the name."""
    kind.model_rebuild()
    name = str(kind.model_fields[kind.tag].default)
    return SchemaValidator(core_schema.tagged_union_schema({name: kind.__pydantic_core_schema__}, kind.tag))


def _refusal(base: type[Spec]) -> SchemaValidator:
    """Of a value that names no kind: it finds this mistake and lists the kinds."""
    choices: dict[Any, CoreSchema] = {name: core_schema.any_schema() for name in kinds(base)}
    return SchemaValidator(core_schema.tagged_union_schema(choices, base.tag))


class TextFrom(str):
    """Text that comes from elsewhere than the config's file: a relative path in it starts from a folder of its own."""

    folder: Path

    def __new__(cls, text: str, folder: Path) -> TextFrom:
        made = super().__new__(cls, text)
        made.folder = folder
        return made

    def __deepcopy__(self, memo: object) -> TextFrom:
        return self


def absolute(value: Any, info: ValidationInfo) -> Any:
    """A path that starts from the config's folder made absolute; that of a checkpoint is looked for.

    info: its context has `folder`, or `find`, a function of a relative path.
    """
    if not isinstance(value, str) or not value:
        return value
    context = info.context or {}
    if "find" in context and not Path(value).is_absolute():
        return context["find"](value)
    return paths.absolute(value, value.folder if isinstance(value, TextFrom) else context.get("folder", Path.cwd()))


def written(value: Any, write: SerializerFunctionWrapHandler, info: SerializationInfo) -> Any:
    """A path as it is kept. info: its context may have `path`, a function of an absolute path."""
    keep = (info.context or {}).get("path")
    return write(value) if keep is None or not isinstance(value, str) else keep(value)


ConfigPath = Annotated[str, BeforeValidator(absolute), WrapSerializer(written)]
"""A path in a config: relative ones start from the config's folder; validated ones are absolute."""
