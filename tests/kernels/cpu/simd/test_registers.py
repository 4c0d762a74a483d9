"""The choice of vector registers for a level."""

from __future__ import annotations

import pytest

from nnctl.kernels.compiler.level import AARCH64, V1, V2, V3, V4
from nnctl.kernels.cpu.simd.registers import AVX2, AVX512, NEON, PLAIN, Simd, simd_of


def test_each_level_has_its_registers() -> None:
    assert [simd_of(level) for level in (V4, V3, V2, V1, AARCH64)] == [AVX512, AVX2, PLAIN, PLAIN, NEON]


@pytest.mark.parametrize("simd", [AVX512, AVX2, NEON, PLAIN], ids=["avx512", "avx2", "neon", "plain"])
def test_a_full_tile_fits_the_registers(simd: Simd) -> None:
    assert simd.fits(simd.tile_rows, simd.tile_vectors)
