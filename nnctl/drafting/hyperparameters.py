"""How large a network, and for how long it is trained: by the number of rows.

Small tables are easily overfitted, so a modest width with dropout and strong weight decay; large ones can use more of
everything. A smooth activation is a better fit to numbers than relu is.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST_WIDTH, LEAST_WIDTH = 256, 32
MOST_BATCH, LEAST_BATCH = 1024, 16
STEPS = 3_000  # enough for a small table; a large one has more in its fewest epochs
MOST_EPOCHS, LEAST_EPOCHS = 200, 15


@dataclass(frozen=True)
class Hyperparameters:
    """Of a network of two hidden layers and of its training."""

    width: int
    """The out_features of each hidden layer."""
    dropout: float
    """After each hidden layer."""
    weight_decay: float
    learning_rate: float
    batch_size: int
    epochs: int
    patience: int
    """Of early stopping, in epochs."""
    rare: int
    """Categories with fewer training rows than this are one."""


def hyperparameters_for(rows: int) -> Hyperparameters:
    """The hyperparameters for this many training rows."""
    batch_size = min(max(1, rows), _power_of_two(rows / 32, LEAST_BATCH, MOST_BATCH))
    epochs = min(max(STEPS * batch_size // max(1, rows), LEAST_EPOCHS), MOST_EPOCHS)
    return Hyperparameters(
        width=_power_of_two(3 * rows**0.5, LEAST_WIDTH, MOST_WIDTH),
        dropout=0.1,
        weight_decay=0.3,
        learning_rate=0.002,
        batch_size=batch_size,
        epochs=epochs,
        patience=max(5, epochs // 3),
        rare=min(10, max(1, rows // 500)),
    )


def _power_of_two(number: float, least: int, most: int) -> int:
    """The largest power of two up to a number, within bounds that are powers of two themselves."""
    return max(least, min(most, 1 << max(0, int(number).bit_length() - 1)))
