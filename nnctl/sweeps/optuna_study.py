"""Optuna's studies: in memory, quiet, and imported only where a sweep asks for them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from nnctl.errors import UsageError

if TYPE_CHECKING:
    from optuna import Study
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler


def require_optuna(what: str) -> None:
    """Raises UsageError where Optuna, which `what` needs, is not installed."""
    if find_spec("optuna") is None:
        raise UsageError(f"{what} needs the package optuna", help="pip install 'nnctl[search]'")


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, Optuna logs no more than errors, and neither it nor NumPy warns."""
    from optuna import logging

    before = logging.get_verbosity()
    logging.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(before)


def new_study(higher: bool, sampler: BaseSampler | None = None, pruner: BasePruner | None = None) -> Study:
    """A study without trials, in memory. higher: whether a higher value is a better one."""
    from optuna import create_study

    return create_study(sampler=sampler, pruner=pruner, direction="maximize" if higher else "minimize")
