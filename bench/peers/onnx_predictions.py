"""onnxruntime as a contestant in prediction: `python -m bench.peers.onnx_predictions WORKLOAD FOLDER`.

Arrays in every call or bound to the session beforehand, and the number of threads, are tried first; the quickest are
kept.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import onnxruntime

from bench.peers.onnx_model import model
from bench.peers.weights import images_first
from bench.prediction_serve import Array, Prepared, serve
from bench.workloads import WORKLOADS

PROCESSORS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare(content: bytes, inputs: Array) -> Iterator[Prepared]:
    samples = images_first(inputs)
    for threads in sorted({1, PROCESSORS}):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        yield _called(session, samples, threads)
        yield _bound(session, samples, threads)


def _called(session: onnxruntime.InferenceSession, samples: Array, threads: int) -> Prepared:
    made: list[Array] = []

    def run() -> None:
        made[:] = session.run(None, {"inputs": samples})

    return Prepared(run, lambda: made[0], f"threads {threads}")


def _bound(session: onnxruntime.InferenceSession, samples: Array, threads: int) -> Prepared:
    binding = session.io_binding()
    binding.bind_cpu_input("inputs", samples)
    binding.bind_output("outputs")

    def run() -> None:
        session.run_with_iobinding(binding)

    return Prepared(run, lambda: binding.copy_outputs_to_cpu()[0], f"arrays bound, threads {threads}")


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    content = model(WORKLOADS[sys.argv[1]], folder).SerializeToString()
    serve(folder, lambda inputs: prepare(content, inputs))
