"""A network of layers that hold layers, with dropout in each of them."""

from __future__ import annotations

from typing import Any

import yaml

from tests.support.command import DATA

CONFIG = f"""name: nested
seed: 3
data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers:
  - {{type: linear, out_features: 6, activation: relu}}
  - type: residual
    layers:
      - {{type: linear, out_features: 5, activation: relu}}
      - {{type: dropout, p: 0.2}}
      - {{type: linear, out_features: 6}}
    activation: tanh
  - type: parallel
    branches:
      - [{{type: linear, out_features: 4}}, tanh]
      - []
      - [{{type: dropout, p: 0.5}}]
  - repeat: 2
    layers:
      - {{type: residual, layers: [{{type: dropout, p: 0.1}}, {{type: linear, out_features: 8}}]}}
  - {{type: linear, out_features: 1}}
loss: mse
batch_size: 7
epochs: 3
"""

LAYERS: list[Any] = yaml.safe_load(CONFIG)["layers"]

PARAMETERS = [
    *("layers.0.weight", "layers.0.bias"),
    *("layers.1.layers.0.weight", "layers.1.layers.0.bias", "layers.1.layers.2.weight", "layers.1.layers.2.bias"),
    *("layers.2.branches.0.0.weight", "layers.2.branches.0.0.bias"),
    *("layers.3.0.layers.0.layers.1.weight", "layers.3.0.layers.0.layers.1.bias"),
    *("layers.3.0.layers.0.shortcut.weight", "layers.3.0.layers.0.shortcut.bias"),
    *("layers.3.1.layers.0.layers.1.weight", "layers.3.1.layers.0.layers.1.bias"),
    *("layers.4.weight", "layers.4.bias"),
]
