"""A config as a whole: resolved, told about all at once, written and read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nnctl.config.load import LoadedConfig, config_from_json, config_to_json, dump_config, load_config
from nnctl.config.run_config import RunConfig
from nnctl.errors import ConfigError, Problem
from tests.support.command import RUN_CONFIGS
from tests.support.work import assert_linear

BASE = """\
data: {source: line.csv, target: y, validation: 0.2}
layers:
  - {type: linear, out_features: 4, activation: relu}
  - {type: linear, out_features: 1}
loss: mse
"""
CLASSES = BASE.replace("loss: mse", "loss: cross_entropy")


def load(folder: Path, text: str | bytes, *overrides: str) -> LoadedConfig:
    file = folder / "a run.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_config(file, overrides)


def refused(folder: Path, text: str, *overrides: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as raised:
        load(folder, text, *overrides)
    return raised.value.problems


def problems_of(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    """What is told about a config; nothing where it is loaded."""
    try:
        load(folder, text)
    except ConfigError as error:
        return error.problems
    return ()


def test_defaults_are_filled_in(tmp_path: Path) -> None:
    config = load(tmp_path, BASE).config
    assert config.name == "a run"
    assert config.data.source == str(tmp_path / "line.csv")
    assert [getattr(layer, "weight", None).__class__.__name__ for layer in config.layers] == [
        "HeNormal",
        "XavierUniform",
    ]
    assert config.optimizer.__class__.__name__ == "Adam"
    assert [metric.name for metric in config.metrics] == ["rmse", "r2"]
    assert config.monitor == "val_loss"
    assert config.early_stopping is None


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        (BASE.replace(", validation: 0.2", ""), "monitor", "loss"),
        (CLASSES, "metrics", ["accuracy"]),
        (BASE.replace("mse", "binary_cross_entropy"), "metrics", ["accuracy"]),
        (BASE + "early_stopping: {patience: 1}\n", "early_stopping", "val_loss"),
        (BASE + "early_stopping: {patience: 1}\nmonitor: r2\n", "early_stopping", "r2"),
        (BASE + "early_stopping: {monitor: val_r2}\nmonitor: r2\n", "early_stopping", "val_r2"),
    ],
)
def test_defaults_that_depend_on_other_keys(tmp_path: Path, text: str, key: str, expected: Any) -> None:
    config = load(tmp_path, text).config
    value = {
        "monitor": config.monitor,
        "metrics": [metric.name for metric in config.metrics],
        "early_stopping": config.early_stopping and config.early_stopping.monitor,
    }[key]
    assert value == expected


@pytest.mark.parametrize("path", RUN_CONFIGS, ids=lambda path: path.stem)
def test_the_examples_are_written_and_read_again(path: Path, tmp_path: Path) -> None:
    config = load_config(path).config
    assert load(tmp_path, dump_config(config)).config == config
    assert config_from_json(json.loads(json.dumps(config_to_json(config)))) == config


@pytest.mark.parametrize("name", ["1e-3", "010", "no", "2024-01-01", "null", "a: b", "#a", "'", "ä", "1_0", "*a"])
def test_any_name_is_written_and_read_again(tmp_path: Path, name: str) -> None:
    config = load(tmp_path, f"name: {json.dumps(name)}\n" + BASE).config
    assert config.name == name
    again = load(tmp_path, dump_config(config)).config
    assert again == config


def test_a_problem_stands_at_the_nearest_place(tmp_path: Path) -> None:
    loaded = load(tmp_path, BASE, "layers.1.out_features=3")
    problem = loaded.problem(("layers", 0), "is wrong", "mend it")
    assert str(problem) == f"{tmp_path / 'a run.yaml'}:3:5: layers.0: is wrong\n  help: mend it"
    assert loaded.problem(("layers", 0, "weight"), "is wrong").line == 3
    assert loaded.problem(("layers", 1, "out_features"), "is wrong").file == "command line: layers.1.out_features=3"
    assert loaded.problem(("epochs",), "is wrong").line == 1


@pytest.mark.parametrize(
    ("text", "path", "what", "help"),
    [
        (CLASSES.replace("es: 1}", "es: 1, activation: softmax}"), "layers.1.activation", "inside the loss", "remove"),
        (BASE + "monitor: val_rsme\n", "monitor", "is val_rsme, which is not measured", "did you mean val_rmse?"),
        (BASE.replace(", validation: 0.2", "") + "monitor: val_r2\n", "monitor", "no validation", "data.validation"),
        (BASE + "early_stopping: {monitor: acc}\n", "early_stopping.monitor", "is acc, which", "choose one of"),
        (BASE + "metrics: [top_k]\n", "metrics.0", "cannot be measured", "change the loss"),
        (CLASSES + "metrics: [accuracy, mae]\n", "metrics.1", "cannot be measured", "change the loss"),
        (BASE + "metrics: [r2, rmse, r2]\n", "metrics.2", "r2 is listed twice", "keep one"),
        (BASE + "epochs: 3\nschedule: {type: cosine, warmup: 4}\n", "schedule.warmup", "is 4 epochs", "shorter"),
    ],
)
def test_what_takes_several_keys_to_see(tmp_path: Path, text: str, path: str, what: str, help: str) -> None:
    (problem,) = refused(tmp_path, text)
    assert problem.path == path
    assert what in problem.what
    assert help in problem.help
    assert problem.line


@pytest.mark.parametrize("metric", ["accuracy", "f1", "precision", "recall"])
def test_gates_trained_with_a_loss_for_values_may_be_counted(tmp_path: Path, metric: str) -> None:
    assert load(tmp_path, BASE + f"metrics: [{metric}]\n").config.metrics[0].name == metric


def test_the_same_metric_of_two_settings_is_two(tmp_path: Path) -> None:
    config = load(
        tmp_path, CLASSES + "metrics: [{type: top_k, k: 2}, {type: top_k, k: 3}]\nmonitor: val_top_3\n"
    ).config
    assert config.monitor == "val_top_3"


def test_mistakes_of_every_kind_are_told_together(tmp_path: Path) -> None:
    text = CLASSES.replace("es: 1}", "es: 1, activation: softmax}") + "seed: *a\nlerning_rate: 1\nepochs: 0\n"
    problems = refused(tmp_path, text, "batch_size=0")
    told = {problem.path for problem in problems}
    assert told == {"seed", "lerning_rate", "epochs", "batch_size", "layers.1.activation"}
    assert len(problems) == len(told)


@pytest.mark.parametrize(
    "more",
    [
        "metrcs: [f1]\nmonitor: val_f1\n",
        "metrics: [f2]\nearly_stopping: {monitor: val_f2}\n",
        "epoch: 30\nschedule: {warmup: 20, type: cosine}\n",
        "epochs: 30.0\nschedule: {warmup: 20, type: cosine}\n",
        "epochs:30\nschedule: {warmup: 20, type: cosine}\n",
    ],
)
def test_a_mistake_is_not_told_twice_in_other_words(tmp_path: Path, more: str) -> None:
    assert len(refused(tmp_path, CLASSES + more)) == 1


def test_the_resolved_config_of_a_checkpoint_may_be_anything() -> None:
    for value in ({}, {"name": "a\ud800"}, {"layers": [[[]]]}, {"data": 3}, {"seed": 10**500, "x": {"y": [None]}}):
        with pytest.raises(ConfigError):
            config_from_json(value)


# of so many pieces, and how many
MANY: dict[str, tuple[Callable[[int], str], int]] = {
    "unknown keys": (lambda count: BASE + "".join(f"k{i}: 1\n" for i in range(count)), 20_000),
    "wrong numbers": (lambda count: BASE.replace("target: y", f"target: y, shape: [{'a,' * count}]"), 45_000),
    "wrong layers": (lambda count: f"data: a.npz\nloss: mse\nlayers: [{'{type: foo},' * count}]", 3_000),
    "layers": (lambda count: f"data: a.npz\nloss: mse\nlayers: [{'relu,' * count}]", 9_000),
    "a long word": (lambda count: f"{BASE}optimizer: {'z' * count}", 900_000),
    "a long key": (lambda count: f"{BASE}? {'z' * count}\n: 1\n", 900_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_much_of_anything_is_told_in_few_words_and_takes_no_more_than_its_share(tmp_path: Path, name: str) -> None:
    text, count = MANY[name]
    problems = problems_of(tmp_path, text(count))
    assert len(problems) <= 60
    assert len(str(ConfigError(*problems))) < 100_000
    assert_linear(lambda count: problems_of(tmp_path, text(count)), count // 16)


JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from(
            ["relu", "linear", "mse", "adam", "", "x.csv", "64,32", "\x00", "../x", "type:relu", "he_normal"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["type", "linear", "source", "format", "values", "p", "weight", "x"]), inner),
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(sorted(RunConfig.model_fields))
GOOD: dict[str, Any] = {
    "name": "a",
    "data": {"source": "line.csv", "target": "y", "format": "csv"},
    "layers": [{"type": "linear", "out_features": 1}],
    "loss": "mse",
}
PYDANTIC = (
    "Input should",
    "Extra inputs",
    "valid ",
    "instance of",
    "Field required",
    "Unable to",
    "tag",
    "model",
    "[type=",
)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, JUNK, max_size=4), JUNK)
@example({"layers": [{"type": "linear", "linear": 3, "out_features": 0}]}, None)
@example({"layers": [{"linear": {"out_features": 1}}]}, None)
@example({"name": "\ud800"}, None)
def test_any_values_are_taken_or_told_in_plain_words(changes: dict[str, Any], layer: Any) -> None:
    told: tuple[Problem, ...] = ()
    try:
        config = config_from_json(GOOD | {"layers": [*GOOD["layers"], layer]} | changes)
    except ConfigError as error:
        told = error.problems
    else:
        assert config_from_json(config.model_dump(mode="json")) == config
    for problem in told:
        assert problem.path
        assert problem.help
        assert not [word for word in PYDANTIC if word in problem.what + problem.help], problem


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=80), st.binary(max_size=30).map(lambda junk: BASE.encode() + junk)))
@example(b"\xef\xbb\xbf" + BASE.encode())
@example(BASE.encode("utf-16"))
def test_any_bytes_are_loaded_or_refused(tmp_path: Path, content: bytes) -> None:
    assert all(problem.help for problem in problems_of(tmp_path, content))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, len(BASE)), st.integers(0, 12), st.sampled_from(["", "\t", ":", " ", "- ", "{", "]", "'", "*", "\n"])
)
def test_a_config_with_a_slip_is_loaded_or_refused(tmp_path: Path, start: int, length: int, slip: str) -> None:
    problems = problems_of(tmp_path, BASE[:start] + slip + BASE[start + length :])
    assert all(problem.help and problem.file for problem in problems)
