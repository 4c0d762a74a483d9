"""The config of a run: every key with its default and its range."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from nnctl.averaging.averaging import Averaging
from nnctl.config.initialize_from import MaybeInitializeFrom
from nnctl.config.rule import Rule
from nnctl.data.source import Source
from nnctl.layers.layer import Layer
from nnctl.layers.regularization import Regularization
from nnctl.losses.loss import Loss
from nnctl.metrics.metric import Metric
from nnctl.metrics.threshold import Threshold
from nnctl.optimizers.adam import Adam
from nnctl.optimizers.optimizer import Optimizer
from nnctl.schedules.constant import Constant
from nnctl.schedules.schedule import Schedule
from nnctl.spec import OneOf, Spec


def _folder_name(name: str) -> str:
    if (
        not name.strip()
        or name in (".", "..")
        or name.startswith((".", "-"))
        or any(char in name for char in "/\\\0\n")
    ):
        raise ValueError(f"{name!r} cannot name a folder; use letters, digits, - and _")
    if len(name.encode()) > 200:
        raise ValueError("is longer than 200 bytes, too long for the name of a folder; use a shorter name")
    return name


FolderName = Annotated[str, Field(max_length=100), AfterValidator(_folder_name)]
"""The name of a run's folder; not a path."""


ClassWeight = Literal["balanced"] | dict[str, Annotated[float, Field(ge=0.0, le=1e30)]]


class EarlyStopping(Spec):
    """Stop when a monitored number has not improved for some epochs, or is good enough."""

    monitor: str | None = None
    """loss, val_loss, <metric> or val_<metric>; unset, what the run monitors."""
    patience: int = Field(default=5, ge=0)
    """Epochs to wait for an improvement."""
    min_delta: float = Field(default=0.0, ge=0.0)
    """The least change that counts as an improvement; it must be exceeded."""
    stopping_threshold: float | None = None
    """Stop as soon as the monitored number is as good as this one, such as an accuracy of 1."""


class RunConfig(Spec):
    """A run: data, network, loss, and how to train."""

    name: FolderName
    """Names the run folder; unset, the file's name."""
    seed: int = Field(default=0, ge=0, lt=2**63)
    """The same seed gives the same bits."""
    precision: Literal["float32", "float64"] = "float32"
    """The floating-point type that the network computes in."""
    device: Literal["cpu", "cuda"] = "cpu"
    """Where to compute."""
    data: Annotated[Source, OneOf()]
    """The samples, and how they are split and prepared."""
    layers: list[Annotated[Layer, OneOf()]] = Field(min_length=1, max_length=1_000)
    """The network, from the inputs to the outputs."""
    dynamics: list[Annotated[Rule, OneOf()]] = Field(default_factory=list, max_length=100)
    """Rules that change the network between epochs: it grows, is pruned, or does without some units for a while."""
    initialize_from: MaybeInitializeFrom = None
    """Trained weights to start with, in the place of random ones: a run folder, a checkpoint file, or layers of it."""
    loss: Annotated[Loss, OneOf()]
    """What training minimizes."""
    threshold: Threshold = None
    """Above which probability 1 is predicted, of two classes the second; or `best`, or `{best_for: f1}`; unset, 0.5."""
    calibrate: bool = False
    """Whether logits are divided by a temperature, found on the validation samples, so that what is predicted with a
    probability of 0.9 is right nine times of ten, unless what it gains may be chance; of losses that make
    probabilities."""
    class_weight: ClassWeight | None = None
    """How much the targets of each class count in the loss: {sick: 10, healthy: 1}; a class that is not named counts 1.
    balanced: n / (k n_c) for n targets to train on, k classes and n_c targets of the class, so that all classes count
    alike."""
    optimizer: Annotated[Optimizer, OneOf()] = Adam()
    """How the gradients change the parameters."""
    learning_rate: float = Field(default=0.001, gt=0.0)
    """The size of a step."""
    schedule: Annotated[Schedule, OneOf()] = Constant()
    """How the learning rate changes over the run."""
    batch_size: int = Field(default=32, ge=1, le=1_000_000)
    """Samples a batch."""
    gradient_accumulation: int = Field(default=1, ge=1, le=1_000)
    """Batches whose gradients are added up before an update, in the memory of one: a step is on so many times
    batch_size samples. Its loss is the mean over all of them, divided by the sum of their weights where they have some;
    a batch norm takes the statistics of each batch."""
    epochs: int = Field(default=10, ge=1, le=1_000_000)
    """Passes over the training samples."""
    clip_norm: float | None = Field(default=None, gt=0.0)
    """Gradients with a larger norm are scaled down to it."""
    clip_value: float | None = Field(default=None, gt=0.0)
    """Each number of the gradients is limited to this size, up and down; a run has this or clip_norm."""
    averaging: Annotated[Averaging, OneOf()] | None = None
    """An average of the weights over the run, which is validated and kept as the best in their place."""
    regularization: Regularization = Regularization()
    """Penalties on weights and outputs, and a limit of weights, for all layers that have none of their own."""
    metrics: list[Annotated[Metric, OneOf()]] = Field(default_factory=list)
    """What is measured in addition to the loss; if empty, accuracy for classes, rmse and r2 for values."""
    monitor: str | None = None
    """What decides the best checkpoint: loss, val_loss, <metric> or val_<metric>; unset, val_loss or else loss."""
    early_stopping: EarlyStopping | None = None
    """Stop before the last epoch when nothing improves any more."""
    diagnostics: bool = True
    """Whether layers are measured during training, for `nnctl diagnose` and the verdict at the end of the run."""

    @property
    def effective_batch_size(self) -> int:
        """Samples a step."""
        return self.batch_size * self.gradient_accumulation
