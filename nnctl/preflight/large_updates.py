"""What the first step makes of the weights."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject
from nnctl.schedules.constant import Constant
from nnctl.training.short_training import short_training, trained_briefly

MOST = 1.0  # of the weights; trainings that go well have about a thousandth in each step
GOOD = 0.01


class LargeUpdates(Check):
    """A first step, at the full learning rate, that changes a layer's parameters by more than they are."""

    order = 6

    def findings(self, subject: Subject) -> Iterator[Finding]:
        config = subject.config
        samples = subject.samples.take(np.arange(min(config.batch_size, len(subject.samples))))
        run = short_training(subject.prepared, samples, samples, epochs=1, batch_size=len(samples), schedule=Constant())
        trained = trained_briefly(run)
        if trained is None:
            return  # not even one step, which the loss at the start tells
        before = subject.network()
        shares = {}
        for name, span in before.spans().items():
            own, other = (np.float64(subject.to_host(made.parameters[span.part])) for made in (before, trained))
            if own.any():
                shares[name] = float(np.linalg.norm(other - own) / np.linalg.norm(own))
        largest = max(shares, key=lambda name: shares[name], default="")
        if largest and shares[largest] > MOST:
            rate = float(f"{config.learning_rate * GOOD / shares[largest]:.1g}")
            evidence = f"the first step changes the parameters by {shares[largest]:.3g} times what they are"
            yield Finding("large_updates", largest, evidence, f"learning_rate={rate:g}")
