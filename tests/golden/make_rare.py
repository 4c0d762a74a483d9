"""Scikit-learn's balanced logistic regression on the rows of `tests.support.rare`: rare.json, beside this file.

Run by hand from the project's folder where scikit-learn is installed: `python -m tests.golden.make_rare`.
"""

from __future__ import annotations

import json
from pathlib import Path

from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.support.rare import rare


def main() -> None:
    inputs, targets, tested = rare()
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced"))
    model.fit(inputs[~tested], targets[~tested])
    found = {
        "roc_auc": roc_auc_score(targets[tested], model.predict_proba(inputs[tested])[:, 1]),
        "recall": recall_score(targets[tested], model.predict(inputs[tested])),
    }
    Path(__file__).with_name("rare.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
