"""The fine-tuning of a network that was made smaller."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from nnctl.config.document import Document
from nnctl.config.initialize_from import InitializeFrom
from nnctl.config.load import LoadedConfig, config_to_json, load_document
from nnctl.config.overrides import apply_overrides
from nnctl.data.dataset import Dataset
from nnctl.dynamics.dropout_rates import dropout_rates
from nnctl.dynamics.select import changed_at
from nnctl.dynamics.structure import structure_of, with_structure
from nnctl.errors import DivergedError, UsageError
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Shape
from nnctl.model.checkpoint import write_checkpoint
from nnctl.model.plan import NetworkPlan, plan_network
from nnctl.model.preparation import Prepared, prepare_with
from nnctl.model.trained_model import TrainedModel
from nnctl.training.run_folder import RunFolder
from nnctl.training.short_training import short_training, trained_briefly

EPOCHS = 2  # for each of the run's, which took longer (docs/dynamics.md)
MOST_EPOCHS = 1_000_000  # of a run
CUT = "cut.safetensors"  # beside the other checkpoints: the smaller network before it is fine-tuned


@dataclass(frozen=True)
class FineTuning:
    """trained: the network before. overrides: `KEY=VALUE` texts.

    All is as it was in its run, but there are twice as many epochs, and dropout drops less behind smaller layers.
    """

    trained: TrainedModel
    overrides: Sequence[str]

    def loaded(self, cut: TrainedModel) -> LoadedConfig:
        """The config, with the layers of this network. Raises ConfigError, and UsageError where it is another one."""
        config, layers = cut.config, list(cut.config.layers)
        for name, rate in self._rates(cut).items():
            layers = changed_at(layers, name.split(".")[1:], partial(_with_rate, rate=rate))
        own: dict[str, Any] = {
            "name": f"{config.name}-pruned",
            "epochs": min(EPOCHS * config.epochs, MOST_EPOCHS),
            "initialize_from": None,
            "dynamics": [],
        }
        settings = config_to_json(config.model_copy(update={"layers": layers}))
        document = Document(str(self.trained.path), settings | own)
        apply_overrides(document, self.overrides)
        loaded = load_document(document, Path.cwd())
        plan = plan_network(loaded.config.layers, cut.plan.inputs, cut.fitted.preprocessing.embeddings)
        if _kept(plan) != _kept(cut.plan):
            what = f"{' '.join(self.overrides)} makes another network, which the trained weights do not fit"
            raise UsageError(what, help="leave out what changes shapes, such as layers.0.out_features=16")
        return loaded

    def notes(self, cut: TrainedModel) -> Iterator[str]:
        """What changes in silence otherwise."""
        if self.trained.config.dynamics:
            yield "the rules of `dynamics` changed the network in its run; fine-tuning has none"
        given = [text.partition("=")[0] for text in self.overrides]
        rates = {name: rate for name, rate in self._rates(cut).items() if f"{name}.p" not in given}
        if rates:
            told = ", ".join(f"{name}.p={rate:g}" for name, rate in rates.items())
            yield f"dropout drops less where fewer connections are left: {told}; other rates may be set so"

    def briefly(self, cut: TrainedModel, dataset: Dataset, steps: int) -> TrainedModel:
        """The network after its share of the epochs, which leave nothing behind. Raises DivergedError."""
        loaded = self.loaded(cut)
        config = loaded.config
        prepared = replace(prepare_with(loaded, dataset, goes_on=True), initial=cut.checkpoint.tensors)
        judge = dataset.validation or dataset.train
        epochs = max(1, config.epochs // steps)
        network = trained_briefly(short_training(prepared, dataset.train, judge, epochs=epochs))
        if network is None:
            what = f"the loss became NaN or infinite between two steps, with learning_rate={config.learning_rate:g}"
            raise DivergedError(what, help=f"lower it: learning_rate={config.learning_rate / 10:g}")
        arrays = {name: network.device.to_host(array).copy() for name, array in network.kept().items()}
        return with_structure(cut, replace(structure_of(cut), arrays=arrays))

    def prepared(self, loaded: LoadedConfig, cut: TrainedModel, data: Dataset, folder: RunFolder) -> Prepared:
        """The run in this folder, into which the weights that it starts with are written."""
        path = folder.checkpoints / CUT
        write_checkpoint(path, cut.checkpoint)
        start = InitializeFrom(checkpoint=str(path.absolute()))
        config = loaded.config.model_copy(update={"initialize_from": start})
        return prepare_with(replace(loaded, config=config), data)

    def _rates(self, cut: TrainedModel) -> dict[str, float]:
        return dropout_rates(self.trained.plan, cut.plan)


def _with_rate(layer: Layer, rate: float) -> Layer:
    return layer.model_copy(update={"p": rate})


def _kept(plan: NetworkPlan) -> dict[str, Shape]:
    return {spec.name: spec.shape for spec in plan.chain.arrays if spec.is_kept}
