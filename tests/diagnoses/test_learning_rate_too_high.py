"""Steps so large that the loss jumps instead of falling."""

from __future__ import annotations

from nnctl.diagnoses.learning_rate_too_high import LearningRateTooHigh
from tests.support.diagnosis_check import FALLING, FIRST, WAVES, DiagnosisCheck, layers


class TestLearningRateTooHigh(DiagnosisCheck):
    kind = LearningRateTooHigh
    about = (
        {"loss": 5 + 0.1 * WAVES, "layers": layers(), "batches": [0.7, 0.9] + [9.0] * 10},
        {"loss": 0.4 + 0.15 * WAVES, "layers": layers(**{FIRST: {"update": 0.02}})},
        {"loss": [3.0, 2.0, *FALLING], "layers": [*layers(1, **{FIRST: {"update": 4.0}}), *layers(11)]},
    )
    not_about = (
        {"loss": 0.4 + 0.15 * WAVES, "layers": layers()},  # steps are small
        {"loss": FALLING, "layers": layers(**{FIRST: {"update": 0.02}})},
        {"loss": FALLING, "layers": layers(), "batches": [0.7, 1.8] + [0.5] * 10},  # a single batch
        {"loss": [3.0, 2.0, *FALLING], "layers": layers()},  # made up for
        {
            "loss": 0.4 + 0.15 * WAVES,
            "layers": layers(**{FIRST: {"update": 0.02}}),
            "last": {"changes": [{"rule": 0}]},  # of the network, which are why the loss jumps
        },
    )
