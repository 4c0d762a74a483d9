"""Which connections stay, compared with taking them away one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nnctl.dynamics.connection_budget import fewest_parameters, kept_connections
from nnctl.model.plan import plan_network
from tests.support.specs import layers_of


@given(seed=st.integers(0, 999), most=st.integers(0, 40), levels=st.sampled_from([2, 5, 1000]))
def test_those_that_matter_least_go_first(seed: int, most: int, levels: int) -> None:
    draw = np.random.default_rng(seed)
    outputs = {layer: np.sort(draw.integers(0, 4, draw.integers(0, 16))) for layer in ("a", "b")}
    scores = {layer: draw.integers(0, levels, len(own)).astype(float) for layer, own in outputs.items()}
    every = [(layer, at) for layer, own in outputs.items() for at in range(len(own))]
    left = set(every)
    for layer, at in sorted(every, key=lambda key: (scores[key[0]][key[1]], -every.index(key))):
        others = [key for key in left if key[0] == layer and outputs[layer][key[1]] == outputs[layer][at]]
        if len(left) > most and len(others) > 1:
            left.remove((layer, at))
    found = kept_connections(scores, outputs, most)
    assert {(layer, int(at)) for layer, own in found.items() for at in np.flatnonzero(own)} == left


def test_what_stays_in_any_case() -> None:
    layers = layers_of(
        [
            {"type": "linear", "out_features": 6},
            "layer_norm",
            {"type": "residual", "layers": [{"type": "sparse_linear", "out_features": 6, "connections": 4}]},
            {"repeat": 2, "layers": [{"type": "linear", "out_features": 6}]},
            {"type": "residual", "layers": [{"type": "linear", "out_features": 3, "bias": False}]},
        ]
    )
    plan = plan_network(layers, (5,))
    repeated, projection = 2 * (36 + 6), 6 * 3 + 3
    assert fewest_parameters(plan) == (6 + 6) + 12 + (4 + 6) + repeated + (3 + projection)
