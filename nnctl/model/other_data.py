"""What differs between the data that weights were trained on and those of a run that starts with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nnctl.data.dataset import Dataset
from nnctl.model.trained_model import TrainedModel
from nnctl.model.weighted_layers import WeightedLayer
from nnctl.text import listed


def foreign_layers(model: TrainedModel, dataset: Dataset, layers: Mapping[str, WeightedLayer]) -> dict[str, str]:
    """By name the layers whose inputs mean something else here, so that their weights are worth nothing, and why."""
    found: dict[str, str] = {}
    then, now = model.fitted.preprocessing, dataset.preprocessing
    if then.output_names != now.output_names:
        first = next((name for name in layers if name != "data"), "")
        same = sorted(then.output_names) == sorted(now.output_names)
        why = "the columns come in another order" if same else "the columns are others"
        group = ".".join(first.split(".")[:2])
        found |= {name: why for name in layers if name.startswith(f"{group}.") or name == group}
    old, new = then.to_json(), now.to_json()
    if _categories(old) != _categories(new):
        found["data"] = "the categories are others"
    if old.get("vocabulary") != new.get("vocabulary"):
        found |= {name: "the vocabulary is another" for name, layer in layers.items() if layer.kind == "embedding"}
    return found


def foreign_outputs(model: TrainedModel, dataset: Dataset) -> str:
    """Why the last layer's outputs mean something else here; nothing where they mean the same."""
    if model.fitted.classes or dataset.classes:
        return "" if model.fitted.classes == dataset.classes else "its classes were others"
    names = tuple(model.description.target_names)
    return "" if names == dataset.target_names else f"its targets were others: {listed(names)}"


def notes_on_data(model: TrainedModel, dataset: Dataset, *, takes_last: bool) -> Iterator[str]:
    """What the user should know of inputs and targets that are scaled otherwise, and of samples that are no others.

    takes_last: whether the weights of the last layer are taken.
    """
    unlike = list(_scalings(model.fitted.preprocessing.to_json(), dataset.preprocessing.to_json()))
    if takes_last and model.fitted.transform != dataset.transform:
        unlike.append("targets have another mean and deviation")
    if unlike:
        yield f"the weights were trained on data that were scaled otherwise: {'; '.join(unlike)}"
    if set(model.description.data.values()) & set(dataset.hashes.values()) and len(dataset.splits()) > 1:
        then, now = model.config, dataset.source
        split = ("validation", "test", "fold")
        if any(getattr(then.data, key) != getattr(now, key) for key in split):
            yield "the weights were trained on the same data, split otherwise: samples that measure may be among those"


def _scalings(then: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """What of two preprocessings scales otherwise, in words."""
    if {"scale", "mean", "std"} <= then.keys() & now.keys():
        if then["scale"] != now["scale"]:
            yield f"inputs were divided by {then['scale']:g}, are by {now['scale']:g}"
        if bool(then["mean"]) != bool(now["mean"]):
            yield "inputs were standardized, are not" if then["mean"] else "inputs were not standardized, are now"
        elif (then["mean"], then["std"]) != (now["mean"], now["std"]):
            yield "inputs have another mean and deviation"
        return
    numbers = [{column["name"]: column for column in _columns(one) if "shift" in column} for one in (then, now)]
    shared = numbers[0].keys() & numbers[1].keys()
    keys = ("settings", "fill", "bounds", "shift", "divisor")
    unlike = [name for name in sorted(shared) if any(numbers[0][name][key] != numbers[1][name][key] for key in keys)]
    if unlike:
        yield f"{len(unlike):,} of {len(shared):,} columns of numbers ({listed(unlike, 3)})"


def _columns(preprocessing: dict[str, Any]) -> list[dict[str, Any]]:
    return list(preprocessing.get("learnt", ()))


def _categories(preprocessing: dict[str, Any]) -> dict[str, Any]:
    """By column the labels of those that are embedded."""
    return {
        column["name"]: (column["labels"], column["own_missing"])
        for column in _columns(preprocessing)
        if column["kind"] == "category" and column["settings"]["encoding"] == "embedding"
    }
