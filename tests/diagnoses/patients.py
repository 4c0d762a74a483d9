"""Small runs that are ill, and runs like them that are well: five of each for every diagnosis.

Each is a config, on data of the repository or on points that are drawn here. They train in well below a second.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nnctl.data.formats.idx import IDX
from tests.support.command import DATA

Keys = dict[str, Any]


@dataclass(frozen=True)
class Patient:
    """illness: the diagnosis that it is a case of, or would be if it were ill."""

    illness: str
    is_ill: bool
    number: int
    keys: Keys

    @property
    def id(self) -> str:
        return f"{self.illness}-{'ill' if self.is_ill else 'well'}-{self.number}"

    def write(self, folder: Path) -> Path:
        file = folder / f"{self.id}.yaml"
        file.write_text(json.dumps(self.keys))
        return file


PENGUINS = {"source": f"{DATA}/penguins.csv", "target": "species", "features": {"exclude": ["year"]}, "validation": 0.2}
SINE = {"source": f"{DATA}/function/sine.csv", "target": "y", "validation": 0.2}
AMES = {"source": f"{DATA}/ames.csv", "target": "Sale_Price", "target_transform": "standard", "validation": 0.8}
WEATHER = {
    "source": f"{DATA}/seattle_weather.csv",
    "target": "weather",
    "validation": 0.3,
    "features": {"exclude": ["date"]},
}


def npz(name: str, validation: float | None = 0.25, **more: Any) -> Keys:
    return {"source": f"{name}.npz", **({} if validation is None else {"validation": validation}), **more}


def table(name: str, target: str = "sick", **more: Any) -> Keys:
    return {"source": f"{name}.csv", "target": target, "validation": 0.25, **more}


def linear(size: int, activation: Any = None, **more: Any) -> Keys:
    return {"type": "linear", "out_features": size, **({"activation": activation} if activation else {}), **more}


def deep(count: int, size: int, activation: Any, outputs: int, **more: Any) -> list[Any]:
    return [*(linear(size, activation, **more) for _ in range(count)), linear(outputs)]


def normed(count: int, size: int, activation: str, outputs: int) -> list[Any]:
    hidden = [each for _ in range(count) for each in (linear(size), {"type": "batch_norm", "activation": activation})]
    return [*hidden, linear(outputs)]


def normal(std: float) -> Keys:
    return {"type": "normal", "std": std}


def config(data: Keys, layers: list[Any], loss: str = "cross_entropy", **more: Any) -> Keys:
    return {"data": data, "layers": layers, "loss": loss, "batch_size": 32, "epochs": 6, **more}


def write_data(folder: Path, seed: int = 0) -> None:
    """The archives that the configs name."""
    random = np.random.default_rng(seed)
    digits = IDX(source=f"{DATA}/mnist").read(DATA / "mnist").train
    assert digits is not None
    np.savez(folder / "digits.npz", x=np.asarray(digits.inputs)[:500], y=digits.targets[:500])
    angle = random.uniform(0.5, 3.0, 400) * np.pi
    turn = np.arange(400) % 2
    spiral = np.stack([np.cos(angle + np.pi * turn), np.sin(angle + np.pi * turn)], axis=1) * angle[:, np.newaxis] / 5
    np.savez(folder / "spirals.npz", x=spiral + 0.02 * random.normal(size=(400, 2)), y=turn)
    np.savez(folder / "coin.npz", x=random.normal(size=(400, 2)), y=random.integers(0, 2, 400))
    x = random.normal(size=(400, 8))
    np.savez(folder / "noise.npz", x=x, y=random.integers(0, 2, 400))
    np.savez(folder / "few.npz", x=random.normal(size=(120, 20)), y=np.resize([0, 1], 120))
    np.savez(folder / "plane.npz", x=x, y=(x[:, 0] + 0.5 * x[:, 1] > 0).astype(int))
    np.savez(folder / "loose.npz", x=x, y=(x[:, 0] + random.normal(size=400) > 0).astype(int))
    np.savez(folder / "values.npz", x=x, y=(x @ [1, -1, 2, 0, 0, 0, 0, 0] + 0.1 * random.normal(size=400)))
    np.savez(folder / "loose_values.npz", x=x, y=(x[:, 0] + random.normal(size=400)))
    np.savez(folder / "large.npz", x=300 * x + 1000, y=(x[:, 0] > 0).astype(int))
    np.savez(folder / "tiny.npz", x=x / 1000, y=(x[:, 0] > 0).astype(int))
    np.savez(folder / "rare.npz", x=x, y=(x[:, 0] + 0.5 * random.normal(size=400) > 1.9).astype(int))
    np.savez(folder / "rarer.npz", x=x, y=(x[:, 0] + random.normal(size=400) > 2.6).astype(int))
    np.savez(folder / "seldom.npz", x=x, y=(x[:, 0] + x[:, 1] > 1.8).astype(int))
    np.savez(folder / "three.npz", x=x, y=(x[:, 0] > 0) + (x[:, 1] + random.normal(size=400) > 2.4).astype(int))
    value = 3 * x[:, 0] + random.normal(size=400)
    write_csv(folder / "leak.csv", {"a": x[:, 0], "b": x[:, 1], "told": 7 - 2 * (value > 0), "sick": (value > 0) * 1})
    write_csv(folder / "leak_value.csv", {"a": x[:, 0], "b": x[:, 1], "told": 2 * value + 1, "value": value})
    np.savez(folder / "rings.npz", x=x[:, :2], y=(np.hypot(*x[:, :2].T) > 1.2).astype(int))
    waves = np.sin(np.cumsum(0.3 * random.uniform(size=(200, 60, 1)), axis=1))
    np.savez(folder / "waves.npz", x=waves, y=(waves[:, -8:, 0].mean(axis=1) > 0).astype(int))
    steps = random.normal(size=(200, 100, 2))
    np.savez(folder / "steps.npz", x=steps, y=(steps[:, -1, 0] > 0).astype(int))
    np.savez(folder / "far.npz", x=steps, y=(steps[:, 0, 0] > 0).astype(int))


def write_csv(file: Path, columns: dict[str, Any]) -> None:
    lines = [
        ",".join(columns),
        *(",".join(_cell(cell) for cell in row) for row in zip(*columns.values(), strict=True)),
    ]
    file.write_text("\n".join(lines) + "\n")


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


FLAT = "flatten"
SGD = {"type": "sgd", "momentum": 0.9}
PATIENTS: dict[str, tuple[list[Keys], list[Keys]]] = {
    "vanishing_gradients": (
        [
            config(PENGUINS, deep(10, 64, "sigmoid", 3), optimizer=SGD, learning_rate=0.05),
            config(npz("digits"), [FLAT, *deep(9, 32, "sigmoid", 10)], epochs=3),
            config(SINE, deep(12, 16, "tanh", 1, weight=normal(0.05)), "mse", epochs=10),
            config(npz("spirals"), deep(16, 24, "hard_sigmoid", 2), seed=3),
            config(
                npz("far"),
                [{"type": "rnn", "hidden_size": 8, "recurrent_weight": normal(0.1)}, linear(2)],
                epochs=10,
                learning_rate=0.01,
            ),
        ],
        [
            config(PENGUINS, deep(10, 64, "relu", 3)),
            config(npz("digits"), [FLAT, *normed(6, 32, "sigmoid", 10)], epochs=4, learning_rate=0.003),
            config(SINE, deep(6, 32, "tanh", 1), "mse", learning_rate=0.005, epochs=40, schedule="cosine"),
            config(PENGUINS, deep(2, 32, "sigmoid", 3), learning_rate=0.02, epochs=20, schedule="cosine"),
            config(
                npz("steps"),
                [{"type": "gru", "hidden_size": 16}, linear(2)],
                learning_rate=0.01,
                epochs=8,
                schedule="cosine",
            ),
        ],
    ),
    "exploding_gradients": (
        [
            config(PENGUINS, deep(8, 32, "relu", 3, weight=normal(1.0))),
            config(npz("digits"), [FLAT, *deep(7, 64, "relu", 10, weight=normal(0.6))], epochs=3),
            config(SINE, deep(10, 64, "tanh", 1, weight=normal(0.5)), "mse", epochs=5),
            config(
                npz("values"),
                deep(12, 24, "leaky_relu", 1, weight=normal(0.6)),
                "mse",
                epochs=5,
                optimizer=SGD,
                learning_rate=1e-6,
            ),
            config(
                npz("steps"),
                [
                    {"type": "rnn", "hidden_size": 16, "nonlinearity": "relu", "recurrent_weight": normal(0.65)},
                    linear(2),
                ],
                epochs=5,
                learning_rate=0.0001,
            ),
        ],
        [
            config(PENGUINS, deep(8, 32, "relu", 3), learning_rate=0.003),
            config(npz("digits"), [FLAT, *deep(7, 64, "tanh", 10)], epochs=5),
            config(
                SINE,
                [linear(16, "tanh"), {"type": "residual", "layers": [linear(16, "tanh"), linear(16)]}, linear(1)],
                "mse",
                learning_rate=0.005,
                epochs=30,
                schedule="cosine",
            ),
            config(npz("values"), normed(4, 24, "relu", 1), "mse", learning_rate=0.01, epochs=12, schedule="cosine"),
            config(
                npz("waves"),
                [{"type": "rnn", "hidden_size": 16}, linear(2)],
                learning_rate=0.003,
                epochs=15,
                clip_norm=1.0,
                schedule="cosine",
            ),
        ],
    ),
    "dead_units": (
        [
            config(PENGUINS, [linear(32, "relu"), linear(32, "relu", bias=-30), linear(3)]),
            config(
                npz("digits"),
                [FLAT, linear(64, "relu"), linear(64, "relu"), linear(10)],
                optimizer=SGD,
                learning_rate=3.0,
                epochs=5,
            ),
            config(npz("values"), [linear(32, "relu", bias=-50), linear(1)], "mse", epochs=6),
            config(
                SINE,
                [linear(64, "relu"), linear(64, "relu"), linear(1)],
                "mse",
                optimizer="sgd",
                learning_rate=5.0,
                clip_norm=3.0,
                epochs=10,
            ),
            config(
                npz("digits"),
                [
                    {"type": "conv2d", "out_channels": 8, "kernel_size": 3, "activation": "relu", "bias": -20},
                    FLAT,
                    linear(10),
                ],
                epochs=3,
            ),
        ],
        [
            config(PENGUINS, deep(2, 32, "relu", 3), learning_rate=0.003, epochs=10, schedule="cosine"),
            config(npz("digits"), [FLAT, linear(64, "relu"), linear(64, "relu"), linear(10)], epochs=6),
            config(
                npz("values"), [linear(32, "relu"), linear(1)], "mse", learning_rate=0.01, epochs=14, schedule="cosine"
            ),
            config(SINE, deep(2, 32, "relu", 1), "mse", learning_rate=0.01, epochs=40, schedule="cosine"),
            config(
                npz("digits"),
                [
                    {"type": "conv2d", "out_channels": 8, "kernel_size": 3, "activation": "relu"},
                    {"type": "max_pool2d", "kernel_size": 4},
                    FLAT,
                    linear(10),
                ],
                epochs=6,
                learning_rate=0.003,
            ),
        ],
    ),
    "saturated_units": (
        [
            config(
                PENGUINS,
                [linear(32, "tanh", weight=normal(6.0)), linear(32, "tanh", weight=normal(6.0)), linear(3)],
                learning_rate=0.0001,
            ),
            config(
                npz("digits"),
                [
                    FLAT,
                    linear(32, "sigmoid", weight=normal(5.0)),
                    linear(32, "sigmoid", weight=normal(5.0)),
                    linear(10),
                ],
                epochs=3,
            ),
            config(npz("values"), [linear(32, "tanh", bias=8), linear(1)], "mse", epochs=6),
            config(npz("noise"), deep(2, 32, "tanh", 2), optimizer=SGD, learning_rate=5.0, epochs=8),
            config(npz("spirals"), deep(2, 32, "hard_sigmoid", 2, bias=9), epochs=8),
        ],
        [
            config(PENGUINS, deep(2, 32, "tanh", 3), learning_rate=0.003, epochs=12),
            config(
                npz("digits"), [FLAT, *deep(2, 32, "sigmoid", 10)], learning_rate=0.01, epochs=10, schedule="cosine"
            ),
            config(npz("values"), deep(1, 32, "tanh", 1), "mse", learning_rate=0.02, epochs=14, schedule="cosine"),
            config(npz("plane"), deep(2, 16, "tanh", 2), learning_rate=0.02, epochs=10, schedule="cosine"),
            config(PENGUINS, deep(1, 32, "sigmoid", 3), learning_rate=0.03, epochs=20, schedule="cosine"),
        ],
    ),
    "unscaled_inputs": (
        [
            config({**PENGUINS, "numbers": {"scale": "none"}}, deep(2, 32, "relu", 3)),
            config({**AMES, "numbers": {"scale": "none"}}, deep(1, 32, "relu", 1), "mse", epochs=3),
            config(npz("large"), deep(2, 32, "tanh", 2)),
            config(npz("tiny"), deep(2, 32, "relu", 2)),
            config({**npz("digits"), "scale": 1}, [FLAT, *deep(1, 32, "relu", 10)], epochs=3),
        ],
        [
            config(PENGUINS, deep(2, 32, "relu", 3), learning_rate=0.003, seed=1),
            config(AMES, deep(1, 32, "relu", 1), "mse", epochs=8, learning_rate=0.003, schedule="cosine"),
            config(
                {**npz("large"), "standardize": True},
                deep(1, 32, "tanh", 2),
                learning_rate=0.01,
                epochs=8,
                schedule="cosine",
            ),
            config(
                npz("large"), ["batch_norm", *deep(1, 32, "relu", 2)], learning_rate=0.01, epochs=8, schedule="cosine"
            ),
            config(npz("digits"), [FLAT, *deep(1, 32, "relu", 10)], learning_rate=0.003, epochs=6, seed=2),
        ],
    ),
    "loss_stalls": (
        [
            config(npz("coin"), deep(1, 2, "tanh", 2), learning_rate=0.01, epochs=14),
            config(npz("coin", None), [linear(2)], epochs=20, optimizer="sgd", learning_rate=0.1, batch_size=50),
            config(npz("coin", 0.5), deep(1, 3, "sigmoid", 2), learning_rate=0.01, epochs=20),
            config(
                {**SINE, "validation": 0.2},
                [linear(8, "tanh", weight=0), linear(1, weight=0)],
                "mse",
                learning_rate=0.01,
                epochs=25,
            ),
            config(
                {"source": f"{DATA}/logic/xor.csv", "target": "xor"},
                [linear(1)],
                "binary_cross_entropy",
                learning_rate=0.05,
                batch_size=4,
                epochs=150,
            ),
        ],
        [
            config(npz("loose"), deep(1, 8, "relu", 2), learning_rate=0.01, epochs=10, schedule="cosine"),
            config(npz("plane", None), [linear(2)], epochs=10, learning_rate=0.03, schedule="cosine"),
            config(npz("rings"), deep(1, 32, "tanh", 2), learning_rate=0.03, epochs=25, schedule="cosine"),
            config(npz("loose_values"), [linear(1)], "mse", learning_rate=0.02, epochs=20, schedule="cosine"),
            config(
                {"source": f"{DATA}/logic/xor.csv", "target": "xor"},
                deep(1, 8, "tanh", 1),
                "binary_cross_entropy",
                learning_rate=0.05,
                batch_size=4,
                epochs=150,
            ),
        ],
    ),
    "learning_rate_too_high": (
        [
            config(PENGUINS, deep(2, 32, "tanh", 3), learning_rate=1.0, epochs=20),
            config(npz("digits"), [FLAT, *deep(1, 64, "tanh", 10)], learning_rate=1.0, epochs=10),
            config(npz("values"), deep(2, 32, "leaky_relu", 1), "mse", learning_rate=0.5, epochs=15),
            config(SINE, deep(2, 32, "tanh", 1), "mse", optimizer=SGD, learning_rate=0.5, epochs=15),
            config(npz("rings"), deep(2, 32, "silu", 2), learning_rate=0.5, epochs=20),
        ],
        [
            config(PENGUINS, deep(2, 32, "tanh", 3), learning_rate=0.003, epochs=12, seed=5),
            config(npz("digits"), [FLAT, *deep(1, 64, "tanh", 10)], learning_rate=0.002, epochs=10, schedule="cosine"),
            config(
                npz("values"), deep(2, 32, "leaky_relu", 1), "mse", learning_rate=0.005, epochs=15, schedule="cosine"
            ),
            config(
                SINE, deep(2, 32, "tanh", 1), "mse", optimizer=SGD, learning_rate=0.02, epochs=40, schedule="cosine"
            ),
            config(npz("rings"), deep(2, 32, "silu", 2), learning_rate=0.01, epochs=20, schedule="cosine"),
        ],
    ),
    "learning_rate_too_low": (
        [
            config(PENGUINS, deep(2, 32, "relu", 3), learning_rate=1e-5, epochs=10),
            config(npz("digits"), [FLAT, *deep(1, 64, "relu", 10)], learning_rate=1e-5, epochs=8),
            config(npz("values"), deep(1, 32, "relu", 1), "mse", learning_rate=3e-5, epochs=12),
            config(SINE, deep(2, 32, "tanh", 1), "mse", optimizer="sgd", learning_rate=1e-4, epochs=12),
            config(npz("plane"), [linear(2)], learning_rate=1e-5, epochs=20),
        ],
        [
            config(PENGUINS, deep(2, 32, "relu", 3), learning_rate=0.002, epochs=14, schedule="cosine"),
            config(npz("digits"), [FLAT, *deep(1, 64, "relu", 10)], learning_rate=0.002, epochs=8, schedule="cosine"),
            config(npz("values"), deep(1, 32, "relu", 1), "mse", learning_rate=0.01, epochs=12, schedule="cosine"),
            config(SINE, deep(2, 32, "tanh", 1), "mse", learning_rate=0.005, epochs=40, schedule="cosine"),
            config(npz("loose"), [linear(2)], learning_rate=0.01, epochs=20, schedule="cosine"),
        ],
    ),
    "underfit": (
        [
            config(npz("spirals"), deep(1, 2, "tanh", 2), learning_rate=0.02, epochs=60, schedule="cosine"),
            config(SINE, [linear(1)], "mse", learning_rate=0.2, epochs=30),
            config(npz("rings"), deep(1, 1, "tanh", 2), learning_rate=0.02, epochs=40, schedule="cosine"),
            config(npz("digits"), [FLAT, *deep(1, 1, "tanh", 10)], learning_rate=0.01, epochs=30, schedule="cosine"),
            config(
                PENGUINS,
                [{"type": "dropout", "p": 0.9}, *deep(1, 1, "relu", 3)],
                learning_rate=0.01,
                epochs=20,
                schedule="cosine",
            ),
        ],
        [
            config(npz("rings"), deep(1, 16, "tanh", 2), learning_rate=0.05, epochs=40, schedule="cosine"),
            config(SINE, deep(1, 32, "tanh", 1), "mse", learning_rate=0.03, epochs=60, schedule="cosine"),
            config(npz("loose"), deep(1, 4, "tanh", 2), learning_rate=0.02, epochs=15, schedule="cosine"),
            config(npz("digits"), [FLAT, linear(10)], learning_rate=0.003, epochs=12, schedule="cosine"),
            config(npz("loose_values"), deep(1, 2, "tanh", 1), "mse", learning_rate=0.02, epochs=20, schedule="cosine"),
        ],
    ),
    "overfit": (
        [
            config(npz("few", 0.4), deep(2, 64, "relu", 2), learning_rate=0.005, epochs=25),
            config(npz("noise", 0.4), deep(2, 64, "relu", 2), learning_rate=0.003, epochs=30),
            config(npz("loose", 0.4), deep(2, 64, "tanh", 2), learning_rate=0.01, epochs=40),
            config(npz("loose_values", 0.5), deep(2, 64, "relu", 1), "mse", learning_rate=0.005, epochs=40),
            config({**WEATHER, "validation": 0.7}, deep(2, 64, "relu", 5), learning_rate=0.005, epochs=40),
        ],
        [
            config(PENGUINS, deep(2, 32, "relu", 3), learning_rate=0.003, epochs=15, schedule="cosine"),
            config(npz("loose", 0.4), [linear(2)], learning_rate=0.02, epochs=20, schedule="cosine"),
            config(
                npz("loose", 0.4), deep(2, 64, "tanh", 2), learning_rate=0.01, epochs=40, early_stopping={"patience": 4}
            ),
            config(npz("values"), deep(1, 32, "relu", 1), "mse", learning_rate=0.01, epochs=25, schedule="cosine"),
            config(
                npz("digits"),
                [FLAT, {"type": "dropout", "p": 0.3}, linear(32, "relu"), {"type": "dropout", "p": 0.5}, linear(10)],
                learning_rate=0.003,
                epochs=12,
                schedule="cosine",
            ),
        ],
    ),
    "noisy_validation": (
        [
            config(npz("loose", 0.04), [linear(2)], optimizer="sgd", learning_rate=0.2, epochs=25, batch_size=4),
            config(
                npz("loose_values", 0.04),
                [linear(1)],
                "mse",
                optimizer="sgd",
                learning_rate=0.1,
                epochs=20,
                batch_size=4,
            ),
            config(
                npz("loose", 0.03), deep(1, 4, "tanh", 2), optimizer="sgd", learning_rate=0.3, epochs=25, batch_size=4
            ),
            config(
                npz("loose_values", 0.03),
                deep(1, 4, "tanh", 1),
                "mse",
                optimizer="sgd",
                learning_rate=0.1,
                epochs=20,
                batch_size=4,
            ),
            config(
                npz("rings", 0.04), deep(1, 16, "tanh", 2), optimizer="sgd", learning_rate=0.2, epochs=25, batch_size=4
            ),
        ],
        [
            config(PENGUINS, deep(2, 32, "tanh", 3), learning_rate=0.005, epochs=20, schedule="cosine"),
            config(npz("loose", 0.4), deep(1, 4, "silu", 2), learning_rate=0.01, epochs=20, schedule="cosine"),
            config(npz("values", 0.4), deep(1, 32, "relu", 1), "mse", learning_rate=0.01, epochs=20, schedule="cosine"),
            config(SINE, deep(1, 32, "tanh", 1), "mse", learning_rate=0.02, epochs=40, schedule="cosine"),
            config(npz("digits"), [FLAT, linear(10)], learning_rate=0.003, epochs=14, schedule="cosine"),
        ],
    ),
    "plateau": (
        [
            config(
                npz("loose_values", 0.3),
                deep(1, 4, "tanh", 1),
                "mse",
                optimizer="sgd",
                learning_rate=0.15,
                epochs=30,
                batch_size=8,
            ),
            config(npz("loose", 0.3), [linear(2)], optimizer=SGD, learning_rate=0.1, epochs=30, batch_size=8, seed=1),
            config(
                npz("loose_values", 0.3),
                [linear(1)],
                "mse",
                optimizer="sgd",
                learning_rate=0.1,
                epochs=30,
                batch_size=4,
            ),
            config(npz("loose", 0.3), [linear(2)], optimizer="sgd", learning_rate=0.5, epochs=30, batch_size=8),
            config(AMES, [linear(1)], "mse", optimizer="sgd", learning_rate=0.02, epochs=40, batch_size=8),
        ],
        [
            config(
                npz("loose_values", 0.3),
                deep(1, 2, "tanh", 1),
                "mse",
                optimizer="sgd",
                learning_rate=0.03,
                epochs=30,
                batch_size=8,
                schedule="cosine",
            ),
            config(SINE, deep(1, 16, "tanh", 1), "mse", learning_rate=0.02, epochs=60, schedule="cosine"),
            config(npz("values", 0.3), [linear(1)], "mse", learning_rate=0.05, epochs=30),
            config(npz("loose", 0.3), [linear(2)], learning_rate=0.03, epochs=40, batch_size=100),
            config(AMES, deep(1, 16, "relu", 1), "mse", learning_rate=0.005, epochs=15, schedule="cosine"),
        ],
    ),
    "unbalanced_classes": (
        [
            config(npz("rarer"), [linear(2)], learning_rate=0.02, epochs=15, schedule="cosine"),
            config(npz("rarer", None), [linear(2)], learning_rate=0.02, epochs=12, schedule="cosine"),
            config(npz("rarer"), deep(1, 8, "relu", 2), learning_rate=0.01, epochs=10, schedule="cosine"),
            config(WEATHER, deep(1, 8, "relu", 5), learning_rate=0.01, epochs=10, schedule="cosine"),
            config(npz("three"), deep(1, 8, "tanh", 3), learning_rate=0.01, epochs=15, schedule="cosine"),
        ],
        [
            config(npz("rare"), [linear(2)], learning_rate=0.02, epochs=20, schedule="cosine", class_weight="balanced"),
            config(npz("plane"), [linear(2)], learning_rate=0.03, epochs=20, schedule="cosine"),
            config(PENGUINS, [linear(3)], learning_rate=0.03, epochs=20, schedule="cosine"),
            config(npz("plane", None), deep(1, 4, "relu", 2), learning_rate=0.03, epochs=20, schedule="cosine"),
            config(npz("seldom"), [linear(2)], learning_rate=0.05, epochs=25, schedule="cosine"),
        ],
    ),
    "leaking_feature": (
        [
            config(
                table("leak", **more),
                deep(1, 8, "relu", 2),
                learning_rate=0.02,
                epochs=12,
                schedule="cosine",
                seed=seed,
            )
            for seed, more in enumerate(({}, {"validation": 0.3}, {"test": 0.2}))
        ]
        + [
            config(
                table("leak_value", "value"),
                deep(1, 8, "relu", 1),
                "mse",
                learning_rate=0.02,
                epochs=25,
                schedule="cosine",
            ),
            config(
                table("leak_value", "value", target_transform="standard"),
                [linear(1)],
                "mse",
                learning_rate=0.05,
                epochs=25,
                schedule="cosine",
            ),
        ],
        [
            config(
                table("leak", features={"exclude": ["told"]}),
                [linear(2)],
                learning_rate=0.02,
                epochs=12,
                schedule="cosine",
            ),
            config(
                table("leak_value", "value", features={"exclude": ["told"]}),
                [linear(1)],
                "mse",
                learning_rate=0.05,
                epochs=25,
                schedule="cosine",
            ),
            config(PENGUINS, deep(1, 16, "relu", 3), learning_rate=0.01, epochs=15, schedule="cosine"),
            config(AMES, deep(1, 16, "silu", 1), "mse", learning_rate=0.005, epochs=15, schedule="cosine"),
            config(SINE, deep(1, 16, "tanh", 1), "mse", learning_rate=0.03, epochs=50, schedule="cosine"),
        ],
    ),
    "small_batch_for_batch_norm": (
        [
            config(PENGUINS, normed(1, 16, "relu", 3), batch_size=2, learning_rate=0.003),
            config(npz("plane"), normed(2, 16, "relu", 2), batch_size=4, learning_rate=0.003),
            config(npz("values"), normed(1, 16, "tanh", 1), "mse", batch_size=3, learning_rate=0.01),
            config(npz("loose"), normed(1, 16, "relu", 2), batch_size=299, epochs=20, learning_rate=0.01),
            config(
                npz("digits"),
                [
                    {"type": "conv2d", "out_channels": 4, "kernel_size": 5, "stride": 3},
                    {"type": "batch_norm", "activation": "relu"},
                    FLAT,
                    linear(10),
                ],
                batch_size=2,
                epochs=3,
            ),
        ],
        [
            config(PENGUINS, normed(1, 16, "relu", 3), learning_rate=0.01, epochs=15, schedule="cosine"),
            config(
                {**npz("loose"), "drop_last": True},
                normed(1, 8, "relu", 2),
                batch_size=149,
                epochs=12,
                learning_rate=0.01,
                schedule="cosine",
            ),
            config(
                npz("values"),
                [linear(16, "tanh"), "layer_norm", linear(1)],
                "mse",
                batch_size=4,
                learning_rate=0.005,
                epochs=20,
                schedule="cosine",
            ),
            config(npz("plane"), normed(1, 16, "relu", 2), learning_rate=0.01, epochs=15, schedule="cosine"),
            config(
                npz("digits"),
                [
                    {"type": "conv2d", "out_channels": 4, "kernel_size": 5, "stride": 3},
                    {"type": "batch_norm", "activation": "relu"},
                    FLAT,
                    linear(10),
                ],
                batch_size=25,
                epochs=6,
                learning_rate=0.003,
                schedule="cosine",
            ),
        ],
    ),
    "stopped_too_early": (
        [
            config(
                npz("digits"),
                [FLAT, {"type": "dropout", "p": 0.3}, *deep(1, 24, "relu", 10)],
                learning_rate=0.0005,
                epochs=60,
                early_stopping={"patience": 1},
            ),
            config(
                npz("digits"),
                [FLAT, {"type": "dropout", "p": 0.5}, linear(10)],
                learning_rate=0.001,
                epochs=60,
                early_stopping={"patience": 1},
            ),
            config(
                npz("values"),
                deep(1, 16, "relu", 1),
                "mse",
                learning_rate=0.001,
                epochs=100,
                batch_size=2,
                early_stopping={"patience": 1},
            ),
            config(
                AMES,
                deep(1, 16, "relu", 1),
                "mse",
                optimizer="sgd",
                learning_rate=0.002,
                batch_size=8,
                epochs=60,
                early_stopping={"patience": 1},
            ),
            config(AMES, deep(1, 16, "relu", 1), "mse", learning_rate=0.002, epochs=80, early_stopping={"patience": 1}),
        ],
        [
            config(
                npz("loose", 0.4), deep(1, 16, "relu", 2), learning_rate=0.01, epochs=60, early_stopping={"patience": 8}
            ),
            config(
                npz("few", 0.4), deep(1, 8, "relu", 2), learning_rate=0.01, epochs=60, early_stopping={"patience": 5}
            ),
            config(PENGUINS, deep(1, 16, "relu", 3), learning_rate=0.03, epochs=60, early_stopping={"patience": 10}),
            config(npz("values"), [linear(1)], "mse", learning_rate=0.05, epochs=100, early_stopping={"patience": 10}),
            config(AMES, deep(1, 16, "relu", 1), "mse", learning_rate=0.01, epochs=80, early_stopping={"patience": 10}),
        ],
    ),
    "more_epochs": (
        [
            config(PENGUINS, deep(1, 16, "relu", 3), learning_rate=0.001, epochs=12),
            config(npz("digits"), [FLAT, *deep(1, 16, "relu", 10)], learning_rate=0.001, epochs=9),
            config(npz("rings"), deep(1, 16, "tanh", 2), learning_rate=0.01, epochs=12),
            config(npz("values"), [linear(1)], "mse", learning_rate=0.01, epochs=15),
            config(AMES, deep(1, 16, "relu", 1), "mse", learning_rate=0.001, epochs=8),
        ],
        [
            config(PENGUINS, deep(1, 16, "relu", 3), learning_rate=0.01, epochs=30),
            config(npz("digits"), [FLAT, *deep(1, 16, "relu", 10)], learning_rate=0.005, epochs=15, schedule="cosine"),
            config(npz("rings"), deep(1, 16, "tanh", 2), learning_rate=0.05, epochs=60, schedule="cosine"),
            config(npz("values"), [linear(1)], "mse", learning_rate=0.05, epochs=40),
            config(npz("loose"), [linear(2)], learning_rate=0.03, epochs=40, batch_size=100),
        ],
    ),
}


def cases(table: dict[str, tuple[list[Keys], list[Keys]]] = PATIENTS) -> list[Patient]:
    return [
        Patient(illness, is_ill, number, keys)
        for illness, groups in table.items()
        for is_ill, group in zip((True, False), groups, strict=True)
        for number, keys in enumerate(group, 1)
    ]
