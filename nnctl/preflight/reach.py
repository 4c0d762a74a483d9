"""Whether outputs depend on the inputs at all, and all inputs on some output."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject
from nnctl.text import listed

MOST_OUTPUTS = 32  # that are followed back


class Reach(Check):
    """The gradient of each output with respect to the inputs: where it is 0 for all samples, nothing gets through."""

    order = 3

    def findings(self, subject: Subject) -> Iterator[Finding]:
        if subject.embeds or subject.dataset.preprocessing.embeddings:
            return  # no gradient gets past slot numbers
        reached, trained = reached_by(subject)
        cut = np.flatnonzero(~reached.any(axis=1) & ~trained)
        if len(cut):
            what = "any output" if len(cut) == len(reached) else f"output {listed(map(str, cut))}"
            evidence = f"neither an input nor a weight changes {what}, for any of {len(subject.samples):,} samples"
            yield Finding("unreached_outputs", "layers", evidence, _remedy(subject))
            return
        inputs = subject.inputs.reshape(len(subject.samples), -1)
        varies = (inputs != inputs[0]).any(axis=0)  # padding and the corners of pictures may well be left out
        unread = np.flatnonzero(~reached.any(axis=0) & varies)
        if len(unread) and reached.any():
            names = subject.dataset.preprocessing.output_names
            which = listed(names[at] if names else str(at) for at in unread)
            evidence = f"{len(unread):,} of {len(varies):,} inputs change no output: {which}"
            yield Finding("unread_inputs", "layers", evidence, "look for a layer that leaves them out, as strides do")


def reached_by(subject: Subject) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(K, inputs), whether an input changes an output for some sample, in evaluation; (K,), whether a weight does."""
    n, network = len(subject.samples), subject.network()
    subject.objective(network)
    network.forward(n)
    d_outputs = network.d_outputs(n)
    d_inputs = network.device.zeros(network.inputs(n).shape, network.dtype)
    reached, trained = [], []
    for output in range(min(subject.plan.outputs[-1], MOST_OUTPUTS)):
        one = np.zeros(d_outputs.shape, network.dtype)
        one[..., output] = 1
        network.device.write(one, d_outputs)
        network.backward(n, d_inputs=d_inputs)
        reached.append((subject.to_host(d_inputs).reshape(n, -1) != 0).any(axis=0))
        weights = (
            array
            for _, link, its in network.walk(n)
            for own, array in its.gradients.items()
            if not link.operation.chains and own in link.operation.weights
        )
        trained.append(any(subject.to_host(array).any() for array in weights))
    return np.array(reached), np.array(trained)


def _remedy(subject: Subject) -> str:
    kinds = {link.layer.kind for _, link, _ in subject.layers}
    if "relu" in kinds:
        return "use leaky_relu in the place of relu, or scale the inputs"
    return "let no weights start at 0, and scale the inputs"
