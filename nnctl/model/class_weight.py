"""How much the targets of each class count in the loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nnctl.config.load import LoadedConfig
from nnctl.config.run_config import RunConfig
from nnctl.data.dataset import Dataset, Split
from nnctl.data.table.yes_no import truth
from nnctl.errors import Problem
from nnctl.text import did_you_mean, listed, shown_label

BINARY = ("0", "1")  # the classes of binary targets


def weight_problems(loaded: LoadedConfig, dataset: Dataset) -> list[Problem]:
    """What is wrong with `class_weight` and the weights of samples, now that the data are known."""
    problems = list(_class_weight_problems(loaded, dataset))
    if problems:
        return problems
    weights, splits = _resolved(loaded.config, dataset), dataset.splits()
    if weights is not None:
        idle = [name for name, split in splits.items() if not (_counts(split, len(weights)) * weights).any()]
    else:
        idle = [name for name, split in splits.items() if split.weights is not None and not split.weights.any()]
    if not idle:
        return []
    key = ("data", "weight") if weights is None else ("class_weight",)
    what = f"leaves nothing of the {listed(idle)} samples: all that they have weighs 0"
    return [loaded.problem(key, what, "give weights above 0, or split the samples in another way")]


def with_class_weights(loaded: LoadedConfig, dataset: Dataset) -> tuple[LoadedConfig, tuple[str, ...]]:
    """The config with a weight of each class by its name, and a note on those that were computed.

    It stays as it is where it has none. It must be without `weight_problems`.
    """
    weights, names = _resolved(loaded.config, dataset), dataset.classes or BINARY
    if weights is None:
        return loaded, ()
    config = loaded.config.model_copy(update={"class_weight": dict(zip(names, weights.tolist(), strict=True))})
    if loaded.config.class_weight != "balanced":
        return replace(loaded, config=config), ()
    each = listed(f"{shown_label(name)} {weight:.3g}" for name, weight in zip(names, weights, strict=True))
    return replace(loaded, config=config), (f"class_weight: {each}",)


def class_weights(config: RunConfig, classes: Sequence[str]) -> NDArray[np.float64] | None:
    """(K,), in the order of the classes; None where all count alike.

    classes: as a data set has them, none for binary targets. Raises ValueError where the config has not a weight of
    each, as `with_class_weights` makes it.
    """
    given, names = config.class_weight, tuple(classes) or BINARY
    if given is None:
        return None
    if given == "balanced" or given.keys() != {*names}:
        raise ValueError("class_weight has not a number for each class")
    return np.array([given[name] for name in names])


def _class_weight_problems(loaded: LoadedConfig, dataset: Dataset) -> Iterator[Problem]:
    given, names = loaded.config.class_weight, dataset.classes or BINARY
    if given is None:
        return
    if not dataset.classes and dataset.outputs > 1:
        what = f"is set, and a sample has {dataset.outputs:,} targets, each of them 0 or 1"
        yield loaded.problem(("class_weight",), what, "leave it out, or train a network for each target")
        return
    named: set[str] = set()
    for key in () if given == "balanced" else given:
        name = _class_named(key, names)
        if name is None:
            what = f"there is no class {shown_label(key)} in the data; its classes are {listed(names)}"
            yield loaded.problem(("class_weight", key), what, did_you_mean(key, names) or "name one of these")
        elif name in named:
            yield loaded.problem(("class_weight", key), f"names the class {name} again", "name each class once")
        named.add(name or "")


def _class_named(key: str, names: Sequence[str]) -> str | None:
    """The class that a key means; where two classes are no and yes, in any spelling of these."""
    if key in names:
        return key
    spelled = {truth(name): name for name in names}
    return spelled.get(truth(key)) if None not in spelled and len(spelled) == len(names) == 2 else None


def _resolved(config: RunConfig, dataset: Dataset) -> NDArray[np.float64] | None:
    """(K,), None for none. balanced: n / (k n_c) of what targets weigh; 1 for a class without any, none of the k.

    Source: King and Zeng 2001, "Logistic regression in rare events data", section 3.
    """
    given, names = config.class_weight, dataset.classes or BINARY
    if given is None:
        return None
    if given == "balanced":
        counts = _counts(dataset.train, len(names))
        share = counts.sum() / max(1, np.count_nonzero(counts))
        return np.array([share / count if count else 1.0 for count in counts])
    weights = dict.fromkeys(names, 1.0) | {str(_class_named(key, names)): weight for key, weight in given.items()}
    return np.array(list(weights.values()), np.float64)


def _counts(split: Split, classes: int) -> NDArray[np.float64]:
    """How much the targets of each class weigh together, (K,)."""
    targets = split.targets.reshape(len(split), -1)
    if targets.dtype.kind == "f":
        targets = np.where(np.isnan(targets), -1, targets > 0.5).astype(np.int64)
    real = targets >= 0
    weights = None if split.weights is None else np.repeat(split.weights, real.sum(axis=1))
    return np.bincount(targets[real], weights, minlength=classes).astype(np.float64)
