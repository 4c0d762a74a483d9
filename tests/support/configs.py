"""Config files for tests, and valid ones of every shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from nnctl.config.load import LoadedConfig, load_config
from nnctl.errors import ConfigError, Problem
from tests.support.command import DATA

# a small network on few samples, with dropout: what must give the same bits again
SINE = f"""data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers:
  - {{type: linear, out_features: 24, activation: relu}}
  - {{type: dropout, p: 0.2}}
  - {{type: linear, out_features: 1}}
loss: mse
batch_size: 7
"""
# the text that a test adds begins in line 4
BASE = "data: a.npz\nlayers: [flatten, {type: linear, out_features: 3}]\nloss: cross_entropy\n"


def load(folder: Path, text: str, *overrides: str) -> LoadedConfig:
    """The config of this text, in a file `run.yaml` of the folder."""
    file = folder / "run.yaml"
    file.write_text(text, encoding="utf-8")
    return load_config(file, overrides)


def problems_in(folder: Path, text: str, *overrides: str) -> list[Problem]:
    """What is wrong with it; nothing where it loads."""
    try:
        load(folder, text, *overrides)
    except ConfigError as error:
        return list(error.problems)
    return []


def _kind(type_: str, required: dict[str, Any] | None = None, **optional: Any) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"type": st.just(type_), **(required or {})}, optional=optional)


positive = st.floats(1e-6, 1e6)
share = st.floats(0.0, 0.99)
small = st.integers(1, 9)
sizes = st.one_of(small, st.lists(small, min_size=2, max_size=2))
names = st.one_of(
    st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True),
    st.sampled_from(["no", "on", "null", "true", "~x", "1e-3", "010", "5x", "1:30", "2024-01-01", "a b", "a: b", "é#"]),
)
activations = st.one_of(
    st.sampled_from(["relu", "tanh", "gelu", "sigmoid", "silu", "softplus"]),
    _kind("elu", alpha=st.floats(0, 9)),
    _kind("leaky_relu", slope=share),
)
initializers = st.one_of(
    st.sampled_from(["he_normal", "xavier_uniform", "lecun_normal", "zeros"]),
    st.floats(-9, 9),
    st.integers(-9, 9),
    st.lists(st.lists(st.one_of(st.floats(-9, 9), st.integers(-9, 9)), min_size=1, max_size=3), min_size=1, max_size=3),
)
biases = st.one_of(st.just(False), st.none(), st.floats(-9, 9), st.just("zeros"))
layers = st.one_of(
    st.just("flatten"),
    activations,
    _kind("dropout", p=share),
    _kind(
        "linear",
        {"out_features": small},
        weight=initializers,
        bias=biases,
        activation=activations,
        freeze=st.booleans(),
    ),
    _kind(
        "conv2d",
        {"out_channels": small, "kernel_size": sizes},
        stride=sizes,
        padding=st.one_of(st.sampled_from(["valid", "same"]), st.integers(0, 9)),
        activation=activations,
    ),
    _kind("max_pool2d", {"kernel_size": sizes}, stride=sizes),
)
losses = st.one_of(
    st.sampled_from(["mse", "mae", "squared_error", "binary_cross_entropy"]),
    _kind("cross_entropy", label_smoothing=share),
    _kind("huber", delta=positive),
)
optimizers = st.one_of(
    st.sampled_from(["adam", "adamw", "sgd", "rmsprop", "adagrad", "adadelta", "nadam", "lion", "lamb"]),
    _kind("sgd", momentum=share, weight_decay=positive),
    _kind("adam", betas=st.lists(share, min_size=2, max_size=2), eps=positive),
    _kind("rmsprop", alpha=share, momentum=share),
)
schedules = st.one_of(
    st.sampled_from(["constant", "cosine", "one_cycle", "polynomial", "reduce_on_plateau"]),
    _kind("cosine", minimum=share, warmup=st.floats(0, 1), period=positive),
    _kind("piecewise", {"epochs": st.just([1.0, 2.5]), "factors": st.lists(positive, min_size=2, max_size=2)}),
    _kind("inverse_sqrt", timescale=positive),
    _kind("reduce_on_plateau", monitor=st.just("loss"), patience=small, threshold=share),
    _kind("step", {"every": small}, gamma=positive),
    _kind("exponential", {"gamma": positive}),
)
sources = st.one_of(
    st.sampled_from(["a.npz", "../b.npz", "~/c.npz", "digits"]),
    st.fixed_dictionaries(
        {"source": st.just("a.npz"), "validation": st.one_of(st.floats(0.01, 0.9), st.just("v.npz"))},
        optional={"shuffle": st.booleans(), "shape": st.lists(small, min_size=1), "standardize": st.booleans()},
    ),
    st.fixed_dictionaries({"source": st.just("a.csv"), "target": st.one_of(names, st.lists(names, min_size=1))}),
)
# behind the layers stands one more, so that no activation stands in front of a loss that has one inside
configs = st.fixed_dictionaries(
    {
        "data": sources,
        "layers": st.lists(layers, max_size=4).map(lambda drawn: [*drawn, {"type": "linear", "out_features": 2}]),
        "loss": losses,
    },
    optional={
        "name": names,
        "seed": st.integers(0, 2**63 - 1),
        "precision": st.sampled_from(["float32", "float64"]),
        "initialize_from": st.one_of(
            st.sampled_from(["runs/a", "../b.safetensors", "~/c"]),
            st.fixed_dictionaries(
                {"checkpoint": st.just("runs/a")},
                optional={
                    "layers": st.one_of(st.lists(names, min_size=1), st.dictionaries(names, names, min_size=1)),
                    "exclude": st.lists(names),
                },
            ),
        ),
        "optimizer": optimizers,
        "learning_rate": positive,
        "schedule": schedules,
        "batch_size": st.integers(1, 1_000_000),
        "gradient_accumulation": st.integers(1, 1_000),
        "epochs": small,
        "clip_norm": st.one_of(st.none(), positive),
        "clip_value": st.none(),
        "regularization": st.fixed_dictionaries({}, optional={"l1": share, "activity_l2": share, "max_norm": positive}),
        "monitor": st.just("loss"),
        "early_stopping": st.fixed_dictionaries({}, optional={"patience": small, "min_delta": share}),
    },
)
