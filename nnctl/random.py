"""Keyed, stateless random streams: each is a function of (seed, purpose, counters) and of nothing else.

Nothing has to be saved to continue a run: the batch order of epoch 7 is the stream
``(seed, "shuffle", 7)`` whenever it is asked for.
"""

from __future__ import annotations

import hashlib
import struct

import numpy as np


def key(seed: int, purpose: str, *counters: int) -> int:
    """A 64-bit key that depends on all of its arguments and on nothing else.

    seed, counters: 0 <= value < 2**64. Source: BLAKE2b, RFC 7693.
    """
    message = purpose.encode() + struct.pack(f"<{len(counters) + 1}Q", seed, *counters)
    return int.from_bytes(hashlib.blake2b(message, digest_size=8).digest(), "little")


def generator(seed: int, purpose: str, *counters: int) -> np.random.Generator:
    """A fresh NumPy generator for the stream (seed, purpose, counters).

    Source: Philox4x64-10, Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
    """
    return np.random.Generator(np.random.Philox(key=key(seed, purpose, *counters)))
