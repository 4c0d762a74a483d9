"""Combinations of parameters: all of them, or those that a walk chooses."""

from __future__ import annotations

from copy import deepcopy
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from nnctl.sweeps.parameter import Settings
from nnctl.sweeps.space import Space
from tests.support.spaces import choices, numbers, space, spaces, whole_ranges


def naive_grid(space: Space) -> list[Settings]:
    """Every setting of every parameter, also of those not in use; then without these, each combination once."""
    found: list[Settings] = []
    for settings in product(*(parameter.grid() for parameter in space.parameters)):
        chosen = dict(zip((parameter.name for parameter in space.parameters), settings, strict=True))
        combination = space.walk(lambda parameter: chosen[parameter.name])  # noqa: B023 - called at once
        if combination not in found:
            found.append(combination)
    return found


@given(st.one_of(spaces(), spaces(whole_ranges)))
def test_a_grid_is_every_combination_once(space: Space) -> None:
    grid = list(space.grid())
    assert grid == naive_grid(space)
    assert len(grid) <= space.size()
    if not any(parameter.when for parameter in space.parameters):
        assert len(grid) == space.size()


@given(spaces(), st.data())
def test_a_walk_sets_what_is_in_use_and_nothing_else(space: Space, data: st.DataObject) -> None:
    before = deepcopy(space.base.tree)
    settings = space.walk(lambda parameter: data.draw(st.sampled_from(parameter.grid())))
    document = space.document(settings)
    for parameter in space.parameters:
        if parameter.name in settings:
            value = document.tree[parameter.name]
            assert value == parameter.json(settings[parameter.name]) == space.json(settings)[parameter.name]
        else:
            assert document.tree.get(parameter.name) == before.get(parameter.name)
    assert space.base.tree == before


def test_a_condition_sees_what_the_parameters_before_it_have_set() -> None:
    momentum = choices("optimizer.momentum", 0.0, 0.9, when={"optimizer": ["sgd"]})
    nesterov = choices("optimizer.nesterov", False, True, when={"optimizer.momentum": [0.9]})
    conditional = space(choices("optimizer", "sgd", "adam"), momentum, nesterov, optimizer="adam")
    assert [conditional.document(settings).tree["optimizer"] for settings in conditional.grid()] == [
        {"type": "sgd", "momentum": 0.0},
        {"type": "sgd", "momentum": 0.9, "nesterov": False},
        {"type": "sgd", "momentum": 0.9, "nesterov": True},
        "adam",
    ]
    too_early = space(momentum, choices("optimizer", "sgd", "adam"), optimizer="adam")
    assert [list(settings) for settings in too_early.grid()] == [["optimizer"], ["optimizer"]]


def test_the_last_parameter_changes_fastest() -> None:
    grid = space(choices("a", 1, 2), numbers("b", 0, 1, steps=3)).grid()
    assert [tuple(settings.values()) for settings in grid] == [(0, 0), (0, 0.5), (0, 1), (1, 0), (1, 0.5), (1, 1)]
