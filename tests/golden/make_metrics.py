"""Write golden/metrics/: scikit-learn's numbers, of outputs with ties, for the settings in each metric's test file.

Run by hand where scikit-learn is installed: python -m tests.golden.make_metrics
"""

from __future__ import annotations

import json

import numpy as np

from nnctl.metrics.metric import Metric
from nnctl.spec import kinds
from tests.support.kinds_have_tests import check_of
from tests.support.metric_check import MetricCheck, ScikitLearnCheck, softmax

SAMPLES = 60


def main() -> None:
    for metric in kinds(Metric).values():
        check = check_of(metric, MetricCheck)
        if not issubclass(check, ScikitLearnCheck):
            continue
        random = np.random.default_rng(3)
        arrays = {"settings": np.array(json.dumps(check.golden))}
        for index, case in enumerate(check.golden):
            outputs = random.integers(-9, 10, (SAMPLES, case.get("classes") or case["width"])) / 4
            if "classes" in case:  # those of large outputs more often than not, the first class most often
                given = softmax(outputs)
                targets = np.argmax(
                    outputs + random.gumbel(size=outputs.shape) * 2 + [2, *[0] * (case["classes"] - 1)], 1
                )
            elif "binary" in metric.fits and "values" not in metric.fits:
                given = 1 / (1 + np.exp(-outputs))
                targets = (random.random(outputs.shape) < given * 0.5).astype(np.float64)
            else:
                given, targets = outputs, outputs + random.normal(size=outputs.shape)
            arrays |= {
                f"{index}.outputs": outputs,
                f"{index}.targets": targets,
                f"{index}.value": np.array(check.scikit_learn(given, targets)),
            }
        file = check.golden_file()
        file.parent.mkdir(exist_ok=True)
        np.savez(file, **arrays)


if __name__ == "__main__":
    main()
