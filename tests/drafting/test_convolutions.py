"""The network for pictures: from their size and their number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.images.resizing import Frame
from nnctl.drafting.convolutions import convolutions_for
from nnctl.kernels.device import CPU
from nnctl.layers.random_crop import RandomCrop


@pytest.mark.parametrize(
    ("size", "channels", "shift"),
    [
        ((28, 28), (32, 64, 128), (2, 2)),
        ((32, 32), (32, 64, 128), (2, 2)),
        ((64, 48), (32, 64, 128, 128), (4, 3)),
        ((128, 128), (16, 32, 64, 128, 128), (8, 8)),
        ((256, 192), (8, 16, 32, 64, 128, 128), (16, 12)),
        ((4, 4), (32,), (0, 0)),
        ((1, 300), (8,), (0, 19)),
    ],
)
def test_blocks(size: tuple[int, int], channels: tuple[int, ...], shift: tuple[int, int]) -> None:
    network = convolutions_for(Frame(*size, "fit", "rgb"), 1_000)
    assert (network.channels, network.shift) == (channels, shift)


@given(height=st.integers(1, 300), width=st.integers(1, 300), pictures=st.integers(1, 1_000_000))
def test_any_picture_is_as_large_as_its_blocks_and_its_shift_ask(height: int, width: int, pictures: int) -> None:
    network = convolutions_for(Frame(height, width, "fit", "grey"), pictures)
    assert min(height, width) >> network.halved >= 1
    assert len(network.channels) == max(1, network.halved)
    if any(network.shift):
        RandomCrop(padding=list(network.shift)).plan((height, width, 1), CPU())
    assert 1 <= network.batch_size <= pictures


def test_more_pictures_are_seen_less_often() -> None:
    many = [convolutions_for(Frame(32, 32, "fit", "rgb"), pictures) for pictures in (10, 1_000, 10_000, 1_000_000)]
    assert [network.epochs for network in many] == sorted((network.epochs for network in many), reverse=True)
    assert [network.batch_size for network in many] == [8, 32, 64, 128]
    assert many[-1].epochs * 1_000_000 // 128 > many[1].epochs * 1_000 // 32
