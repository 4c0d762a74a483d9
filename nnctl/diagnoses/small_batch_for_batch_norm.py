"""Batch norm over so few samples that its statistics are mostly chance."""

from __future__ import annotations

import math
from typing import ClassVar

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, named
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.remedies import is_frozen, kind_of, with_learning_rate
from nnctl.text import counted

BATCH = 16  # samples that are enough
LEAST = 5  # samples
LEAST_AT_THE_END = 3  # in the last batch of an epoch, which is one of several


class SmallBatchForBatchNorm(Diagnosis):
    """A network with batch_norm that trains has batches of 4 samples or fewer, or ends every epoch with one of 1 or 2.

    Source: Wu and He 2018, "Group normalization", figure 1: with batches of 4 and 2 the error grows by 3 and 10 points.
    Fewer, larger batches want larger steps: in proportion for SGD (Goyal et al. 2017), by the root for Adam (Malladi et
    al. 2022).
    """

    name: ClassVar[str] = "small_batch_for_batch_norm"
    rank: ClassVar[int] = 1

    def find(self, run: RunRecord) -> Finding | None:
        own = (name for name in run.facts.get("layers", {}) if run.kind(name) == "batch_norm")
        layers = tuple(name for name in own if not is_frozen(run.config, name))
        size, last = run.config.batch_size, run.facts.get("last_batch", LEAST)
        samples = run.facts.get("samples", {}).get("train", 0)
        last = size if run.config.data.drop_last else last
        if not layers or (size >= LEAST and last >= LEAST_AT_THE_END) or samples < 2 * LEAST:
            return None
        if size < LEAST:
            what = f"a batch has {counted(size, 'sample')}"
            sizes = range(min(BATCH, samples // 2), samples)
            larger = next((each for each in sizes if samples % each not in range(1, LEAST_AT_THE_END)), BATCH)
            is_sgd = kind_of(run.config.optimizer) == "sgd"
            factor = larger / size if is_sgd else math.sqrt(larger / size)
            remedy: tuple[str, ...] = (f"batch_size={larger}", with_learning_rate(run.config, factor))
        else:
            what = f"the last batch of an epoch has {counted(last, 'sample')}"
            remedy = ("data.drop_last=true",)
        return Finding(
            self.name,
            f"small batch for batch norm: {what}, and {named(layers)} takes its mean and variance from it",
            where=layers,
            evidence={"batch_size": size, "last_batch": last},
            remedy=remedy,
            advice="use layer_norm or group_norm",
        )
