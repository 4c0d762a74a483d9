"""`nnctl predict --prompt`: a network of text goes on with a text, character by character."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.data.text.preprocessing import TextPreprocessing
from nnctl.data.text.vocabulary import shown_character
from nnctl.errors import CheckpointError, UsageError
from nnctl.model.trained_model import TrainedModel, broken_weights, read_trained_model
from nnctl.text import listed
from nnctl.training.compiling import cache_notes_in

Array = NDArray[Any]


def generate(
    checkpoint: str | Path,
    prompt: str,
    *,
    length: int = 300,
    temperature: float = 1.0,
    seed: int = 0,
    threads: int | None = None,
    emit: Callable[[str], None] = lambda character: None,
) -> dict[str, Any]:
    """Go on with a prompt for `length` characters, and report what `--json` prints.

    emit: receives the prompt, then each character as soon as it is there.
    checkpoint: a file, or a run folder's best. Characters are drawn from softmax(outputs / temperature), at 0 the most
    probable one is taken; the same seed draws the same ones. Of a calibrated network the outputs are divided by its own
    temperature as well. Each is predicted from as many characters before it as a training sequence has. Raises
    CheckpointError, and UsageError for a prompt that the network cannot go on with.
    """
    began = perf_counter()
    if not prompt:
        raise UsageError("--prompt is empty", help="give it at least one character")
    trained = read_trained_model(checkpoint)
    preprocessing = trained.fitted.preprocessing
    if not isinstance(preprocessing, TextPreprocessing):
        what = "--prompt is for networks of text, and this one was trained on other data"
        raise UsageError(what, help="give a file with samples in its place")
    slots = _slots_of(prompt, preprocessing)
    emit(prompt)
    notes: list[str] = []
    stream, drawn = random.generator(seed, "sample"), []
    with cache_notes_in(notes):
        network = _Next(trained, preprocessing.steps, threads)
        for _ in range(length):
            outputs = network(slots[-preprocessing.steps :]) / (trained.temperature or 1.0)
            slot = _draw(outputs, temperature, stream)
            slots.append(slot)
            drawn.append(preprocessing.vocabulary.characters[slot - 1])
            emit(drawn[-1])
    return {
        "checkpoint": str(trained.path),
        "prompt": prompt,
        "text": "".join(drawn),
        "length": length,
        "temperature": temperature,
        "seed": seed,
        "seconds": perf_counter() - began,
        "notes": notes,
    }


def _slots_of(prompt: str, preprocessing: TextPreprocessing) -> list[int]:
    """The slot number of each character. Raises UsageError for characters that training never saw."""
    slots = preprocessing.vocabulary.encode(np.array(list(map(ord, prompt)), np.uint32)).tolist()
    strange = {shown_character(prompt[place]): None for place, slot in enumerate(slots) if slot == 0}
    if strange:
        are = "is" if len(strange) == 1 else "are"
        what = f"--prompt: {listed(strange)} {are} not among the characters that the network was trained on"
        known = listed(preprocessing.vocabulary.classes[1:], len(preprocessing.vocabulary.classes))
        raise UsageError(what, help=f"write it with these: {known}")
    return list(map(int, slots))


class _Next:
    """What a network says of the character that follows up to `steps` others."""

    def __init__(self, trained: TrainedModel, steps: int, threads: int | None) -> None:
        from nnctl.kernels.runtime.workers import set_threads

        set_threads(threads)
        self._network = trained.network(1, has_lengths=True)
        if broken := broken_weights(self._network):
            raise CheckpointError(f"{broken}, its predictions mean nothing", help="use another checkpoint")
        with self._network.device.record(1) as self._program:
            self._network.forward(1)
        self._inputs = np.zeros((1, steps), self._network.dtype)

    def __call__(self, slots: list[int]) -> Array:
        """The outputs at the last of these characters, (K,) float64."""
        network, device = self._network, self._network.device
        lengths = network.lengths(1)
        assert lengths is not None
        self._inputs[0, : len(slots)] = slots
        device.write(self._inputs, network.inputs(1))
        device.write(np.array([len(slots)]), lengths)
        self._program.run()
        return np.asarray(device.to_host(network.outputs(1))[0, len(slots) - 1], np.float64)


def _draw(outputs: Array, temperature: float, stream: np.random.Generator) -> int:
    """A slot from 1 on: `unknown` is no character. outputs: (K,) logits."""
    logits = outputs[1:]
    if temperature == 0:
        return 1 + int(np.argmax(logits))
    ends = np.cumsum(np.exp((logits - logits.max()) / temperature))
    return 1 + min(int(np.searchsorted(ends, stream.random() * ends[-1], side="right")), len(ends) - 1)
