"""Write group_folds.json: what scikit-learn's GroupKFold makes of groups, and the score that its folds give.

Run by hand where scikit-learn is installed: python -m tests.golden.make_group_folds
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, cross_val_score
from sklearn.neural_network import MLPClassifier

from tests.support.patients import patients

SIZES = [[10] * 60, [1] * 7, [50, 20, 20, 5, 3, 1, 1], [9, 8, 7, 6, 5, 4, 3, 2, 1], [100, 1, 1, 1], [3, 3, 3, 2, 2]]
FOLDS = (2, 3, 4, 5)


def main() -> None:
    sizes = []
    for counts in SIZES:
        groups = np.repeat(np.arange(len(counts)), counts)
        for folds in FOLDS:
            if folds <= len(counts):
                split = GroupKFold(folds).split(groups, groups=groups)
                sizes.append({"groups": counts, "folds": folds, "sizes": sorted(len(test) for _, test in split)})
    inputs, labels, of = patients()
    model = MLPClassifier(32, learning_rate_init=0.01, max_iter=100, random_state=0)
    by_group = cross_val_score(model, inputs, labels, groups=of, cv=GroupKFold(5)).mean()
    by_row = cross_val_score(model, inputs, labels, cv=KFold(5, shuffle=True, random_state=0)).mean()
    made = {"sizes": sizes, "accuracy": {"by_group": round(by_group, 4), "by_row": round(by_row, 4)}}
    Path(__file__).with_name("group_folds.json").write_text(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
