"""More small runs that are ill or well, of other data, depths and kinds: no rule was made with them in mind.

As patients.py, they are five of each for every diagnosis; `python -m tests.diagnoses` trains them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nnctl.data.formats.idx import IDX
from tests.diagnoses.patients import (
    AMES,
    FLAT,
    PENGUINS,
    SGD,
    WEATHER,
    Keys,
    config,
    deep,
    linear,
    normal,
    normed,
    npz,
    write_csv,
)
from tests.support.command import DATA

DROPOUT = {"type": "dropout", "p": 0.5}
FEW_HOUSES = {**AMES, "target_transform": ["log", "standard"], "validation": 0.2, "test": 0.65}
DAYS = {"source": "days.csv", "target": "weather", "validation": 0.3}  # those of the weather that are frequent
REVIEWS = {
    "source": f"{DATA}/reviews.csv",
    "target": "sentiment",
    "features": ["text"],
    "text": {"column": "text", "tokens": "words", "vocabulary": 3000},
    "validation": 0.2,
    "test": 0.4,
}
SUNSPOTS = {
    "source": f"{DATA}/sunspots.csv",
    "target": "sunspots",
    "series": {"window": 12},
    "validation": {"column": "month", "from": 1990},
}
MASS = {**PENGUINS, "target": "body_mass_g", "target_transform": "standard"}


def csv(name: str, target: str = "y", **more: Any) -> Keys:
    return {"source": f"{name}.csv", "target": target, "validation": 0.25, **more}


def write_data(folder: Path, seed: int) -> None:
    """The archives and tables that the configs name."""
    random = np.random.default_rng([1, seed])
    digits = IDX(source=f"{DATA}/mnist").read(DATA / "mnist").train
    assert digits is not None
    chosen = random.permutation(len(digits.inputs))[:600]
    np.savez(folder / "pixels.npz", x=np.asarray(digits.inputs)[chosen], y=np.asarray(digits.targets)[chosen])
    kind, angle = np.arange(500) % 2, random.uniform(0, np.pi, 500)
    moons = np.stack([np.cos(angle) * (1 - 2 * kind) + kind, np.sin(angle) * (1 - 2 * kind) + 0.5 * kind], axis=1)
    moons = (moons - [0.5, 0.25]) * [1.2, 2.0]
    moons += random.normal(scale=0.15, size=moons.shape)
    np.savez(folder / "moons.npz", x=moons, y=kind)
    np.savez(folder / "tiny_moons.npz", x=moons / 500, y=kind)
    square = random.uniform(-1, 1, (800, 2))
    np.savez(folder / "checker.npz", x=square * 1.7, y=np.floor((square + 1) * 2).sum(axis=1).astype(int) % 2)
    np.savez(folder / "hills.npz", x=square * 1.7, y=np.sin(4 * square[:, 0]) * np.cos(4 * square[:, 1]))
    x = random.uniform(size=(500, 10))
    bends = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    bends = (bends - bends.mean()) / bends.std()
    x = (x - 0.5) * 3.46
    np.savez(folder / "friedman.npz", x=x, y=bends + 0.1 * random.normal(size=500))
    np.savez(folder / "loud_friedman.npz", x=x, y=bends + random.normal(size=500))
    np.savez(folder / "large_friedman.npz", x=500 * x, y=bends)
    own = np.resize(np.arange(4), 400)
    blobs = 2.0 * random.normal(size=(4, 5))[own] + random.normal(size=(400, 5))
    np.savez(folder / "blobs.npz", x=blobs / 2, y=own)
    np.savez(folder / "one_large.npz", x=blobs * [1, 1, 1, 1, 1000], y=own)
    wrong = np.where(random.uniform(size=400) < 0.35, random.integers(0, 4, 400), own)
    np.savez(folder / "mislabelled.npz", x=blobs / 2, y=wrong)
    loose = random.normal(size=(400, 6))
    np.savez(folder / "mixed.npz", x=loose, y=(loose[:, 1] + 0.8 * random.normal(size=400) > 0).astype(int))
    np.savez(folder / "guess.npz", x=loose, y=random.integers(0, 3, 400))
    np.savez(folder / "guess_value.npz", x=loose, y=random.normal(size=400))
    angle = random.uniform(0.3, 2.5, 450) * np.pi + own[:1] + 2.1 * (np.arange(450) % 3)
    radius = (angle - 2.1 * (np.arange(450) % 3)) / 5
    arms = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, np.newaxis]
    np.savez(folder / "arms.npz", x=arms, y=np.arange(450) % 3)
    np.savez(folder / "seldom_one.npz", x=loose, y=(random.normal(size=400) > 1.9).astype(int))
    rare = np.repeat([0, 1, 2, 3], [210, 160, 16, 14])
    centres = np.array([[1, 0, 0], [-1, 0, 0], [0.8, 0.5, 0], [-0.8, -0.5, 0]])
    np.savez(folder / "hidden.npz", x=centres[rare] + random.normal(size=(400, 3)), y=rare)
    np.savez(folder / "apart.npz", x=4 * centres[rare] * [1, 3, 1] + 0.5 * random.normal(size=(400, 3)), y=rare)
    chance = np.where(random.uniform(size=400) < 0.06, 2, (loose[:, 0] > 0).astype(int))
    np.savez(folder / "chance.npz", x=loose, y=chance)
    lines = (DATA / "seattle_weather.csv").read_text().splitlines()
    frequent = [line.partition(",")[2] for line in lines if line.endswith(("weather", "rain", "sun"))]
    (folder / "days.csv").write_text("\n".join(frequent) + "\n")
    steps = random.normal(size=(240, 60, 2))
    np.savez(folder / "early.npz", x=steps, y=(steps[:, :3, 0].sum(axis=1) > 0).astype(int))
    np.savez(folder / "late.npz", x=steps, y=(steps[:, -3:, 0].sum(axis=1) > 0).astype(int))
    np.savez(folder / "average.npz", x=steps + 0.3 * random.normal(size=(240, 1, 2)), y=steps.mean(axis=1)[:, 0] * 8)
    value = 50 + 10 * (blobs[:, 0] + 0.5 * random.normal(size=400))
    base = {"a": blobs[:, 0], "b": blobs[:, 1], "c": blobs[:, 2]}
    write_csv(folder / "coded.csv", {**base, "code": [["k", "m", "z", "b"][each] for each in own], "y": own + 10})
    write_csv(folder / "pounds.csv", {**base, "pounds": value / 0.4536, "y": value})
    nearly = np.where(random.uniform(size=400) < 0.002, 1 - (own > 1), own > 1).astype(int)
    write_csv(folder / "nearly.csv", {**base, "seen": nearly, "y": ["yes" if each > 1 else "no" for each in own]})
    write_csv(folder / "rounded.csv", {**base, "about": np.round(value), "y": value})
    write_csv(folder / "logarithm.csv", {**base, "level": np.log(np.maximum(value, 1)), "y": value})


RECURRENT = {"type": "rnn", "hidden_size": 12}
CONV = {"type": "conv2d", "out_channels": 8, "kernel_size": 3, "activation": "relu"}
COSINE: Keys = {"schedule": "cosine"}
FAST: Keys = {"learning_rate": 0.01, **COSINE}
ONE = {"early_stopping": {"patience": 1}}


def residuals(count: int, size: int, activation: str, outputs: int) -> list[Any]:
    block = {"type": "residual", "layers": [linear(size, activation), linear(size)]}
    return [linear(size), {"repeat": count, "layers": [block]}, linear(outputs)]


STRANGERS: dict[str, tuple[list[Keys], list[Keys]]] = {
    "vanishing_gradients": (
        [
            config(DAYS, deep(12, 32, "sigmoid", 2), epochs=4),
            config(AMES, deep(10, 48, "sigmoid", 1), "mse", optimizer=SGD, learning_rate=0.02, epochs=4),
            config(
                npz("blobs"),
                deep(10, 16, "tanh", 4, weight=normal(0.05), bias=False),
                optimizer=SGD,
                learning_rate=0.05,
                epochs=10,
            ),
            config(npz("moons"), deep(20, 32, "tanh", 2, weight=normal(0.05)), epochs=8),
            config(npz("early"), [{**RECURRENT, "recurrent_weight": normal(0.1)}, linear(2)], epochs=10),
        ],
        [
            config(DAYS, deep(10, 32, "relu", 2), learning_rate=0.002, epochs=8, **COSINE),
            config(AMES, residuals(8, 32, "sigmoid", 1), "mse", learning_rate=0.003, epochs=10, **COSINE),
            config(
                npz("blobs"),
                [{"repeat": 8, "layers": [linear(24), {"type": "layer_norm", "activation": "tanh"}]}, linear(4)],
                epochs=5,
                **COSINE,
            ),
            config(npz("moons"), deep(10, 24, "selu", 2), learning_rate=0.003, epochs=20, **COSINE),
            config(npz("late"), [{"type": "lstm", "hidden_size": 16}, linear(2)], epochs=15, **FAST),
        ],
    ),
    "exploding_gradients": (
        [
            config(AMES, deep(8, 48, "silu", 1, weight=normal(0.8)), "mse", learning_rate=1e-5, epochs=3),
            config(DAYS, deep(10, 32, "elu", 2, weight=normal(0.6)), epochs=4),
            config(
                npz("pixels"),
                [*({**CONV, "weight": normal(0.6)} for _ in range(6)), FLAT, linear(10)],
                epochs=2,
            ),
            config(npz("blobs"), deep(14, 48, "tanh", 4, weight=normal(0.6)), epochs=6),
            config(
                npz("late"),
                [{**RECURRENT, "nonlinearity": "relu", "recurrent_weight": normal(0.9)}, linear(2)],
                learning_rate=1e-5,
                epochs=4,
            ),
        ],
        [
            config(AMES, deep(8, 48, "silu", 1), "mse", learning_rate=0.002, epochs=10, **COSINE),
            config(DAYS, deep(10, 32, "elu", 2), epochs=8, **COSINE),
            config(npz("pixels"), [CONV, CONV, CONV, FLAT, linear(10)], learning_rate=0.002, epochs=6, **COSINE),
            config(npz("blobs"), residuals(8, 24, "relu", 4), learning_rate=0.002, epochs=6, **COSINE),
            config(npz("late"), [RECURRENT, linear(2)], epochs=15, clip_norm=1.0, **FAST),
        ],
    ),
    "dead_units": (
        [
            config(npz("moons"), deep(2, 32, "relu", 2, bias=-12), epochs=8),
            config(AMES, deep(2, 64, "relu", 1, bias=-20), "mse", epochs=5),
            config(npz("pixels"), [FLAT, *deep(2, 64, "relu", 10)], learning_rate=0.5, epochs=6),
            config(DAYS, [linear(32, "relu"), linear(32, "relu", bias=-40), linear(2)], epochs=5),
            config(npz("blobs"), deep(3, 32, "relu", 4), learning_rate=1.0, epochs=12),
        ],
        [
            config(npz("moons"), deep(2, 64, "relu", 2), epochs=20, **FAST),
            config(AMES, deep(1, 128, "relu", 1), "mse", epochs=10, **COSINE),
            config(npz("pixels"), [FLAT, *deep(2, 64, "relu", 10)], epochs=8, **COSINE),
            config(DAYS, deep(6, 16, "relu", 2), learning_rate=0.003, epochs=10, **COSINE),
            config(npz("blobs"), deep(2, 16, "leaky_relu", 4, bias=-2), epochs=20, **FAST),
        ],
    ),
    "saturated_units": (
        [
            config(AMES, deep(2, 32, "tanh", 1, weight=normal(4.0)), "mse", learning_rate=1e-4, epochs=4),
            config(npz("checker"), deep(2, 32, "sigmoid", 2, weight=normal(30.0)), epochs=8),
            config(DAYS, [linear(32, "tanh", bias=10), linear(2)], epochs=5),
            config(npz("pixels"), [FLAT, *deep(2, 48, "tanh", 10, weight=normal(3.0))], learning_rate=1e-4, epochs=5),
            config(npz("guess"), deep(2, 24, "tanh", 3), learning_rate=1.0, epochs=10),
        ],
        [
            config(AMES, deep(2, 32, "tanh", 1), "mse", learning_rate=0.003, epochs=10, **COSINE),
            config(npz("hills"), deep(1, 32, "tanh", 1), "mse", epochs=40, seed=8, **FAST),
            config(DAYS, deep(1, 16, "hard_sigmoid", 2), epochs=10, **FAST),
            config(npz("pixels"), [FLAT, *deep(1, 48, "sigmoid", 10)], epochs=12, **FAST),
            config(npz("blobs"), deep(2, 24, "tanh", 4), learning_rate=0.005, epochs=12, **COSINE),
        ],
    ),
    "unscaled_inputs": (
        [
            config({**PENGUINS, "target": "island", "numbers": {"scale": "none"}}, deep(1, 32, "tanh", 3), epochs=8),
            config(npz("large_friedman"), deep(2, 32, "relu", 1), "mse", epochs=8),
            config(npz("tiny_moons"), deep(2, 16, "tanh", 2), epochs=10),
            config({**npz("pixels"), "scale": 1}, [CONV, FLAT, linear(10)], epochs=3),
            config(npz("one_large"), deep(1, 16, "sigmoid", 4), epochs=8),
        ],
        [
            config({**PENGUINS, "target": "island"}, deep(1, 32, "tanh", 3), learning_rate=0.005, epochs=15, **COSINE),
            config({**npz("large_friedman"), "standardize": True}, deep(2, 32, "relu", 1), "mse", epochs=20, **FAST),
            config(npz("moons"), deep(2, 16, "tanh", 2), learning_rate=0.02, epochs=30, **COSINE),
            config(npz("pixels"), [CONV, FLAT, linear(10)], epochs=6, learning_rate=0.003, **COSINE),
            config(
                npz("one_large"), ["batch_norm", *deep(1, 16, "sigmoid", 4)], learning_rate=0.02, epochs=20, **COSINE
            ),
        ],
    ),
    "loss_stalls": (
        [
            config(npz("guess"), [linear(3)], learning_rate=0.03, epochs=20),
            config(npz("guess_value"), [linear(1)], "mse", learning_rate=0.03, epochs=20),
            config(npz("checker"), [linear(2)], learning_rate=0.03, epochs=15),
            config(npz("hills"), [linear(1)], "mse", learning_rate=0.05, epochs=30),
            config(PENGUINS, deep(2, 16, "tanh", 3, weight=0), learning_rate=0.01, epochs=20, batch_size=16),
        ],
        [
            config(npz("mixed"), [linear(2)], epochs=15, **FAST),
            config(npz("loud_friedman"), [linear(1)], "mse", learning_rate=0.02, epochs=20, **COSINE),
            config(npz("checker"), deep(2, 64, "relu", 2), epochs=40, **FAST),
            config(npz("hills"), deep(2, 32, "tanh", 1), "mse", learning_rate=0.02, epochs=30, **COSINE),
            config(npz("moons"), deep(1, 16, "relu", 2), learning_rate=0.03, epochs=25, **COSINE),
        ],
    ),
    "learning_rate_too_high": (
        [
            config(DAYS, deep(2, 32, "silu", 2), learning_rate=0.5, epochs=12),
            config(AMES, deep(2, 32, "tanh", 1), "mse", learning_rate=0.5, epochs=10),
            config(npz("moons"), deep(2, 24, "tanh", 2), optimizer=SGD, learning_rate=5.0, epochs=15),
            config(npz("blobs"), deep(1, 32, "silu", 4), learning_rate=2.0, epochs=15),
            config(npz("pixels"), [FLAT, *deep(2, 32, "elu", 10)], learning_rate=0.3, epochs=10),
        ],
        [
            config(DAYS, deep(2, 32, "silu", 2), learning_rate=0.003, epochs=6),
            config(AMES, deep(2, 32, "tanh", 1), "mse", learning_rate=0.003, epochs=10, **COSINE),
            config(npz("moons"), deep(2, 24, "tanh", 2), optimizer=SGD, learning_rate=0.1, epochs=20, **COSINE),
            config(npz("blobs"), deep(1, 32, "silu", 4), epochs=20, **FAST),
            config(npz("pixels"), [FLAT, *deep(2, 32, "elu", 10)], learning_rate=0.002, epochs=10, **COSINE),
        ],
    ),
    "learning_rate_too_low": (
        [
            config(DAYS, deep(2, 32, "tanh", 2), learning_rate=1e-5, epochs=10),
            config(AMES, deep(1, 32, "relu", 1), "mse", optimizer="sgd", learning_rate=1e-5, epochs=10),
            config(npz("moons"), deep(2, 16, "relu", 2), optimizer="sgd", learning_rate=1e-3, epochs=15),
            config(npz("friedman"), deep(2, 32, "silu", 1), "mse", learning_rate=1e-5, epochs=20),
            config(npz("pixels"), [FLAT, *deep(2, 32, "relu", 10)], optimizer=SGD, learning_rate=1e-5, epochs=8),
        ],
        [
            config(DAYS, deep(2, 32, "tanh", 2), learning_rate=0.003, epochs=8, **COSINE),
            config(AMES, deep(1, 32, "relu", 1), "mse", optimizer="sgd", learning_rate=0.01, epochs=15, **COSINE),
            config(npz("moons"), deep(2, 16, "relu", 2), optimizer="sgd", learning_rate=0.2, epochs=40, **COSINE),
            config(npz("friedman"), deep(2, 32, "silu", 1), "mse", epochs=25, **FAST),
            config(npz("pixels"), [FLAT, *deep(1, 32, "relu", 10)], learning_rate=0.003, epochs=10, **COSINE),
        ],
    ),
    "underfit": (
        [
            config(npz("checker"), deep(1, 2, "tanh", 2), learning_rate=0.03, epochs=60, **COSINE),
            config(npz("arms"), deep(1, 2, "relu", 3), learning_rate=0.03, epochs=50, **COSINE),
            config(npz("pixels"), [FLAT, *deep(1, 2, "tanh", 10)], epochs=25, **FAST),
            config(npz("hills"), deep(1, 1, "tanh", 1), "mse", learning_rate=0.03, epochs=50, **COSINE),
            config(
                npz("blobs"),
                [{**DROPOUT, "p": 0.8}, linear(3, "relu"), {**DROPOUT, "p": 0.8}, linear(4)],
                epochs=40,
                **FAST,
            ),
        ],
        [
            config(npz("checker"), deep(2, 48, "relu", 2), epochs=40, **FAST),
            config(npz("arms"), deep(2, 48, "relu", 3), epochs=60, **FAST),
            config(npz("pixels"), [FLAT, linear(10)], epochs=12, learning_rate=0.003, **COSINE),
            config(npz("mislabelled"), deep(1, 8, "tanh", 4), epochs=15, **FAST),
            config(DAYS, deep(1, 8, "tanh", 2), epochs=10, **FAST),
        ],
    ),
    "overfit": (
        [
            config(
                REVIEWS,
                [{"type": "embedding", "embedding_dim": 32}, "mean_over_steps", *deep(1, 32, "relu", 2)],
                epochs=15,
                learning_rate=0.003,
            ),
            config({**DAYS, "validation": 0.6}, deep(3, 64, "relu", 2), learning_rate=0.005, epochs=50),
            config(npz("loud_friedman", 0.6), deep(2, 64, "tanh", 1), "mse", learning_rate=0.01, epochs=60),
            config(npz("mislabelled", 0.4), deep(2, 96, "relu", 4), learning_rate=0.005, epochs=40),
            config(npz("loud_friedman", 0.5), deep(2, 128, "relu", 1), "mse", learning_rate=0.005, epochs=50),
        ],
        [
            config(
                REVIEWS,
                [{"type": "embedding", "embedding_dim": 16}, DROPOUT, "mean_over_steps", linear(2)],
                epochs=40,
                learning_rate=0.003,
                early_stopping={"patience": 4},
            ),
            config(DAYS, deep(1, 8, "relu", 2), epochs=15, **FAST),
            config(npz("friedman", 0.3), deep(1, 32, "tanh", 1), "mse", epochs=30, **FAST),
            config(npz("blobs", 0.4), deep(1, 16, "relu", 4), epochs=20, **FAST),
            config(AMES, deep(1, 32, "relu", 1), "mse", epochs=12, learning_rate=0.003, **COSINE),
        ],
    ),
    "noisy_validation": (
        [
            config(npz("mixed", 0.04), [linear(2)], optimizer="sgd", learning_rate=0.3, epochs=25, batch_size=4),
            config(
                npz("loud_friedman", 0.03),
                [linear(1)],
                "mse",
                optimizer="sgd",
                learning_rate=0.03,
                epochs=20,
                batch_size=4,
            ),
            config(npz("mixed", 0.03), [linear(2)], optimizer="sgd", learning_rate=0.5, epochs=20, batch_size=4),
            config(npz("mislabelled", 0.03), [linear(4)], optimizer="sgd", learning_rate=0.6, epochs=20, batch_size=4),
            config({**MASS, "validation": 0.03}, [linear(1)], "mse", learning_rate=0.03, epochs=20, batch_size=4),
        ],
        [
            config(npz("mixed", 0.4), [linear(2)], epochs=20, **FAST),
            config(npz("loud_friedman", 0.4), [linear(1)], "mse", learning_rate=0.02, epochs=20, **COSINE),
            config(npz("moons", 0.4), deep(1, 16, "relu", 2), learning_rate=0.02, epochs=25, **COSINE),
            config(npz("mislabelled", 0.4), [linear(4)], epochs=20, **FAST),
            config({**MASS, "validation": 0.3}, deep(1, 8, "relu", 1), "mse", epochs=25, **FAST),
        ],
    ),
    "plateau": (
        [
            config(
                npz("loud_friedman", 0.3),
                [linear(1)],
                "mse",
                optimizer="sgd",
                learning_rate=0.04,
                epochs=30,
                batch_size=4,
            ),
            config(
                {**DAYS, "validation": 0.6}, [linear(2)], optimizer="sgd", learning_rate=1.0, epochs=30, batch_size=8
            ),
            config(npz("mislabelled", 0.3), [linear(4)], optimizer="sgd", learning_rate=0.5, epochs=30, batch_size=8),
            config(MASS, [linear(1)], "mse", learning_rate=0.05, epochs=30, batch_size=8),
            config(npz("mixed", 0.3), [linear(2)], learning_rate=0.2, epochs=30, batch_size=8),
        ],
        [
            config(
                npz("loud_friedman", 0.3),
                [linear(1)],
                "mse",
                optimizer="sgd",
                learning_rate=0.05,
                epochs=30,
                batch_size=8,
                **COSINE,
            ),
            config(npz("blobs"), [linear(4)], epochs=30, batch_size=64, learning_rate=0.1),
            config(npz("mislabelled", 0.3), [linear(4)], epochs=30, **FAST),
            config(MASS, [linear(1)], "mse", learning_rate=0.02, epochs=40),
            config(npz("hills"), deep(2, 32, "tanh", 1), "mse", learning_rate=0.02, epochs=40, seed=7, **COSINE),
        ],
    ),
    "unbalanced_classes": (
        [
            config(WEATHER, deep(2, 16, "tanh", 5), learning_rate=0.005, epochs=10, **COSINE),
            config(npz("hidden"), deep(1, 8, "relu", 4), epochs=15, **FAST),
            config(
                npz("seldom_one"),
                deep(1, 8, "relu", 1),
                "binary_cross_entropy",
                learning_rate=0.02,
                epochs=25,
                **COSINE,
            ),
            config(npz("chance"), deep(1, 8, "tanh", 3), epochs=15, **FAST),
            config(npz("hidden", 0.4), [linear(4)], learning_rate=0.03, epochs=15, **COSINE),
        ],
        [
            config(npz("apart"), [linear(4)], class_weight="balanced", learning_rate=0.03, epochs=20, **COSINE),
            config(npz("apart"), deep(1, 16, "relu", 4), learning_rate=0.03, epochs=25, **COSINE),
            config(npz("mixed"), deep(1, 8, "relu", 1), "binary_cross_entropy", epochs=12, **FAST),
            config(npz("mislabelled"), [linear(4)], learning_rate=0.02, epochs=20, seed=2, **COSINE),
            config({**PENGUINS, "target": "island"}, deep(1, 16, "relu", 3), epochs=15, **FAST),
        ],
    ),
    "leaking_feature": (
        [
            config(csv("coded"), deep(1, 16, "relu", 4), epochs=12, learning_rate=0.02, **COSINE),
            config(
                csv("pounds", target_transform="standard"), [linear(1)], "mse", learning_rate=0.03, epochs=25, **COSINE
            ),
            config(csv("nearly"), deep(1, 16, "tanh", 2), epochs=12, learning_rate=0.02, **COSINE),
            config(csv("rounded", target_transform="standard"), deep(1, 16, "tanh", 1), "mse", epochs=30, **FAST),
            config(csv("logarithm", target_transform="standard"), deep(1, 16, "tanh", 1), "mse", epochs=30, **FAST),
        ],
        [
            config(csv("coded", features={"exclude": ["code"]}), deep(1, 16, "relu", 4), epochs=15, **FAST),
            config(
                csv("pounds", target_transform="standard", features={"exclude": ["pounds"]}),
                [linear(1)],
                "mse",
                learning_rate=0.03,
                epochs=25,
                **COSINE,
            ),
            config(csv("nearly", features={"exclude": ["seen"]}), deep(1, 8, "tanh", 2), epochs=12, **FAST),
            config(MASS, deep(1, 8, "tanh", 1), "mse", epochs=25, seed=3, **FAST),
            config(
                {**DAYS, "target": "temp_max", "target_transform": "standard"}, [linear(1)], "mse", epochs=15, **FAST
            ),
        ],
    ),
    "small_batch_for_batch_norm": (
        [
            config(npz("moons"), normed(2, 16, "relu", 2), batch_size=2, epochs=5),
            config(npz("friedman"), normed(1, 24, "relu", 1), "mse", batch_size=4, epochs=6),
            config(npz("blobs", 0.25), normed(1, 16, "tanh", 4), batch_size=13, epochs=8, learning_rate=0.003),
            config(
                npz("pixels"),
                [{**CONV, "activation": None}, "batch_norm", "relu", FLAT, linear(10)],
                batch_size=3,
                epochs=2,
            ),
            config(PENGUINS, ["batch_norm", *deep(1, 16, "relu", 3)], batch_size=4, epochs=6, learning_rate=0.003),
        ],
        [
            config(npz("blobs"), normed(1, 16, "relu", 4), batch_size=16, epochs=15, learning_rate=0.003, **COSINE),
            config(
                npz("friedman"),
                [linear(24, "relu"), {"type": "group_norm", "groups": 4}, linear(1)],
                "mse",
                batch_size=4,
                epochs=15,
                learning_rate=0.003,
                **COSINE,
            ),
            config(
                {**npz("blobs", 0.25), "drop_last": True}, normed(1, 16, "tanh", 4), batch_size=13, epochs=15, **FAST
            ),
            config(
                npz("blobs", 0.25),
                [linear(16), {"type": "batch_norm", "freeze": True, "activation": "tanh"}, linear(4)],
                batch_size=4,
                epochs=10,
                learning_rate=0.003,
                **COSINE,
            ),
            config(PENGUINS, ["batch_norm", *deep(1, 16, "relu", 3)], batch_size=25, epochs=15, **FAST),
        ],
    ),
    "stopped_too_early": (
        [
            config(
                npz("blobs"), [DROPOUT, linear(4)], optimizer="sgd", learning_rate=0.05, batch_size=8, epochs=100, **ONE
            ),
            config(
                npz("pixels"),
                [FLAT, *deep(1, 24, "tanh", 10)],
                optimizer="sgd",
                learning_rate=0.02,
                batch_size=4,
                epochs=80,
                **ONE,
            ),
            config(
                npz("friedman"), deep(1, 32, "relu", 1), "mse", learning_rate=0.001, batch_size=4, epochs=100, **ONE
            ),
            config(npz("hills"), deep(2, 16, "tanh", 1), "mse", learning_rate=0.003, batch_size=8, epochs=100, **ONE),
            config(npz("pixels"), [FLAT, DROPOUT, *deep(1, 32, "relu", 10)], learning_rate=0.0005, epochs=60, **ONE),
        ],
        [
            config(npz("blobs"), [linear(4)], learning_rate=0.05, epochs=100, early_stopping={"patience": 8}),
            config(DAYS, [linear(2)], learning_rate=0.02, epochs=80, early_stopping={"patience": 8}),
            config(
                npz("loud_friedman"), [linear(1)], "mse", learning_rate=0.02, epochs=100, early_stopping={"patience": 8}
            ),
            config(
                npz("mislabelled"),
                deep(1, 16, "tanh", 4),
                learning_rate=0.01,
                epochs=80,
                early_stopping={"patience": 6},
            ),
            config(
                MASS,
                deep(1, 8, "relu", 1),
                "mse",
                learning_rate=0.01,
                epochs=60,
                early_stopping={"patience": 15},
                **COSINE,
            ),
        ],
    ),
    "more_epochs": (
        [
            config(npz("moons"), deep(1, 16, "relu", 2), learning_rate=0.001, epochs=12),
            config(npz("friedman"), deep(1, 32, "tanh", 1), "mse", learning_rate=0.001, epochs=12),
            config(npz("blobs"), [linear(4)], optimizer="sgd", learning_rate=0.02, epochs=10),
            config(npz("pixels"), [FLAT, *deep(1, 16, "tanh", 10)], learning_rate=0.0005, epochs=9),
            config(npz("hills"), deep(2, 32, "tanh", 1), "mse", learning_rate=0.002, epochs=20),
        ],
        [
            config(npz("moons"), deep(1, 16, "relu", 2), learning_rate=0.02, epochs=80),
            config(npz("loud_friedman"), [linear(1)], "mse", learning_rate=0.02, epochs=40, batch_size=125),
            config(npz("blobs"), [linear(4)], learning_rate=0.1, epochs=50, batch_size=100),
            config(npz("friedman"), [linear(1)], "mse", learning_rate=0.05, epochs=60, batch_size=125),
            config(SUNSPOTS, [FLAT, linear(1)], "mse", learning_rate=0.003, epochs=15, **COSINE),
        ],
    ),
}
