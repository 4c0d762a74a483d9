"""A trained network out of a checkpoint, with what was fitted to its samples: evaluation and prediction share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnctl.config.run_config import RunConfig
from nnctl.data.dataset import FittedData
from nnctl.data.table.target_transform import TargetTransform
from nnctl.errors import CheckpointError, Problem
from nnctl.memory import available_memory, bytes_in_words
from nnctl.metrics.threshold import BestThreshold, boundary, calibrated
from nnctl.model.checkpoint import Array, Checkpoint, read_checkpoint
from nnctl.model.class_weight import class_weights
from nnctl.model.description import Description, checkpoint_errors, description_of
from nnctl.model.network import Network
from nnctl.model.plan import NetworkPlan, plan_network
from nnctl.model.whereabouts import located
from nnctl.text import shown_number

BATCH_SIZE = 256  # as good as any for the forward pass, and the same for everybody: sums keep their order


@dataclass(frozen=True)
class TrainedModel:
    """What a checkpoint holds, checked against itself."""

    path: Path
    """Its file."""
    config: RunConfig
    description: Description
    fitted: FittedData
    plan: NetworkPlan
    checkpoint: Checkpoint
    class_weights: Array | None
    """(K,), how much each class counts in the loss; None where all count alike."""

    @property
    def threshold(self) -> float | None:
        """The probability above which 1 is predicted, of two classes the second; None where nothing was chosen.

        It is one of calibrated probabilities where they are.
        """
        own, chosen = self.config.threshold, self.description.threshold
        if not isinstance(own, BestThreshold):
            return own
        return None if chosen is None else calibrated(chosen, self.temperature)

    @property
    def boundary(self) -> float:
        """The output above which it is predicted; of two classes the difference of theirs."""
        own, usual = self.config.threshold, self.config.loss.threshold
        if isinstance(own, BestThreshold):  # calibration changes no prediction
            return boundary(usual, self.description.threshold)
        return boundary(usual, own) * (self.temperature or 1.0)

    @property
    def temperature(self) -> float | None:
        """What logits are divided by to give calibrated probabilities; None where they are to stay as they are."""
        return self.description.temperature if self.config.calibrate else None

    def decision_notes(self) -> Iterator[str]:
        """What to tell of a temperature and a threshold that were chosen."""
        if self.temperature not in (None, 1.0):
            temperature = shown_number(float(f"{self.temperature:.4g}"))
            yield f"probabilities are calibrated with a temperature of {temperature}, found on the validation samples"
        if self.threshold is not None:
            own = self.config.threshold
            why = f", best for {own.best_for.name} on the validation samples" if isinstance(own, BestThreshold) else ""
            positive = self.fitted.classes[1] if self.fitted.classes else "1"
            yield f"{positive} is predicted above a probability of {shown_number(self.threshold)}{why}"

    def network(self, batch_size: int = BATCH_SIZE, *, has_lengths: bool = False) -> Network:
        """The network with its weights, for batches of this size. Raises CheckpointError and ConfigError.

        has_lengths: whether the samples are sequences with a length each.
        """
        if has_lengths:
            self.plan.check_lengths()
        with checkpoint_errors(self.path):
            network = Network(self.plan, batch_size, self.config.precision, has_lengths=has_lengths)
            network.load(self.checkpoint.tensors)
        return network


def read_trained_model(checkpoint: str | Path) -> TrainedModel:
    """The checkpoint of a file, or of a run folder (its best). Raises CheckpointError."""
    path = _file(Path(checkpoint))
    kept = read_checkpoint(path)
    description = description_of(kept, path)
    with checkpoint_errors(path):
        config = located(description.config, path)
        fitted = _fitted(description, config)
        weights = class_weights(config, fitted.classes)
        return TrainedModel(path, config, description, fitted, _plan(config, fitted), kept, weights)


def broken_weights(network: Network) -> str:
    """What to tell of weights that are NaN or infinite; nothing where all are finite."""
    host = network.device.to_host
    broken = [name for name, values in network.kept().items() if not np.isfinite(host(values)).all()]
    return f"NaN or infinite numbers in {', '.join(broken)}: this network has diverged" if broken else ""


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    for name in ("best", "last"):
        file = path / "checkpoints" / f"{name}.safetensors"
        if file.is_file():
            return file
    first = path / "fold-1"
    help = f"give one of its folds, such as {first}" if first.is_dir() else "give a run folder, or a checkpoint file"
    raise CheckpointError(Problem("holds no checkpoint", str(path), help=help))


def _fitted(description: Description, config: RunConfig) -> FittedData:
    """What the checkpoint keeps of its training samples. Raises ValueError."""
    transform = description.target_transform
    return FittedData(
        config.data.preprocessing_from_json(description.preprocessing),
        None if transform is None else TargetTransform.from_json(transform),
        tuple(description.classes),
    )


def _plan(config: RunConfig, fitted: FittedData) -> NetworkPlan:
    """The network that the checkpoint describes, if it fits into the memory and its outputs to its classes."""
    plan = plan_network(config.layers, fitted.preprocessing.shape, fitted.preprocessing.embeddings)
    needed, free = plan.memory(BATCH_SIZE, np.dtype(config.precision).itemsize, slots=0), available_memory()
    if needed > free:
        what = f"its network takes {bytes_in_words(needed)} of memory, {bytes_in_words(free)} are free"
        raise CheckpointError(what, help="use a machine with more memory, or a smaller network")
    if config.loss.targets == "classes" and plan.outputs[-1:] != (len(fitted.classes),):
        what = f"its network gives {plan.outputs[-1]} outputs for {len(fitted.classes)} classes"
        raise CheckpointError(what, help="train again, or use another checkpoint")
    return plan
