"""A stream depends on all that names it, and on nothing else."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.random import generator, key

counters = st.integers(0, 2**64 - 1)
names = st.tuples(counters, st.text(max_size=9), st.lists(counters, max_size=4))


@settings(deadline=None)
@given(names, names)
def test_a_key_is_that_of_its_name_alone(first: tuple[int, str, list[int]], second: tuple[int, str, list[int]]) -> None:
    one, other = (key(seed, purpose, *numbers) for seed, purpose, numbers in (first, second))
    assert 0 <= one < 2**64
    assert (one == other) == (first == second)


def test_every_part_of_the_name_counts() -> None:
    keys = [
        key(*name) for name in [(0, "a"), (1, "a"), (0, "b"), (0, "a", 0), (0, "a", 1), (0, "a", 0, 1), (0, "a", 1, 0)]
    ]
    assert len(set(keys)) == len(keys)


def test_the_streams_are_those_that_runs_were_made_with() -> None:
    assert key(42, "shuffle", 7) == 18287678766247480435
    assert generator(42, "shuffle", 7).permutation(8).tolist() == [3, 0, 5, 7, 1, 2, 4, 6]


def test_a_stream_begins_anew_whenever_it_is_asked_for() -> None:
    first = generator(3, "initial", 1).normal(size=5)
    np.random.seed(0)  # the global state must not matter
    np.testing.assert_array_equal(generator(3, "initial", 1).normal(size=5), first)
    assert not np.array_equal(generator(3, "initial", 2).normal(size=5), first)
