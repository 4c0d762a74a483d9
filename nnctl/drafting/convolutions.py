"""How large a convolutional network, and for how long it is trained: by the size of pictures and by their number.

Each block halves the picture and doubles the channels, so that all blocks take about the same time. The last ones have
the same number of channels for pictures of all sizes: the first blocks of large pictures have few.
"""

from __future__ import annotations

from dataclasses import dataclass

from nnctl.data.images.resizing import Frame

LEAST_HALVED = 6  # pixels on the shorter side; of fewer a half shows nothing
USUAL = 64  # pixels on the longer side, up to which the first block has FIRST channels
FIRST, LEAST, MOST = 32, 8, 128  # channels
MOST_BLOCKS = 6
STEPS = 2_500  # enough for some thousand pictures; more have more in their fewest epochs
MOST_EPOCHS, LEAST_EPOCHS = 80, 20
LEAST_BATCH = 8  # batch norm needs some
SHIFT = 16  # pictures are shifted by up to a sixteenth


@dataclass(frozen=True)
class Convolutions:
    """A network of blocks, a convolution, batch norm and pooling each, and its training."""

    channels: tuple[int, ...]
    """Of each block."""
    halved: int
    """How many blocks, from the first on, halve the picture."""
    shift: tuple[int, int]
    """Pixels that training shifts pictures by at most: down or up, to the left or right."""
    batch_size: int
    epochs: int
    dropout: float
    """Before the last layer."""
    patience: int
    """Of early stopping, in epochs."""


def convolutions_for(frame: Frame, pictures: int) -> Convolutions:
    """The network for pictures of this size, of which so many are trained on."""
    shorter, longer = sorted(frame.size)
    blocks = 0
    while blocks < MOST_BLOCKS and shorter >> blocks >= LEAST_HALVED:
        blocks += 1
    first = FIRST
    while longer > USUAL and first > LEAST:
        longer, first = longer // 2, first // 2
    most = 32 if pictures < 5_000 else 64 if pictures < 20_000 else 128
    batch_size = min(max(1, pictures), max(LEAST_BATCH, min(most, pictures // 4)))
    epochs = min(max(STEPS * batch_size // max(1, pictures), LEAST_EPOCHS), MOST_EPOCHS)
    return Convolutions(
        channels=tuple(min(first << block, MOST) for block in range(max(1, blocks))),
        halved=blocks,
        shift=(round(frame.height / SHIFT), round(frame.width / SHIFT)),
        batch_size=batch_size,
        epochs=epochs,
        dropout=0.5,
        patience=max(5, epochs // 3),
    )
