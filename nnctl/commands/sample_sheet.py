"""A sheet of training samples, as they are and as training augments them, for `nnctl check --pictures`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from nnctl.commands.picture_sheet import Array, Pixels, arranged, as_bytes, require_pictures
from nnctl.data.batches import order, steps_per_epoch
from nnctl.layers.chain import Chain, Link
from nnctl.model.network import Network
from nnctl.model.preparation import Prepared

SAMPLES, EPOCHS = 8, 7


@dataclass(frozen=True)
class SampleSheet:
    """pixels: (H, W, 1) or (H, W, 3), a row a sample: first as it is, then as the first layer with parameters gets it
    in each of the first epochs. changes: whether one is not always as it is.
    """

    pixels: Pixels
    changes: bool


def sample_sheet(prepared: Prepared) -> SampleSheet:
    """The sheet of the samples that are first in the first epoch. Raises UsageError where they are no images."""
    require_pictures(prepared.dataset.inputs_shape, "--pictures")
    config, train = prepared.config, prepared.dataset.train
    chosen = order(config.seed, 1, len(train), config.data.shuffle)[:SAMPLES]
    originals = train.scaled(chosen)
    network = _front(prepared)
    in_epochs = [_in_epoch(prepared, network, chosen, epoch) for epoch in range(1, EPOCHS + 1)]
    changes = any(not np.array_equal(originals, augmented) for augmented in in_epochs)
    shown = as_bytes([originals, *in_epochs], prepared.dataset.preprocessing.scaling(config.precision))
    return SampleSheet(arranged(shown), changes)


def _in_epoch(prepared: Prepared, network: Network, samples: NDArray[np.int64], epoch: int) -> Array:
    """The samples as the network, which is the front, makes them in an epoch, each in the batch that it is in."""
    config, train = prepared.config, prepared.dataset.train
    rows = order(config.seed, epoch, len(train), config.data.shuffle)
    size, batches = config.batch_size, config.gradient_accumulation
    steps = steps_per_epoch(len(train), config.effective_batch_size, config.data.drop_last)
    found = np.empty((len(samples), *network.plan.outputs), network.dtype)
    for number, sample in enumerate(samples):
        in_epoch, place = divmod(int(np.flatnonzero(rows == sample)[0]), size)
        batch, (step, own) = rows[in_epoch * size : (in_epoch + 1) * size], divmod(in_epoch, batches)
        network.device.write(train.scaled(batch), network.inputs(len(batch)))
        at = {"epoch": epoch, "step": (epoch - 1) * steps + step, "batch": own, "batches": batches}
        network.forward(len(batch), training=True, **at)
        found[number] = network.device.to_host(network.outputs(len(batch)))[place]
    return found


def _front(prepared: Prepared) -> Network:
    """The layers that images go through before one has parameters, as long as they are images of as many channels."""
    plan, config = prepared.plan, prepared.config
    channels = plan.inputs[2]

    def is_in_front(link: Link) -> bool:
        outputs = link.operation.outputs
        has_parameters = any(spec.role in ("parameter", "frozen") for spec in link.arrays)
        return not has_parameters and len(outputs) == 3 and outputs[2] == channels

    chain = Chain(list(takewhile(is_in_front, plan.chain.links)), plan.inputs, plan.device)
    return Network(replace(plan, chain=chain), config.batch_size, config.precision, config.seed)
