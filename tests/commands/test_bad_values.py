"""Values that no run can have: refused with their place and a remedy. Odd ones that can be meant are taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.config.document import parse
from tests.support.command import DATA, nnctl, report_of
from tests.support.refusal import refusal_of
from tests.support.sources import digits

LINE = """data: {source: line.csv, target: y}
layers: [{type: linear, out_features: 4}, {type: linear, out_features: 1}]
loss: mse
batch_size: 2
epochs: 3
"""  # the text that a row adds begins in line 6
IMAGES = """data: digits.npz
layers:
  - LAYER
  - flatten
  - {type: linear, out_features: 3}
loss: cross_entropy
batch_size: 2
"""

# row: (what is added, its place, the key, what is wrong, the remedy)
ADDED: dict[str, tuple[str, str, str, str, str]] = {
    "16 on": ("early_stopping: {patience: on}", "6:28", "early_stopping.patience", "got 'on'", "write digits"),
    "17 sexagesimal": ("learning_rate: 1:30", "6:16", "learning_rate", "expected a number, got '1:30'", "write digits"),
    "17 underscore": ("seed: 1_000", "6:7", "seed", "expected a whole number, got '1_000'", "write 1000"),
    "17 date": ("seed: 2024-01-01", "6:7", "seed", "got '2024-01-01'", "write digits"),
    "20 nan": ("learning_rate: .nan", "6:16", "learning_rate", "expected a finite number, got nan", "leave it out"),
    "20 inf": ("learning_rate: .inf", "6:16", "learning_rate", "expected a finite number, got inf", "leave it out"),
    "20 too large": (
        "learning_rate: 1e999",
        "6:16",
        "learning_rate",
        "expected a finite number, got inf",
        "for 0.001, the default",
    ),
    "20 negative": (
        "learning_rate: -1",
        "6:16",
        "learning_rate",
        "expected a number above 0, got -1",
        "leave it out",
    ),
    "21 misspelt": ("lerning_rate: 1", "6:1", "lerning_rate", "unknown key", "did you mean learning_rate?"),
    "21 misspelt kind": ("optimizer: {type: sdg}", "6:19", "optimizer", "unknown type 'sdg'", "did you mean sgd?"),
    "26 path": ("name: ../../x", "6:7", "name", "'../../x' cannot name a folder", "letters, digits"),
    "26 empty": ("name: ''", "6:7", "name", "'' cannot name a folder", "letters, digits, - and _"),
    "26 long": (f"name: {'x' * 300}", "6:7", "name", "expected at most 100 characters", "give at most 100"),
    "27 negative": ("seed: -1", "6:7", "seed", "expected a number of at least 0, got -1", "leave it out for 0"),
    "27 huge": (f"seed: {2**70}", "6:7", "seed", "got a number of 22 digits", "leave it out for 0"),
}

# row: (what stands in the place of what, the place, the key, what is wrong, the remedy)
CHANGED: dict[str, tuple[str, str, str, str, str, str]] = {
    "16 shuffle": (
        "target: y",
        "target: y, shuffle: on",
        "1:46",
        "data.shuffle",
        "expected true or false, got 'on'",
        "use true",
    ),
    "18 list": (
        "epochs: 3",
        "optimizer: {type: adam, betas: '0.9,0.99'}",
        "5:32",
        "optimizer.betas",
        "expected a list",
        "use [0.9, 0.99]",
    ),
    "19 fraction": ("epochs: 3", "epochs: 1.0", "5:9", "epochs", "expected a whole number, got 1.0", "write 1"),
    "19 truth": (
        "epochs: 3",
        "epochs: true",
        "5:9",
        "epochs",
        "expected a whole number, got true",
        "leave it out for 10",
    ),
    "19 quotes": ("epochs: 3", 'epochs: "3"', "5:9", "epochs", "expected a whole number, got '3'", "remove the quotes"),
    "22 none": (
        "size: 2",
        "size: 0",
        "4:13",
        "batch_size",
        "expected a number of at least 1, got 0",
        "leave it out for 32",
    ),
    "22 too large": ("size: 2", "size: 9", "4:13", "batch_size", "is 9, there are 4 training samples", "use at most 4"),
    "23 memory": ("s: 4}", "s: 1000000000}", "2:10", "layers.0", "of memory", "make this layer smaller"),
    "24 outputs": (
        "s: 1}",
        "s: 3}",
        "2:43",
        "layers.1",
        "gives 3 outputs, the data has 1 target columns",
        "give the last",
    ),
    "24 values": (
        "s: 1}",
        "s: 1, weight: [[1]]}",
        "2:83",
        "layers.1.weight",
        "expected values of shape (4, 1), got (1, 1)",
        "give 4 x 1 numbers",
    ),
    "21 misspelt kind": (
        "loss: mse",
        "loss: {type: hubr}",
        "3:14",
        "loss",
        "unknown type 'hubr'",
        "did you mean huber?",
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "line.csv").write_text("x,y\n1,2\n2,3\n3,5\n4,6\n")
    images, labels = digits(6)
    np.savez(tmp_path / "digits.npz", x=images[..., np.newaxis], y=labels)
    return tmp_path


@pytest.mark.parametrize("row", ADDED)
def test_refused(folder: Path, row: str) -> None:
    text, place, path, what, help = ADDED[row]
    refused_at(folder, f"{LINE}{text}\n", place, path, what, help)


@pytest.mark.parametrize("row", CHANGED)
def test_refused_where_it_stands(folder: Path, row: str) -> None:
    old, new, place, path, what, help = CHANGED[row]
    assert LINE.count(old) == 1
    refused_at(folder, LINE.replace(old, new), place, path, what, help)


def refused_at(folder: Path, text: str, place: str, path: str, what: str, help: str) -> None:
    (folder / "run.yaml").write_text(text)
    refusal = refusal_of("train", "run.yaml", cwd=folder, code=2)
    refusal.says(f"error: run.yaml:{place}: {path}: ", what, f"help: {help}" if help[0].isupper() else help)
    problem = next(found for found in refusal.problems if what in found["what"])
    assert (problem["file"], problem["path"]) == ("run.yaml", path)
    assert place == f"{problem['line']}:{problem['column']}"


# row: (the override, its path, what is wrong, the remedy)
OVERRIDES: dict[str, tuple[str, str, str, str]] = {
    "16 on": ("data.shuffle=on", "data.shuffle", "expected true or false, got 'on'", "use true"),
    "17 underscore": ("epochs=1_000", "epochs", "expected a whole number, got '1_000'", "write 1000"),
    "20 nan": ("learning_rate=.nan", "learning_rate", "expected a finite number, got nan", "leave it out"),
    "21 misspelt": ("lerning_rate=1", "lerning_rate", "unknown key", "did you mean learning_rate?"),
    "21 in a default": ("optimizer.type=sdg", "optimizer", "unknown type 'sdg'", "did you mean sgd?"),
    "22 too large": ("batch_size=9", "batch_size", "is 9, there are 4 training samples", "use at most 4"),
    "no equals sign": ("epochs", "", "is not a setting", "write KEY=VALUE, such as learning_rate=0.01"),
    "no such layer": ("layers.7.bias=1", "", "layers has no item 7", "there are: 0 to 1"),
    "alias": ("epochs=*a", "epochs", "`*a` is an alias, which is not allowed", "write the value itself"),
    "open list": ("metrics=[r2", "", "the list is not closed here", "`]` at the end"),
}


@pytest.mark.parametrize("row", OVERRIDES)
def test_an_override_goes_through_the_same_door(folder: Path, row: str) -> None:
    override, path, what, help = OVERRIDES[row]
    (folder / "run.yaml").write_text(LINE)
    refusal = refusal_of("train", "run.yaml", override, cwd=folder, code=2)
    refusal.says(f"error: command line: {override}: ", what, help)
    (problem,) = refusal.problems
    assert (problem["file"], problem["path"] or "") == (f"command line: {override}", path)
    assert problem["line"] is problem["column"] is None


def test_row_18_a_kernel_of_two_sizes_is_a_list(folder: Path) -> None:
    """What is text in YAML, `5,5`, is told as a list wherever one may stand."""
    layer = "{type: conv2d, out_channels: 1, kernel_size: '5,5'}"
    (folder / "run.yaml").write_text(IMAGES.replace("LAYER", layer))
    refusal_of("train", "run.yaml", cwd=folder, code=2).says("3:50: layers.0.kernel_size", "use [5, 5]")


def test_row_22_the_default_batch_is_larger_than_the_data(folder: Path) -> None:
    (folder / "run.yaml").write_text(LINE.replace("batch_size: 2\n", ""))
    refusal = refusal_of("train", "run.yaml", cwd=folder, code=2)
    refusal.says("batch_size: is 32 by default, there are 4 training samples", "use at most 4")


def test_row_23_the_memory_is_told_before_any_is_taken(folder: Path) -> None:
    (folder / "run.yaml").write_text(LINE.replace("s: 4}", "s: 1000000000}"))
    refusal = refusal_of("train", "run.yaml", cwd=folder, code=2)
    refusal.says("training takes", "GB of memory", "are free; this layer needs most")


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_row_25_what_is_inside_the_loss_is_refused_in_front_of_it(folder: Path, loss: str) -> None:
    name = "softmax" if loss == "cross_entropy" else "sigmoid"
    for layers, place in (
        (f"[{{type: linear, out_features: 3, activation: {name}}}]", "2:54: layers.0.activation"),
        (f"[{{type: linear, out_features: 3}}, {name}]", "2:43: layers.1"),
    ):
        (folder / "run.yaml").write_text(f"data: {{source: line.csv, target: y}}\nlayers: {layers}\nloss: {loss}\n")
        refusal = refusal_of("train", "run.yaml", cwd=folder, code=2)
        refusal.says(f"{place}: is {name}, but {loss} takes logits", "inside the loss", f"remove {name}")


# row: (the first layer on images of 4 x 5, the key, what is wrong, the remedy)
SHAPES: dict[str, tuple[str, str, str]] = {
    "28 kernel": (
        "{type: conv2d, out_channels: 1, kernel_size: 6}",
        "conv2d kernel_size 6 is larger than its inputs' height, 4; got inputs of shape (4, 5, 1)",
        "use a smaller kernel_size, `padding: same`",
    ),
    "28 dilation": (
        "{type: conv2d, out_channels: 1, kernel_size: 3, dilation: 2}",
        "kernel_size 3 with dilation 2 reaches over 5, which is larger than its inputs' height, 4; got inputs of shape",
        "smaller strides in the layers before it",
    ),
    "28 pool": (
        "{type: max_pool2d, kernel_size: 5}",
        "is larger than its inputs' height, 4; got inputs of shape (4, 5, 1)",
        "use a",
    ),
    "28 stride of one layer": (
        "{type: conv2d, out_channels: 2, kernel_size: 1, stride: 4}\n  - {type: max_pool2d, kernel_size: 2}",
        "max_pool2d kernel_size 2 is larger than its inputs' height, 1; got inputs of shape (1, 2, 2)",
        "smaller strides in the layers before it",
    ),
    "24 no image": (
        "flatten\n  - {type: max_pool2d, kernel_size: 2}",
        "needs images, three axes",
        "put it in front of the flatten, which makes (20,) of (4, 5, 1)",
    ),
}


@pytest.mark.parametrize("row", SHAPES)
def test_a_shape_that_does_not_fit_names_the_layer_and_what_arrives(folder: Path, row: str) -> None:
    layers, what, help = SHAPES[row]
    (folder / "run.yaml").write_text(IMAGES.replace("LAYER", layers))
    refusal = refusal_of("train", "run.yaml", cwd=folder, code=2)
    refusal.says(f"layers.{layers.count(chr(10))}: ", what, help)
    assert refusal.problems[0]["line"] == 3 + layers.count("\n")


def test_row_24_both_numbers_and_the_classes_are_told(folder: Path) -> None:
    (folder / "run.yaml").write_text(IMAGES.replace("LAYER", "relu").replace("features: 3", "features: 4"))
    refusal = refusal_of("train", "run.yaml", cwd=folder, code=2)
    refusal.says("run.yaml:5:5: layers.2: the last layer gives 4 outputs, the data has 3 classes (0, 1, 2)")
    refusal.says("give the last layer 3 outputs")


@pytest.mark.parametrize("arguments", [["--device", "cuda"], pytest.param(["device=cuda"], marks=pytest.mark.slow)])
def test_row_66_cuda_is_refused_and_not_replaced_by_the_cpu(folder: Path, arguments: list[str]) -> None:
    (folder / "run.yaml").write_text(LINE)
    refusal_of("train", "run.yaml", *arguments, cwd=folder, code=2, NUMBA_DISABLE_CUDA="1").says(
        "device: is cuda, but no GPU was found", "leave device out"
    )


@pytest.mark.slow
def test_row_66_cuda_in_the_file_is_refused_at_its_place(folder: Path) -> None:
    (folder / "run.yaml").write_text(f"{LINE}device: cuda\n")
    refusal = refusal_of("train", "run.yaml", cwd=folder, code=2, NUMBA_DISABLE_CUDA="1")
    refusal.says("run.yaml:6:9: device: is cuda, but no GPU was found")


def resolved_config(run: Path) -> dict[str, Any]:
    """The resolved config of a run, read as nnctl reads it."""
    tree: dict[str, Any] = parse((run / "config.yaml").read_text(), "config.yaml").tree
    return tree


def test_odd_values_that_are_meant(folder: Path) -> None:
    """Rows 14 to 17 in a file: `1E5` and `.5` are numbers, `010` is ten, `no` and a date are text."""
    settings = "learning_rate: .5\nclip_norm: 1E5\nseed: 010\nname: no\nschedule: {type: cosine, minimum: 1e-3}\n"
    (folder / "run.yaml").write_text(LINE + settings)
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    resolved = resolved_config(folder / "run")
    assert (resolved["learning_rate"], resolved["clip_norm"], resolved["seed"]) == (0.5, 100_000.0, 10)
    assert resolved["name"] == "no"
    assert resolved["schedule"]["minimum"] == 0.001


def test_odd_overrides_that_are_meant(folder: Path) -> None:
    """The same on the command line, and later ones win."""
    (folder / "run.yaml").write_text(LINE)
    settings = ("learning_rate=7", "learning_rate=1e-3", "clip_norm=.5", "seed=010", "name=2024-01-01", "optimizer=sgd")
    report_of("train", "run.yaml", *settings, "optimizer.momentum=5e-1", "--run", "run", cwd=folder)
    resolved = resolved_config(folder / "run")
    assert (resolved["learning_rate"], resolved["clip_norm"], resolved["seed"]) == (0.001, 0.5, 10)
    assert resolved["name"] == "2024-01-01"
    assert (resolved["optimizer"]["type"], resolved["optimizer"]["momentum"]) == ("sgd", 0.5)


def test_a_path_of_an_override_starts_from_the_working_folder_and_one_of_a_file_from_its_own(folder: Path) -> None:
    (folder / "configs").mkdir()
    (folder / "configs" / "run.yaml").write_text(LINE)
    refusal = refusal_of("check", "configs/run.yaml", cwd=folder, code=3)
    refusal.says("error: configs/line.csv: does not exist")
    assert nnctl("check", "configs/run.yaml", "data.source=line.csv", cwd=folder).returncode == 0
    home = nnctl("check", "configs/run.yaml", "data.source=~/line.csv", cwd=folder, HOME=str(folder))
    assert home.returncode == 0, home.stderr


def test_an_override_of_nothing_is_null(folder: Path) -> None:
    (folder / "run.yaml").write_text(LINE + "clip_norm: 1.0\n")
    assert nnctl("check", "run.yaml", "clip_norm=", f"data.validation={DATA}/nothing.csv", cwd=folder).returncode == 3
    assert nnctl("check", "run.yaml", "clip_norm=", cwd=folder).returncode == 0
