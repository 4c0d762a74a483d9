"""Dropout behind layers that have become smaller: a network of fewer connections overfits less."""

from __future__ import annotations

import math

from nnctl.layers.dropout import Dropout
from nnctl.layers.spatial_dropout import SpatialDropout
from nnctl.model.plan import NetworkPlan


def dropout_rates(before: NetworkPlan, after: NetworkPlan) -> dict[str, float]:
    """By the name of each dropout whose rate changes, the new one: times the root of the share of the connections that
    the layer in front of it still has.

    after: the network of the same layers, some of them smaller. Source: Han et al. 2015, "Learning both weights and
    connections for efficient neural networks", section 3.2.
    """
    found, share = {}, 1.0
    work = {layer.name: layer.operation.multiply_adds for layer in after.layers}
    for then in before.layers:
        if then.layer.makes_channels:
            share = work[then.name] / max(1, then.operation.multiply_adds)
        elif isinstance(then.layer, Dropout | SpatialDropout):
            rate = round(then.layer.p * math.sqrt(share), 3)
            if rate < then.layer.p:
                found[then.name] = rate
    return found
