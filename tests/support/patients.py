"""Rows of patients, which tell the patient and nothing else."""

from __future__ import annotations

import numpy as np


def patients() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Inputs, labels at random by patient, and the patient of each row: 60 patients with 10 rows each, (600,)."""
    random = np.random.default_rng(0)
    labels = random.permutation(np.arange(60) % 2)
    centres = random.normal(size=(60, 5))
    of = random.permutation(np.repeat(np.arange(60), 10))
    return np.round(centres[of] + 0.1 * random.normal(size=(600, 5)), 4), labels[of], of
