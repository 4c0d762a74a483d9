"""A gain for each feature, and their running mean. Matrices are (N, F), vectors (F,)."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_item, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(len(inputs), 0.3 * inputs.shape[1]))
def scale(begin: int, end: int, inputs: Array, gain: Array, outputs: Array) -> None:
    """outputs = gain * inputs."""
    for i in range(begin, end):
        for j in range(gain.size):
            outputs[i, j] = gain[j] * inputs[i, j]


@kernel(lambda inputs, *_: by_sample(len(inputs), 0.3 * inputs.shape[1]))
def center(begin: int, end: int, inputs: Array, gain: Array, mean: Array, outputs: Array) -> None:
    """outputs = gain * (inputs - mean)."""
    for i in range(begin, end):
        for j in range(gain.size):
            outputs[i, j] = gain[j] * (inputs[i, j] - mean[j])


@kernel(lambda inputs, mean, _: by_item(mean.size, 0.5 * len(inputs)))
def update(begin: int, end: int, inputs: Array, mean: Array, momentum: float) -> None:
    """mean = momentum * mean + (1 - momentum) * the mean of inputs over the batch."""
    for j in range(begin, end):
        total = 0.0
        for i in range(len(inputs)):
            total += inputs[i, j]
        mean[j] = momentum * mean[j] + (1.0 - momentum) * (total / len(inputs))


@kernel(lambda inputs, d_outputs, d_gain: by_item(d_gain.size, 0.5 * len(inputs)))
def gradient(begin: int, end: int, inputs: Array, d_outputs: Array, d_gain: Array) -> None:
    """d_gain = the sum over the batch of inputs * d_outputs."""
    for j in range(begin, end):
        total = 0.0
        for i in range(len(inputs)):
            total += inputs[i, j] * d_outputs[i, j]
        d_gain[j] = total
