"""What `nnctl prune` leaves out of a trained network, without any training: channels, and columns of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from nnctl.config.document import Document
from nnctl.config.load import config_to_json, load_document
from nnctl.data.dataset import Dataset, FittedData
from nnctl.data.table.source import TableSource
from nnctl.dynamics.budget import kept_channels
from nnctl.dynamics.channels import inputs_of
from nnctl.dynamics.inputs import INPUTS, groups_of, positions_of, select_columns
from nnctl.dynamics.scores import By, Scores, effects, magnitudes
from nnctl.dynamics.select import select
from nnctl.dynamics.structure import ByName, structure_of, with_structure
from nnctl.errors import DataError, UsageError
from nnctl.model.network import Network
from nnctl.model.preparation import open_data
from nnctl.model.trained_model import TrainedModel


def with_fewer_channels(model: TrainedModel, dataset: Dataset, by: By, most: int) -> TrainedModel:
    """Without the channels that matter least, so that it has so many parameters at most."""
    structure = structure_of(model)
    for layer, kept in kept_channels(structure, _scores(model, dataset, by), most).items():
        structure = select(structure, layer, kept)
    return with_structure(model, structure)


def column_effects(model: TrainedModel, dataset: Dataset) -> dict[str, float]:
    """By column how much it matters, as `effects` measures it, the largest first; empty where samples have no columns,
    or where they are not read by a weight of their own.
    """
    structure, positions = structure_of(model), positions_of(model.fitted.preprocessing)
    channels = inputs_of(structure.plan)
    if not positions or channels.bound:
        return {}
    groups = {INPUTS: groups_of(positions)}
    found = effects(structure, _gradients(model, dataset), {INPUTS: channels}, groups)[INPUTS]
    ranked = np.argsort(-found, kind="stable")
    return {list(positions)[column]: float(found[column]) for column in ranked}


def with_columns(model: TrainedModel, columns: Sequence[str]) -> tuple[TrainedModel, Dataset]:
    """The network that reads these columns of its table alone, and their data. Raises UsageError and DataError."""
    data, before = model.config.data, model.fitted.preprocessing
    if not isinstance(data, TableSource) or data.series is not None or not columns:
        what = "--inputs is of the columns of a table, each row of which is a sample, and of a network that starts with"
        raise UsageError(f"{what} a linear layer", help="leave --inputs out, and write --keep 0.1")
    settings = config_to_json(model.config)
    settings["data"]["features"] = {"include": [name for name in before.input_ranges if name in columns]}
    loaded = load_document(Document(str(model.path), settings | {"initialize_from": None}), Path.cwd())
    dataset = open_data(loaded)
    try:
        structure = select_columns(structure_of(model), before, dataset.preprocessing)
    except ValueError as error:
        what = f"the data are no longer those that the network was trained on: {error}"
        raise DataError(what, help="train again, and prune that run") from None
    fitted = FittedData(dataset.preprocessing, model.fitted.transform, model.fitted.classes)
    description = model.checkpoint.description | {"preprocessing": dataset.preprocessing.to_json()}
    config = loaded.config.model_copy(update={"data": dataset.source})
    checkpoint = replace(model.checkpoint, description=description)
    cut = replace(model, config=config, fitted=fitted, checkpoint=checkpoint)
    return with_structure(cut, structure), dataset.for_outputs(model.plan.outputs)


def _scores(model: TrainedModel, dataset: Dataset, by: By) -> Scores:
    """How much each channel matters."""
    structure = structure_of(model)
    if by == "magnitude":
        return magnitudes(structure)
    return effects(structure, _gradients(model, dataset))


def _gradients(model: TrainedModel, dataset: Dataset) -> Iterator[ByName]:
    """Of batches of training samples, by name of each parameter."""
    from nnctl.dynamics.gradients import gradients_of, thawed
    from nnctl.model.objective import Objective

    config, samples, structure = model.config, dataset.train, structure_of(model)
    network = Network(thawed(structure), config.batch_size, config.precision, has_lengths=samples.lengths is not None)
    network.load(dict(structure.arrays))
    objective = Objective(network, config.loss, samples, model.fitted.transform, model.class_weights)
    return gradients_of(objective, samples, config.seed)
