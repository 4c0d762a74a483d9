"""A loss that hovers above what smaller steps would reach."""

from __future__ import annotations

from nnctl.diagnoses.plateau import Plateau
from tests.support.diagnosis_check import FALLING, FIRST, WAVES, DiagnosisCheck, layers


class TestPlateau(DiagnosisCheck):
    kind = Plateau
    about = (
        {"loss": 0.3 + 0.03 * WAVES, "layers": layers(**{FIRST: {"update": 0.01}})},
        {"loss": 0.3 + 0.004 * WAVES, "layers": layers(**{FIRST: {"update": 0.01}})},  # 2 % times the root of 10 steps
    )
    not_about = (
        {
            "loss": 0.3 + 0.03 * WAVES,
            "layers": layers(**{FIRST: {"update": 0.01}}),
            "overrides": ["schedule=cosine"],
        },
        {
            "loss": 0.3 + 0.004 * WAVES,
            "layers": layers(**{FIRST: {"update": 0.01}}),
            "types": {"layers.1": "dropout"},
        },
        {"loss": 0.3 + 0.03 * WAVES, "val_loss": 0.8 + 0.03 * WAVES, "layers": layers(**{FIRST: {"update": 0.01}})},
        {"loss": FALLING, "layers": layers(**{FIRST: {"update": 0.01}})},
        {"loss": 0.3 + 0.002 * WAVES, "layers": layers(**{FIRST: {"update": 0.01}})},
        {"loss": 0.3 + 0.03 * WAVES, "layers": layers()},
        {
            "loss": 0.3 + 0.03 * WAVES,
            "layers": layers(**{FIRST: {"update": 0.01}}),
            "last": {"changes": [{"rule": 0}]},  # of the network, which are why the loss jumps
        },
    )
