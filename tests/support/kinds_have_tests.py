"""Every kind of a family has a test file of its own: the only file, besides its own, that a new kind needs."""

from __future__ import annotations

import importlib

from nnctl.spec import Spec, kinds
from tests.support.kind_check import KindCheck


def check_of(kind: type[Spec], check: type[KindCheck]) -> type[KindCheck]:
    """The class that runs the family's check on a kind: `nnctl.losses.mse` is tested in `tests.losses.test_mse`."""
    family, _, module = kind.__module__.removeprefix("nnctl.").rpartition(".")
    name = f"tests.{family}.test_{module}"
    try:
        members = vars(importlib.import_module(name)).values()
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise AssertionError(f"{kind.__name__} has no test file {name.replace('.', '/')}.py") from None
    for member in members:
        if isinstance(member, type) and issubclass(member, check) and getattr(member, "kind", None) is kind:
            return member
    raise AssertionError(f"{name.replace('.', '/')}.py has no {check.__name__} of {kind.__name__}")


def assert_kinds_have_tests(base: type[Spec], check: type[KindCheck]) -> None:
    """Every kind is run through its family's check by a test file that is named after its module."""
    for kind in kinds(base).values():
        if kind.__module__.startswith("nnctl."):  # not one that a test has made
            check_of(kind, check)
