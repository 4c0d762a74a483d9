"""PyTorch as a contestant in prediction: `python -m bench.peers.torch_predictions WORKLOAD FOLDER`.

How images lie in memory and the number of threads are tried first; the quickest are kept.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

from bench.peers.torch_worker import PROCESSORS, network
from bench.peers.weights import images_first, weights
from bench.prediction_serve import Array, Prepared, serve
from bench.workloads import WORKLOADS, Workload


def trained(workload: Workload, folder: Path) -> nn.Sequential:
    made = network(workload.placed()).eval()
    holders = [module for module in made if list(module.parameters())]
    for module, (_, arrays) in zip(holders, weights(workload, folder), strict=True):
        parameters = {name.removeprefix("layer."): parameter for name, parameter in module.named_parameters()}
        assert parameters.keys() == arrays.keys()
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(torch.from_numpy(arrays[name]))
    return made


class _Prediction:
    def __init__(self, made: nn.Sequential, samples: Tensor, threads: int) -> None:
        self._network, self._samples, self._threads = made, samples, threads
        self._outputs = samples

    def run(self) -> None:
        torch.set_num_threads(self._threads)  # a tenth of a microsecond where it is the same
        with torch.inference_mode():
            self._outputs = self._network(self._samples)

    def outputs(self) -> Array:
        return self._outputs.numpy()


def prepare(made: nn.Sequential, inputs: Array) -> Iterator[Prepared]:
    samples = torch.from_numpy(images_first(inputs))
    networks = {"": (made, samples)}
    if samples.ndim == 4:
        layout = torch.channels_last
        networks["channels last, "] = (copy.deepcopy(made).to(memory_format=layout), samples.to(memory_format=layout))
    for threads in sorted({1, PROCESSORS}):
        for name, own in networks.items():
            prediction = _Prediction(*own, threads)
            yield Prepared(prediction.run, prediction.outputs, f"{name}threads {threads}")


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    made = trained(WORKLOADS[sys.argv[1]], folder)
    serve(folder, lambda inputs: prepare(made, inputs))
