"""With weights, every metric is what scikit-learn makes of them as its sample_weight."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import TypeAdapter

from nnctl.metrics.metric import Metric
from nnctl.spec import kinds
from tests.support.kind_check import GOLDEN
from tests.support.metric_check import measure

STORED = np.load(GOLDEN / "weighted_metrics.npz")
OUTPUTS = {"classes": "logits", "binary": "margins", "values": "outputs"}


@pytest.mark.parametrize("name", [name for name in STORED.files if "." in name])
def test_it_is_scikit_learns(name: str) -> None:
    targets, _, kind = name.partition(".")
    base, _, k = kind.partition("top_")
    settings = {"type": "top_k", "k": int(k)} if k else {"type": base}
    metric: Metric = TypeAdapter(kinds(Metric)[settings["type"]]).validate_python(settings)
    wanted = STORED[targets] if targets != "binary" else STORED[targets].astype(np.float64)
    classes = 5 if targets == "classes" else 2
    found = measure(metric, STORED[OUTPUTS[targets]], wanted, classes, weights=STORED["weights"])
    assert found == pytest.approx(float(STORED[name]), abs=1e-9)
    assert abs(found - measure(metric, STORED[OUTPUTS[targets]], wanted, classes)) > 1e-3
