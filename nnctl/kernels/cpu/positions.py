"""A vector for each step of a sequence, added to it, both directions."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_item, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(len(inputs), 0.25 * inputs.shape[1]))
def forward(begin: int, end: int, inputs: Array, table: Array, outputs: Array) -> None:
    """outputs[n] = inputs[n] + table. inputs, outputs: (N, T F); table: (T F,)."""
    for n in range(begin, end):
        source, target = inputs[n], outputs[n]
        for i in range(len(source)):
            target[i] = source[i] + table[i]


@kernel(lambda d_outputs, lengths, d_table: by_item(len(d_table), 0.25 * d_table.shape[1] * len(d_outputs)))
def add_up(begin: int, end: int, d_outputs: Array, lengths: Array, d_table: Array) -> None:
    """d_table[t] = the sum of d_outputs[n, t] over the samples that have this step, in their order.

    d_outputs: (N, T, F); lengths: (N,) int64, or (0,) where all have; d_table: (T, F).
    """
    for t in range(begin, end):
        total = d_table[t]
        total[:] = 0
        for n in range(len(d_outputs)):
            if len(lengths) == 0 or t < lengths[n]:
                source = d_outputs[n, t]
                for f in range(len(total)):
                    total[f] += source[f]
