"""Search spaces of every shape, without files."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from nnctl.config.document import Document, Place
from nnctl.sweeps.parameter import Choice, Parameter, Range
from nnctl.sweeps.space import Space

PLACE = Place("sweep.yaml", 1, 1)
CONDITIONS: list[dict[str, list[Any]]] = [
    {},
    {},
    {"optimizer": ["sgd"]},
    {"optimizer.type": ["adam", "adamw"]},
    {"a": [0]},
    {"optimizer": ["sgd"], "a": [1, 2]},
]


def choices(name: str, *values: Any, when: dict[str, list[Any]] | None = None) -> Parameter:
    """name: of a key, or of several with a comma between, whose values are then lists."""
    keys = tuple(name.split(","))

    def choice(value: Any) -> Choice:
        trees = value if len(keys) > 1 else [value]
        return Choice(tuple(Document(PLACE.file, tree, values={(): PLACE}) for tree in trees))

    return Parameter(name, keys, PLACE, tuple(choice(value) for value in values), when=when or {})


def numbers(
    name: str,
    low: float,
    high: float,
    log: bool = False,
    integer: bool = False,
    steps: int | None = None,
    when: dict[str, list[Any]] | None = None,
) -> Parameter:
    return Parameter(name, (name,), PLACE, range=Range(low, high, log, integer, steps), when=when or {})


def space(*parameters: Parameter, **base: Any) -> Space:
    """base: the runs' config; the parameters and their conditions need no more than a mapping."""
    return Space(Document("base.yaml", base), parameters)


ranges = st.builds(
    Range,
    st.sampled_from([1e-5, 0.1, 1, 3]),
    st.sampled_from([4, 7, 1e3]),
    st.booleans(),
    steps=st.integers(2, 5),
)
whole_ranges = st.builds(
    Range, st.integers(1, 5), st.integers(6, 9), st.booleans(), integer=st.just(True), steps=st.integers(2, 5)
)


@st.composite
def spaces(draw: st.DrawFn, of: st.SearchStrategy[Range] = ranges) -> Space:
    """Up to four parameters: an optimizer, numbers, ranges; some in use only under conditions. of: its ranges."""
    parameters = [choices("optimizer", "sgd", "adam", {"type": "adamw", "weight_decay": 0.1})]
    for name in draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=3)):
        when = draw(st.sampled_from(CONDITIONS))
        if draw(st.booleans()):
            parameters.append(choices(name, *range(draw(st.integers(1, 4))), when=when))
        else:
            parameters.append(Parameter(name, (name,), PLACE, range=draw(of), when=when))
    return space(*draw(st.permutations(parameters)), optimizer="rmsprop", a=9)
