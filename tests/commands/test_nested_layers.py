"""Layers that hold layers by the real command: errors, overrides, sweeps and checkpoints reach inside."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from nnctl.config.load import load_config
from tests.support.command import COMMAND, DATA, checkpoints_of, report_of, rows_of, surroundings
from tests.support.kills import SAVE_ALWAYS, killed_before
from tests.support.nested import CONFIG, PARAMETERS
from tests.support.refusal import refusal_of

DROPOUT_OF_REPEAT = "{type: dropout, p: 0.1}"
MOMENTS = [("fsync", 5), ("replace", 3), ("replace", 6), ("fsync", 9), ("replace", 4)]


def place_of(text: str, part: str) -> tuple[int, int]:
    """The line and the column of a part that is in the text once."""
    assert text.count(part) == 1
    before = text[: text.index(part)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.mark.parametrize(
    ("part", "instead", "at", "path", "what"),
    [
        (
            DROPOUT_OF_REPEAT,
            "{type: conv2d, out_channels: 2, kernel_size: 3}",
            "{type: conv2d",
            "layers.3.layers.0.layers.0",
            "conv2d needs images, three axes a sample: (height, width, channels); got inputs of shape (16,)"
            " (repetition 1 of 2)",
        ),
        (DROPOUT_OF_REPEAT, "{type: dropout, p: 1.1}", "1.1", "layers.3.layers.0.layers.0.p", "1.1"),
        ("{type: dropout, p: 0.5}", "{type: droput}", "droput", "layers.2.branches.2.0", "'droput'"),
        ("{type: dropout, p: 0.5}", "{type: dropout, rate: 0.5}", "rate", "layers.2.branches.2.0.rate", "key"),
        (
            "{type: linear, out_features: 6}\n",
            "{type: linear, out_features: 6, weight: [[1, 2]]}\n",
            "[[1, 2]]",
            "layers.1.layers.2.weight",
            "(1, 2)",
        ),
    ],
    ids=["shape", "range", "name", "key", "weight"],
)
def test_a_mistake_inside_has_its_own_place(
    part: str, instead: str, at: str, path: str, what: str, tmp_path: Path
) -> None:
    text = CONFIG.replace(part, instead)
    (tmp_path / "run.yaml").write_text(text)
    (problem,) = refusal_of("check", "run.yaml", cwd=tmp_path, code=2).problems
    assert problem["path"] == path
    assert (problem["line"], problem["column"]) == place_of(text, at)
    assert what in problem["what"]


def test_mistakes_inside_are_told_all_at_once(tmp_path: Path) -> None:
    text = CONFIG.replace("p: 0.2", "p: 2").replace("p: 0.5", "p: 5").replace("p: 0.1", "p: 1")
    (tmp_path / "run.yaml").write_text(text)
    problems = refusal_of("check", "run.yaml", cwd=tmp_path, code=2).problems
    assert [problem["path"] for problem in problems] == [
        *("layers.1.layers.1.p", "layers.2.branches.2.0.p", "layers.3.layers.0.layers.0.p"),
    ]


@pytest.mark.parametrize(
    ("overrides", "path", "what"),
    [
        (
            ["layers.1.layers.2.out_features=5", "layers.1.shortcut=identity"],
            "layers.1",
            "residual has an identity shortcut, but its layers make (5,) of (6,); got inputs of shape (6,)",
        ),
        (
            ["layers.2.join=add"],
            "layers.2",
            "parallel cannot add (4,) of branch 0 and (6,) of branch 1; got inputs of shape (6,)",
        ),
    ],
)
def test_what_does_not_join(overrides: list[str], path: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(CONFIG)
    (problem,) = refusal_of("check", "run.yaml", *overrides, cwd=tmp_path, code=2).problems
    assert (problem["path"], problem["what"]) == (path, what)
    assert problem["line"] == CONFIG[: CONFIG.index(f"- type: {what.partition(' ')[0]}")].count("\n") + 1


def test_a_projection_that_there_is_not_inside_a_repetition(tmp_path: Path) -> None:
    """No stride of 1x1 windows leaves 5 rows of 7."""
    (tmp_path / "run.yaml").write_text(
        f"data: {{source: {DATA}/mnist}}\n"
        "layers:\n"
        "  - {type: max_pool2d, kernel_size: 4}\n"
        "  - repeat: 2\n"
        "    layers:\n"
        "      - relu\n"
        "      - {type: residual, layers: [{type: conv2d, out_channels: 2, kernel_size: 3}]}\n"
        "  - flatten\n"
        "  - {type: linear, out_features: 10}\n"
        "loss: cross_entropy\n"
    )
    (problem,) = refusal_of("check", "run.yaml", cwd=tmp_path, code=2).problems
    assert (problem["path"], problem["line"], problem["column"]) == ("layers.1.layers.1", 7, 9)
    assert problem["what"] == (
        "residual has no projection from (7, 7, 1) to (5, 5, 2); got inputs of shape (7, 7, 1) (repetition 1 of 2)"
    )


@pytest.mark.parametrize(
    ("layers", "path", "help"),
    [
        (
            "{type: gru, hidden_size: 4}, {type: gru, hidden_size: 4}",
            "layers.1",
            "set `return: sequence` in the gru in front of it, which makes (4,) of (6, 3)",
        ),
        (
            "flatten, relu, {type: attention, heads: 3}",
            "layers.2",
            "put it in front of the flatten, which makes (18,) of (6, 3)",
        ),
        (
            "mean_over_steps, {type: residual, layers: [{type: conv1d, out_channels: 2, kernel_size: 3}]}",
            "layers.1.layers.0",
            "put it in front of the mean_over_steps, which makes (3,) of (6, 3)",
        ),
        ("{type: residual, layers: [flatten]}", "layers.0", "put what changes the number of axes behind this layer"),
        (
            "{type: residual, layers: [{type: conv1d, out_channels: 2, kernel_size: 3}]}",
            "layers.0",
            "use `padding: same` in its layers, with strides for fewer steps",
        ),
        (
            "{type: upsample2d, scale: 2}",
            "layers.0",
            "put {type: reshape, shape: [height, width, channels]} in front of it, or leave this layer out",
        ),
    ],
)
def test_axes_that_a_layer_in_front_has_taken(tmp_path: Path, layers: str, path: str, help: str) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 6, 3)), y=[0, 1, 0, 1])
    (tmp_path / "run.yaml").write_text(f"data: a.npz\nlayers: [{layers}]\nloss: cross_entropy\nbatch_size: 2\n")
    (problem,) = refusal_of("check", "run.yaml", cwd=tmp_path, code=2).problems
    assert (problem["path"], problem["help"]) == (path, help)


def layers_of(folder: Path, *overrides: str) -> dict[str, dict[str, Any]]:
    (folder / "run.yaml").write_text(CONFIG)
    return {layer["name"]: layer for layer in report_of("check", "run.yaml", *overrides, cwd=folder)["layers"]}


def test_check_lists_what_is_inside(tmp_path: Path) -> None:
    layers = layers_of(tmp_path)
    assert [(name, layer["type"], layer["outputs"]) for name, layer in layers.items()] == [
        ("layers.0", "linear", [6]),
        ("layers.0.activation", "relu", [6]),
        ("layers.1", "residual", [6]),
        ("layers.1.layers.0", "linear", [5]),
        ("layers.1.layers.0.activation", "relu", [5]),
        ("layers.1.layers.1", "dropout", [5]),
        ("layers.1.layers.2", "linear", [6]),
        ("layers.1.activation", "tanh", [6]),
        ("layers.2", "parallel", [16]),
        ("layers.2.branches.0.0", "linear", [4]),
        ("layers.2.branches.0.1", "tanh", [4]),
        ("layers.2.branches.2.0", "dropout", [6]),
        ("layers.3", "repeat", [8]),
        ("layers.3.0.layers.0", "residual", [8]),
        ("layers.3.0.layers.0.layers.0", "dropout", [16]),
        ("layers.3.0.layers.0.layers.1", "linear", [8]),
        ("layers.3.0.layers.0.shortcut", "linear", [8]),
        ("layers.3.1.layers.0", "residual", [8]),
        ("layers.3.1.layers.0.layers.0", "dropout", [8]),
        ("layers.3.1.layers.0.layers.1", "linear", [8]),
        ("layers.4", "linear", [1]),
    ]
    assert layers["layers.1"]["parameters"] == (6 * 5 + 5) + (5 * 6 + 6)
    assert layers["layers.3.0.layers.0"]["parameters"] == 2 * (16 * 8 + 8)


def test_counts_of_what_holds_others_include_theirs(tmp_path: Path) -> None:
    """So the rows of depth 0 add up to all, and those below a row to it."""
    (tmp_path / "run.yaml").write_text(CONFIG)
    report = report_of("check", "run.yaml", cwd=tmp_path)
    for key in ("parameters", "multiply_adds", "buffers"):
        counts = [(layer["name"], layer["depth"], layer[key]) for layer in report["layers"]]
        assert sum(count for _, depth, count in counts if depth == 0) == report[key]
        for holder in ("layers.1", "layers.2", "layers.3", "layers.3.0.layers.0"):
            ((own_depth, whole),) = [(depth, count) for name, depth, count in counts if name == holder]
            inside = [
                count for name, depth, count in counts if name.startswith(f"{holder}.") and depth == own_depth + 1
            ]
            assert inside
            assert sum(inside) == whole


def test_overrides_reach_inside(tmp_path: Path) -> None:
    layers = layers_of(
        tmp_path,
        "layers.1.layers.0.out_features=7",
        "layers.2.branches.0.0.out_features=3",
        "layers.3.layers.0.layers.1.out_features=9",
        "layers.3.repeat=3",
    )
    assert layers["layers.1.layers.0"]["outputs"] == [7]
    assert layers["layers.2.branches.0.0"]["outputs"] == [3]
    assert layers["layers.3.2.layers.0.layers.1"]["outputs"] == [9]


@pytest.mark.parametrize(
    ("override", "path"),
    [
        ("layers.1.layers.7.p=0.3", "layers.1.layers.7.p=0.3"),
        ("layers.2.branches.0.0.out_featurs=3", "layers.2.branches.0.0.out_featurs"),
        ("layers.3.layers.0.layers.0.p=2", "layers.3.layers.0.layers.0.p"),
    ],
)
def test_overrides_that_reach_nothing_inside(override: str, path: str, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(CONFIG)
    refusal = refusal_of("check", "run.yaml", override, cwd=tmp_path, code=2)
    refusal.says(path)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a run that was left alone."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "run.yaml").write_text(CONFIG)
    report_of("train", "run.yaml", "-q", cwd=folder)
    return folder / "runs" / "nested"


def test_tensors_of_a_checkpoint_nest(trained: Path) -> None:
    tensors = load_file(trained / "checkpoints" / "last.safetensors")
    assert {name for name in tensors if name.startswith("layers.")} == set(PARAMETERS)
    assert tensors["layers.3.0.layers.0.shortcut.weight"].shape == (16, 8)


def test_what_was_trained_is_evaluated(trained: Path, tmp_path: Path) -> None:
    report = report_of("eval", trained / "checkpoints" / "last.safetensors", "--split", "validation", cwd=tmp_path)
    assert report["metrics"]["loss"] == rows_of(trained)[-1]["val_loss"]


def test_the_resolved_config_trains_to_the_same_bits(trained: Path, tmp_path: Path) -> None:
    """Where each weight inside says how it starts."""
    resolved = load_config(trained / "config.yaml").config
    residual, parallel, repeat = resolved.layers[1:4]
    assert [layer.weight.type for layer in (residual.layers[0], residual.layers[2])] == ["he_normal", "xavier_uniform"]
    assert parallel.branches[0][0].weight.type == "xavier_uniform"
    assert repeat.layers[0].layers[1].weight.type == "xavier_uniform"
    report_of("train", trained / "config.yaml", "--run", "again", "-q", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "again")["last.safetensors"] == checkpoints_of(trained)["last.safetensors"]


@pytest.mark.slow
def test_killed_and_resumed(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(CONFIG)
    for moment in MOMENTS:
        statements = f"{SAVE_ALWAYS}\n{killed_before(moment)}\n{COMMAND[-1]}"
        killed = subprocess.run(
            [*COMMAND[:-1], statements, "train", "run.yaml", "--run", "run", "--resume", "-q"],
            cwd=tmp_path,
            env=surroundings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
        )
        assert killed.returncode == -signal.SIGKILL
    assert len(rows_of(tmp_path / "run")) < 3
    report_of("train", "run.yaml", "--run", "run", "--resume", "-q", cwd=tmp_path)
    assert rows_of(tmp_path / "run") == rows_of(trained)
    assert checkpoints_of(tmp_path / "run") == checkpoints_of(trained)


@pytest.mark.slow
def test_a_sweep_over_keys_inside(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(CONFIG)
    (tmp_path / "inside.yaml").write_text(
        "base: run.yaml\nmetric: val_rmse\n"
        "parameters:\n  layers.1.layers.0.out_features: [4, 5]\n  layers.3.repeat: [1, 2]\n"
    )
    report = report_of("sweep", "inside.yaml", "epochs=1", cwd=tmp_path)
    assert report["counts"]["finished"] == 4
    for trial in report["trials"]:
        width, repeat = trial["parameters"].values()
        tensors = load_file(tmp_path / trial["run"] / "checkpoints" / "last.safetensors")
        assert tensors["layers.1.layers.0.weight"].shape == (6, width)
        assert ("layers.3.1.layers.0.layers.1.weight" in tensors) == (repeat == 2)


def test_a_sweep_over_keys_inside_is_checked_before_it_runs(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(CONFIG)
    (tmp_path / "inside.yaml").write_text(
        "base: run.yaml\nmetric: val_rmse\nparameters:\n  layers.1.layers.1.p: [0.1, 1.5]\n"
    )
    refusal_of("sweep", "inside.yaml", cwd=tmp_path, code=2).says("layers.1.layers.1.p")
