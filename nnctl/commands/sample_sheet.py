"""A sheet of training samples, as they are and as training augments them, for `nnctl check --pictures`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from nnctl.data.batches import order, steps_per_epoch
from nnctl.data.scaling import Scaling
from nnctl.errors import UsageError
from nnctl.layers.chain import Chain, Link
from nnctl.model.network import Network
from nnctl.model.preparation import Prepared
from nnctl.text import by

Pixels = NDArray[np.uint8]
Array = NDArray[np.floating]

SAMPLES, EPOCHS = 8, 7
LARGE = 64  # pixels: smaller pictures are enlarged, to be seen
GAP = 4
GREY = 128  # between the pictures


@dataclass(frozen=True)
class SampleSheet:
    """pixels: (H, W, 1) or (H, W, 3), a row a sample: first as it is, then as the first layer with parameters gets it
    in each of the first epochs. changes: whether one is not always as it is.
    """

    pixels: Pixels
    changes: bool


def sample_sheet(prepared: Prepared) -> SampleSheet:
    """The sheet of the samples that are first in the first epoch. Raises UsageError where they are no images."""
    shape = prepared.dataset.inputs_shape
    if len(shape) != 3 or shape[2] not in (1, 3):
        help = "leave it out" if len(shape) != 2 else "leave it out, or set data.shape: [height, width, 1]"
        raise UsageError(f"--pictures is for images of 1 or 3 channels; a sample here is {by(shape)}", help=help)
    config, train = prepared.config, prepared.dataset.train
    chosen = order(config.seed, 1, len(train), config.data.shuffle)[:SAMPLES]
    originals = train.scaled(chosen)
    network = _front(prepared)
    in_epochs = [_in_epoch(prepared, network, chosen, epoch) for epoch in range(1, EPOCHS + 1)]
    changes = any(not np.array_equal(originals, augmented) for augmented in in_epochs)
    shown = _as_bytes([originals, *in_epochs], prepared.dataset.preprocessing.scaling(config.precision))
    return SampleSheet(_arranged(shown), changes)


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


def _as_bytes(columns: list[Array], scaling: Scaling | None) -> list[Pixels]:
    """From numbers of the network to pixels; black and white are those of the first column."""
    raw = [column.astype(np.float64) if scaling is None else scaling.undone(column) for column in columns]
    black, most = min(0.0, raw[0].min()), raw[0].max()
    white = next((white for white in (1.0, 255.0) if most <= white), most)
    return [np.clip(np.rint((column - black) * (255 / (white - black))), 0, 255).astype(np.uint8) for column in raw]


def _arranged(columns: list[Pixels]) -> Pixels:
    """Columns of pictures, (N, h, w, C) each, on one sheet."""
    sizes = [column.shape[1:3] for column in columns]
    tall, wide = (max(size[axis] for size in sizes) for axis in (0, 1))
    enlarged = max(1, LARGE // max(tall, wide))
    tall, wide = tall * enlarged, wide * enlarged
    rows, channels = len(columns[0]), columns[0].shape[3]
    sheet = np.full((rows * (tall + GAP) + GAP, len(columns) * (wide + GAP) + GAP, channels), GREY, np.uint8)
    for top, left, picture in _places(columns, tall + GAP, wide + GAP):
        large = picture.repeat(enlarged, axis=0).repeat(enlarged, axis=1)
        sheet[top : top + len(large), left : left + large.shape[1]] = large
    return sheet


def _places(columns: list[Pixels], down: int, across: int) -> Iterator[tuple[int, int, Pixels]]:
    for column, pictures in enumerate(columns):
        for row, picture in enumerate(pictures):
            yield GAP + row * down, GAP + column * across, picture
