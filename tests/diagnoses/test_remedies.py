"""Remedies are keys of the config, and work when they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.config.load import load_config
from nnctl.config.run_config import RunConfig
from nnctl.diagnoses.remedies import (
    default_biases,
    default_weights,
    is_frozen,
    key_of,
    wider,
    with_kind,
    with_learning_rate,
)

CONFIG = """data: a.csv
layers:
  - {type: linear, out_features: 8, weight: {type: normal, std: 2.0}, activation: tanh}
  - sigmoid
  - repeat: 2
    layers: [{type: linear, out_features: 8, activation: sigmoid}]
  - type: residual
    layers: [{type: linear, out_features: 8}, tanh]
  - {type: linear, out_features: 1}
loss: mse
learning_rate: 0.003
"""


def config(folder: Path, *overrides: str) -> RunConfig:
    (folder / "run.yaml").write_text(CONFIG.replace("a.csv", "{source: a.csv, target: y}"))
    return load_config(folder / "run.yaml", overrides).config


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("layers.0", "layers.0"),
        ("layers.0.activation", "layers.0.activation"),
        ("layers.2.1.layers.0.activation", "layers.2.layers.0.activation"),
        ("layers.3.layers.1", "layers.3.layers.1"),
        ("layers.9", None),
        ("data", None),
    ],
)
def test_the_key_of_a_layer(name: str, key: str | None, tmp_path: Path) -> None:
    found = key_of(config(tmp_path), name)
    assert (found[0] if found else None) == key


def test_repetitions_have_one_key(tmp_path: Path) -> None:
    names = ("layers.1", "layers.2.0.layers.0.activation", "layers.2.1.layers.0.activation", "data")
    assert with_kind(config(tmp_path), names, "relu") == ("layers.1=relu", "layers.2.layers.0.activation=relu")


def test_they_change_what_they_name(tmp_path: Path) -> None:
    before = config(tmp_path)
    names = ("layers.0", "layers.2.0.layers.0")
    assert default_weights(before, names) == ("layers.0.weight=xavier_uniform",)
    remedies = [*default_weights(before, names), *with_kind(before, ["layers.3.layers.1"], "relu")]
    after = config(tmp_path, *remedies, with_learning_rate(before, 0.1))
    assert after.learning_rate == pytest.approx(0.0003)
    assert after.layers[0].weight.type == "xavier_uniform"  # type: ignore[attr-defined]
    assert after.layers[3].layers[1].kind == "relu"  # type: ignore[attr-defined]


def test_biases_that_are_not_zeros(tmp_path: Path) -> None:
    own = config(tmp_path, "layers.0.bias=-9", "layers.4.bias=false")
    assert default_biases(own, ["layers.0.activation", "layers.4", "layers.1"]) == ("layers.0.bias=zeros",)
    config(tmp_path, "layers.0.bias=zeros")


def test_frozen_are_layers_inside_of_frozen_ones(tmp_path: Path) -> None:
    frozen = config(tmp_path, "layers.3.freeze=true", "layers.0.freeze=3")
    assert is_frozen(frozen, "layers.3.layers.0")
    assert not is_frozen(frozen, "layers.0")  # for three epochs
    assert not is_frozen(frozen, "layers.4")


def test_wider_layers_or_one_layer_more(tmp_path: Path) -> None:
    assert wider(config(tmp_path)) == ("layers.0.out_features=32",)
    small = config(tmp_path, "layers=[{type: linear, out_features: 3, bias: false}]")
    (remedy,) = wider(small)
    after = config(tmp_path, remedy)
    assert [layer.kind for layer in after.layers] == ["linear", "linear"]
    assert [layer.out_features for layer in after.layers] == [32, 3]  # type: ignore[attr-defined]
    assert after.layers[1].bias is None or after.layers[1].bias is False  # type: ignore[attr-defined]
