"""The choice of vector registers for a processor."""

from __future__ import annotations

import pytest

from nnctl.kernels.cpu.simd.registers import AVX2, AVX512, NEON, PLAIN, Simd, simd_of


@pytest.mark.parametrize("machine", ["arm64", "aarch64", "ARM64"])
def test_arm_has_neon_also_where_llvm_names_no_features(machine: str) -> None:
    """As on macOS."""
    assert simd_of(machine, {}) == NEON
    assert simd_of(machine, {"neon": True, "sve": True}) == NEON


def test_x86_has_what_llvm_names() -> None:
    assert simd_of("x86_64", {"avx2": True, "fma": True, "avx512f": True}) == AVX512
    assert simd_of("x86_64", {"avx2": True, "fma": True, "avx512f": False}) == AVX2
    assert simd_of("AMD64", {"avx2": True, "fma": False}) == PLAIN
    assert simd_of("x86_64", {}) == PLAIN


def test_another_processor_can_be_compiled_for() -> None:
    assert simd_of("x86_64", {"neon": True}) == NEON


@pytest.mark.parametrize("simd", [AVX512, AVX2, NEON, PLAIN], ids=["avx512", "avx2", "neon", "plain"])
def test_a_full_tile_fits_the_registers(simd: Simd) -> None:
    assert simd.fits(simd.tile_rows, simd.tile_vectors)
