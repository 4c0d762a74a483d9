"""OpenBLAS as a contestant, through NumPy: `python -m bench.numpy_worker THREADS`, as many as the environment says."""

from __future__ import annotations

import sys

import numpy as np

from bench.product_serve import Operands, Prepared, factors, repeated, serve, zeros
from bench.product_shapes import Convolution, Product


def prepare(row: Product | Convolution, operands: Operands) -> Prepared:
    """Products only."""
    assert isinstance(row, Product)
    left, right = factors(row, **operands)
    out = zeros((len(left), right.shape[1]))
    return Prepared(repeated(lambda: np.matmul(left, right, out=out)), lambda: [out])


if __name__ == "__main__":
    serve(prepare, int(sys.argv[1]))
