"""A trained network on samples of any number, which stay where they are."""

from __future__ import annotations

import ctypes
import mmap

import numpy as np
import pytest

from nnctl.commands.train import train
from nnctl.model.forward import Forward
from nnctl.model.trained_model import BATCH_SIZE, TrainedModel, read_trained_model

LAYERS = {
    "dense": "[{type: flatten}, {type: linear, out_features: 5}, {type: relu}, {type: linear, out_features: 3}]",
    "conv": "[{type: conv2d, out_channels: 3, kernel_size: 3}, {type: flatten}, {type: linear, out_features: 3}]",
    "recurrent": "[{type: reshape, shape: [7, 7]}, {type: gru, hidden_size: 4, return: last}, {type: linear, "
    "out_features: 3}]",
}


@pytest.fixture(scope="module", params=[*LAYERS])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    folder = tmp_path_factory.mktemp("forward")
    random = np.random.default_rng(0)
    np.savez(folder / "images.npz", x=random.normal(size=(64, 7, 7, 1)).astype("float32"), y=np.arange(64) % 3)
    config = folder / "config.yaml"
    config.write_text(
        f"data: {{source: images.npz}}\nlayers: {LAYERS[request.param]}\nloss: cross_entropy\nepochs: 1\n"
    )
    train(config, run=folder / "run")
    return read_trained_model(folder / "run")


def inputs(number: int) -> np.ndarray:
    return np.random.default_rng(number).normal(size=(number, 7, 7, 1)).astype("float32")


def one_by_one(trained: TrainedModel, samples: np.ndarray) -> np.ndarray:
    """By a network whose inputs are copied to where it was planned to read them."""
    network = trained.network()
    outputs = []
    for sample in samples:
        network.inputs(1)[:] = sample
        network.forward(1)
        outputs.append(network.outputs(1)[0].copy())
    return np.array(outputs)


@pytest.mark.parametrize("number", [1, 3, BATCH_SIZE, BATCH_SIZE + 1, 3 * BATCH_SIZE + 5])
def test_any_number_of_samples_gives_what_each_gives_alone(trained: TrainedModel, number: int) -> None:
    samples = inputs(number)
    kept = samples.tobytes()
    assert Forward(trained, None, has_lengths=False)(samples).tobytes() == one_by_one(trained, samples).tobytes()
    assert samples.tobytes() == kept


def test_other_samples_can_follow_in_other_memory(trained: TrainedModel) -> None:
    forward = Forward(trained, 2, has_lengths=False)
    first, second = inputs(5), inputs(6)[1:]
    outputs = [forward(samples) for samples in (first, second, first)]
    assert outputs[0].tobytes() == outputs[2].tobytes() == one_by_one(trained, first).tobytes()
    assert outputs[1].tobytes() == one_by_one(trained, second).tobytes()


def test_samples_that_lie_in_another_way_are_copied(trained: TrainedModel) -> None:
    samples = inputs(9)
    turned = np.asfortranarray(samples.astype(np.float64))
    outputs = Forward(trained, None, has_lengths=False)(turned)
    assert outputs.tobytes() == one_by_one(trained, samples).tobytes()


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mprotect"), reason="no pages can be protected")
@pytest.mark.parametrize("number", [1, 4, 33])
def test_nothing_beyond_the_samples_is_read(trained: TrainedModel, number: int) -> None:
    """They end where a page begins that may not be read."""
    samples = inputs(number)
    pages = -(-samples.nbytes // mmap.PAGESIZE)
    memory = mmap.mmap(-1, (pages + 1) * mmap.PAGESIZE)
    all_bytes = np.frombuffer(memory, np.uint8)
    end = all_bytes.ctypes.data + pages * mmap.PAGESIZE
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(end), mmap.PAGESIZE, 0) == 0
    own = all_bytes[pages * mmap.PAGESIZE - samples.nbytes : pages * mmap.PAGESIZE].view(np.float32)
    own = own.reshape(samples.shape)
    own[:] = samples
    assert Forward(trained, None, has_lengths=False)(own).tobytes() == one_by_one(trained, samples).tobytes()
