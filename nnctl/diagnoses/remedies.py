"""KEY=VALUE texts of remedies: they are read from the config, so that they work when they are typed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from nnctl.config.run_config import RunConfig
from nnctl.diagnoses.record import RunRecord
from nnctl.files import to_json
from nnctl.initializers.initializer import Initializer
from nnctl.layers.activation import Activation
from nnctl.layers.freezable import frozen_epochs
from nnctl.layers.layer import Layer
from nnctl.layers.linear import Linear
from nnctl.layers.relu import ReLU
from nnctl.layers.repeat import Repeat

INITIALIZERS = {"weight": "he_normal", "recurrent_weight": "orthogonal"}
SCALED = ("he_normal", "he_uniform", "xavier_normal", "xavier_uniform", "lecun_normal", "lecun_uniform", "orthogonal")
WIDTHS = ("out_features", "out_channels", "hidden_size")


def key_of(config: RunConfig, name: str) -> tuple[str, Layer] | None:
    """The key of a layer in the config and the layer, by its name in the network; None for one that the config does not
    have, as that of embedded columns. The repetitions of a layer have one key.
    """
    key: list[str] = []
    value: object = config
    for part in name.split("."):
        if part.isdigit() and isinstance(value, Repeat):
            continue
        if isinstance(value, list):
            found = value[int(part)] if part.isdigit() and int(part) < len(value) else None
        else:
            found = getattr(value, part, None) if isinstance(value, BaseModel) else None
        if found is None:
            return None
        key.append(part)
        value = found
    return (".".join(key), value) if isinstance(value, Layer) else None


def is_frozen(config: RunConfig, name: str) -> bool:
    """Whether a layer, or one that it is inside of, never trains."""
    parts = name.split(".")
    around = (key_of(config, ".".join(parts[: at + 1])) for at in range(len(parts)))
    return any(found is not None and frozen_epochs(found[1]) == math.inf for found in around)


def kind_of(spec: object) -> str:
    """What `type` says of a part of the config."""
    return str(getattr(spec, "type", ""))


def with_kind(config: RunConfig, names: Sequence[str], kind: str) -> tuple[str, ...]:
    """Each of the layers becomes one of this kind, with its defaults."""
    keys = dict.fromkeys(found[0] for name in names if (found := key_of(config, name)))
    return tuple(f"{key}={kind}" for key in keys)


def squashing(run: RunRecord) -> tuple[str, ...]:
    """The activations, but for the network's last one, whose outputs have two limits."""
    own = run.measured[-1]["layers"] if run.measured else {}
    return tuple(
        name for name in own if "saturated" in own[name] and not run.is_output(name) and "by_step" not in own[name]
    )


def default_weights(config: RunConfig, names: Sequence[str]) -> tuple[str, ...]:
    """Each of the layers gets initial weights of the usual size, where the config says others."""
    remedies: dict[str, None] = {}
    for found in (key_of(config, name) for name in names):
        for field, usual in INITIALIZERS.items():
            own = None if found is None else getattr(found[1], field, None)
            if found is not None and own is not None and kind_of(own) not in SCALED:
                activation = getattr(found[1], "activation", None)
                kind = activation.initializer if isinstance(activation, Activation) else usual
                remedies[f"{found[0]}.{field}={kind}"] = None
    return tuple(remedies)


def default_biases(config: RunConfig, names: Sequence[str]) -> tuple[str, ...]:
    """Each of the layers, or those whose activations they are, gets a bias of zeros, where the config says another."""
    remedies: dict[str, None] = {}
    for found in (key_of(config, name.removesuffix(".activation")) for name in names):
        own = None if found is None else getattr(found[1], "bias", None)
        if found is not None and isinstance(own, Initializer) and kind_of(own) != "zeros":
            usual = type(found[1]).model_fields["bias"].default
            if isinstance(usual, Initializer) and kind_of(usual) == "zeros":
                remedies[f"{found[0]}.bias=zeros"] = None
    return tuple(remedies)


def with_learning_rate(config: RunConfig, factor: float) -> str:
    return f"learning_rate={config.learning_rate * factor:.3g}"


def wider(config: RunConfig) -> tuple[str, ...]:
    """Four times as many units in each hidden layer; of a network without one, a hidden layer."""
    hidden = config.layers[:-1]
    found = [
        f"layers.{number}.{width}={4 * getattr(layer, width)}"
        for number, layer in enumerate(hidden)
        for width in WIDTHS
        if isinstance(getattr(layer, width, None), int)
    ]
    last = config.layers[-1]
    if found or not isinstance(last, Linear):
        return tuple(found)
    middle = Linear(out_features=32, activation=ReLU())
    return (f"layers={to_json([_short(layer) for layer in (*hidden, middle, last)])}",)


def _short(layer: Layer) -> dict[str, Any]:
    """What tells a layer from one with defaults; usual initial weights are found again."""
    own = layer.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"weight", "activation"})
    activation = getattr(layer, "activation", None)
    return {"type": layer.kind, **own, **({} if activation is None else {"activation": _short(activation)})}
