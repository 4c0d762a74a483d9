"""Classes that samples are of and no sample is predicted as."""

from __future__ import annotations

import numpy as np

from nnctl.model.never_predicted import never_predicted, never_predicted_note


def test_a_class_that_does_not_occur_is_none_of_them() -> None:
    confusion = np.array([[5, 0, 1, 0], [3, 0, 0, 0], [0, 0, 0, 0], [1, 0, 1, 0]])
    assert never_predicted(confusion, ["a", "b", "c", "d"]) == {"b": 3, "d": 2}
    assert never_predicted(confusion[:2, :2], []) == {"1": 3}
    assert never_predicted(np.eye(3), ["a", "b", "c"]) == {}


def test_the_note() -> None:
    tries = ("class_weight: balanced", "threshold: best")
    assert never_predicted_note({"yes": 27}, "test", 3_000, has_weights=False, remedies=tries) == (
        "never predicted: yes (27 of the 3,000 test samples); try class_weight: balanced or threshold: best, "
        "and measure balanced_accuracy, to which each class is equal"
    )
    assert never_predicted_note({"yes": 13.5}, "test", 1_500.25, has_weights=True, remedies=()) == (
        "never predicted: yes (13.5 of the 1,500.25 that the test samples weigh); "
        "measure balanced_accuracy, to which each class is equal"
    )
