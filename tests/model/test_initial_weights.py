"""Which weights a run takes of a checkpoint, what is said of it, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from nnctl.config.load import load_config
from nnctl.errors import CheckpointError, ConfigError, NnctlError, Problem
from nnctl.model.checkpoint import read_checkpoint, write_checkpoint
from nnctl.model.preparation import Prepared, prepare
from tests.support.command import report_of
from tests.support.transfer import CHECKPOINT, CONFIG, OF, write_run, write_runs


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    write_runs(folder)
    return folder


@pytest.fixture(autouse=True)
def _here(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(old)


def prepared(name: str, *overrides: str) -> Prepared:
    return prepare(load_config(f"{name}.yaml", ["initialize_from=runs/old", *overrides]))


def problems(name: str, *overrides: str, error: type[NnctlError] = ConfigError) -> list[Problem]:
    with pytest.raises(error) as raised:
        prepared(name, *overrides)
    assert all(problem.help for problem in raised.value.problems)
    return list(raised.value.problems)


def check_taken(made: Prepared, *layers: str) -> None:
    """Just the tensors of these layers are taken, as they are in the checkpoint."""
    assert made.initial.keys() == set().union(*(OF[layer] for layer in layers))
    kept = load_file(CHECKPOINT)
    assert all(made.initial[name].tobytes() == kept[name].tobytes() for name in made.initial)


def test_the_same_task_takes_all() -> None:
    made = prepared("old")
    check_taken(made, *OF)
    (note,) = made.notes
    assert re.fullmatch(rf"takes the weights of 4 of 4 layers from {CHECKPOINT}, trained for [12] epochs?", note)


def test_of_another_number_of_classes_the_last_layer_is_new() -> None:
    made = prepared("new")
    check_taken(made, "layers.0", "layers.1", "layers.2")
    assert "takes the weights of 3 of 4 layers from " in made.notes[0]
    assert made.notes[0].endswith("; starts new: layers.3 (linear, 4 -> 5 outputs)")


def test_of_other_classes_the_last_layer_is_new_unless_it_is_named() -> None:
    made = prepared("others")
    check_taken(made, "layers.0", "layers.1", "layers.2")
    assert made.notes[0].endswith("; starts new: layers.3 (linear, its classes were others)")
    check_taken(prepared("others", "initialize_from.layers=[layers.3]"), "layers.3")


def test_layers_by_name_and_all_inside_them() -> None:
    made = prepared("new", "initialize_from.layers=[layers.0, layers.2]")
    check_taken(made, "layers.0", "layers.2")
    assert made.notes[0].endswith("start new: layers.1 (batch_norm, not named), layers.3 (linear, not named)")
    check_taken(prepared("new", "initialize_from.layers=[layers.2.layers.0]"), "layers.2")


def test_layers_that_start_new_though_they_would_fit() -> None:
    made = prepared("old", "initialize_from.exclude=[layers.2, layers.3]")
    check_taken(made, "layers.0", "layers.1")
    assert "layers.2.layers.0 (linear, excluded), layers.3 (linear, excluded)" in made.notes[0]


def test_where_names_have_moved_they_are_mapped_and_the_remedy_says_how(old: Path) -> None:
    write_run(old, "moved", [0, 1, 2], CONFIG.replace("layers:\n", "layers:\n  - {type: dropout, p: 0.1}\n"))
    (problem,) = problems("moved")
    assert problem.path == "initialize_from"
    assert "3 of 4 layers cannot take weights" in problem.what or "has nothing that fits" in problem.what
    names = "{layers.1: layers.0, layers.2: layers.1, layers.3.layers.0: layers.2.layers.0}"
    assert f"layers: {names}" in problem.help
    made = prepared("moved", f"initialize_from.layers={names}")
    kept = load_file(CHECKPOINT)
    np.testing.assert_array_equal(made.initial["layers.1.activation.slope"], kept["layers.0.activation.slope"])
    np.testing.assert_array_equal(made.initial["layers.3.layers.0.weight"], kept["layers.2.layers.0.weight"])
    check = prepared("moved", "initialize_from.layers={layers.3: layers.2, layers.1: layers.0}")
    assert check.initial.keys() == {*made.initial} - {f"layers.2.{name.split('.')[-1]}" for name in OF["layers.1"]}


def test_one_layer_in_the_middle_that_does_not_fit_is_refused() -> None:
    (problem,) = problems("new", "layers.2.layers.0.bias=false")
    assert "1 of 4 layers cannot take weights of " in problem.what
    assert "layers.2.layers.0 (linear, weight here, weight, bias there)" in problem.what
    assert problem.help.endswith("{checkpoint: …, layers: [layers.0, layers.1]}")


def test_other_kinds_and_shapes() -> None:
    (problem,) = problems("new", "initialize_from.layers=[layers.1]", "layers.1.type=layer_norm")
    assert (problem.path, "layers.1 (layer_norm, batch_norm there)" in problem.what) == (
        "initialize_from.layers.0",
        True,
    )
    (problem,) = problems("new", "layers.0.activation=relu")
    assert "layers.0 (linear, linear with prelu there)" in problem.what
    (problem,) = problems("old", "initialize_from.layers=[layers.3]", "initialize_from.exclude=[layers.3]")
    assert "has nothing that fits" in problem.what


def test_names_that_are_none() -> None:
    found = problems("new", "initialize_from.layers=[layers.9, layer.0, head]", "initialize_from.exclude=[layers.00]")
    assert [(problem.path, problem.help) for problem in found] == [
        ("initialize_from.exclude.0", "there are: layers.0, layers.1, layers.2.layers.0, layers.3"),
        ("initialize_from.layers.0", "there are: layers.0, layers.1, layers.2.layers.0, layers.3"),
        ("initialize_from.layers.1", "did you mean layers.0?"),
        ("initialize_from.layers.2", "there are: layers.0, layers.1, layers.2.layers.0, layers.3"),
    ]
    (problem,) = problems("new", "initialize_from.layers={layers.0: layers.4}")
    assert problem.what == f"layers.4 is no layer with weights in {CHECKPOINT}"


def test_another_precision_is_converted_and_said() -> None:
    made = prepared("old", "precision=float64")
    assert {tensor.dtype for tensor in made.initial.values()} == {np.dtype("float64")}
    assert made.notes[1] == "these weights were float32, are float64 here"


def test_layers_that_make_something_else_of_the_weights_are_said() -> None:
    made = prepared("old", "layers.1={type: batch_norm, eps: 0.1}", "layers.3.bias=0.5")
    check_taken(made, *OF)
    told = "these weights were trained for other settings: layers.1 (batch_norm, eps is 0.1, 1e-05 there)"
    assert made.notes[1] == told


def test_numbers_that_are_not_finite_are_refused(old: Path) -> None:
    kept = read_checkpoint(Path(CHECKPOINT))
    kept.tensors["layers.1.running_var"][0] = np.nan
    write_checkpoint(old / "diverged.safetensors", kept)
    (problem,) = problems("old", "initialize_from=diverged.safetensors", error=CheckpointError)
    assert (problem.file, problem.path) == ("diverged.safetensors", "initialize_from")
    assert "NaN or infinite numbers in layers.1.running_var" in problem.what


def test_the_hash_is_that_of_the_weights_alone(old: Path) -> None:
    first = prepared("old").initialized_from
    kept = read_checkpoint(Path(CHECKPOINT))
    kept.tensors["optimizer.moment1"] = kept.tensors[next(name for name in kept.tensors if "optimizer" in name)] + 1
    write_checkpoint(old / "slots.safetensors", kept)
    assert first is not None
    assert prepared("old", "initialize_from=slots.safetensors").initialized_from == first
    kept.tensors["layers.3.bias"][0] += 1
    write_checkpoint(old / "bias.safetensors", kept)
    other = prepared("new", "initialize_from=bias.safetensors").initialized_from
    assert other is not None  # though that layer is not taken
    assert other.weights != first.weights


def test_other_scales_are_said(old: Path) -> None:
    notes = prepared("old", "data.standardize=true", "data.scale=2").notes
    assert notes[1] == (
        "the weights were trained on data that were scaled otherwise: inputs were divided by 1, are by 2; "
        "inputs were not standardized, are now"
    )
    report_of("train", "old.yaml", "data.standardize=true", "--run", "runs/standard", "-q", cwd=old)
    notes = prepared("new", "initialize_from=runs/standard", "data.standardize=true").notes
    assert notes[1].endswith("scaled otherwise: inputs have another mean and deviation")


def test_the_same_data_split_otherwise_is_said() -> None:
    assert "the same data, split otherwise" in prepared("old", "data.validation=0.5").notes[1]
    assert "the same data, split otherwise" in prepared("old", "data.fold={number: 1, folds: 3}").notes[1]


def test_a_frozen_layer_that_takes_no_weights_is_said(old: Path) -> None:
    named = "initialize_from.layers=[layers.1]"
    notes = prepared("new", named, "layers.0.freeze=true", "layers.1.freeze=true", "layers.2.freeze=true").notes
    assert notes[1] == "layers.0, layers.2.layers.0: frozen, and taking no weights; random ones stay as they are"
    notes = prepare(load_config("new.yaml", ["layers.1.freeze=true"])).notes
    assert notes == ("layers.1: frozen, and taking no weights; random ones stay as they are",)


TABLE = """data: {source: FILE, target: price, validation: 0.25, categories: {encoding: ENCODING}}
layers:
  - {type: linear, out_features: 4, activation: relu}
  - {type: linear, out_features: 1}
loss: mse
epochs: 1
batch_size: 8
"""


def write_table(folder: Path, name: str, columns: str, encoding: str = "one_hot", colours: str = "red blue") -> None:
    words = colours.split()
    values = {"size": lambda i: i % 7, "age": lambda i: i % 5, "colour": lambda i: words[i % 2], "price": lambda i: i}
    rows = [",".join(str(values[column](i)) for column in columns.split(",")) for i in range(24)]
    (folder / f"{name}.csv").write_text("\n".join([columns, *rows]) + "\n")
    (folder / f"{name}.yaml").write_text(TABLE.replace("FILE", f"{name}.csv").replace("ENCODING", encoding))


def test_columns_in_another_order_are_no_inputs_for_the_first_layer(old: Path) -> None:
    write_table(old, "houses", "size,age,colour,price")
    write_table(old, "turned", "age,size,colour,price")
    write_table(old, "same", "price,size,age,colour")
    report_of("train", "houses.yaml", "-q", cwd=old)
    start = "initialize_from=runs/houses"
    (problem,) = problems("turned", start)
    assert "layers.0 (linear, the columns come in another order)" in problem.what
    assert prepared("turned", start, "initialize_from.layers=[layers.1]").initial.keys() == {
        *("layers.1.weight", "layers.1.bias")
    }
    assert len(prepared("same", start).initial) == 4
    write_table(old, "painted", "size,age,colour,price", colours="green blue")
    (problem,) = problems("painted", start)
    assert "layers.0 (linear, the columns are others)" in problem.what


def test_of_another_target_the_last_layer_is_new(old: Path) -> None:
    write_table(old, "flats", "size,age,price")
    report_of("train", "flats.yaml", "-q", cwd=old)
    for name in ("csv", "yaml"):
        (old / f"rents.{name}").write_text((old / f"flats.{name}").read_text().replace("price", "rent"))
    (old / "rents.yaml").write_text((old / "rents.yaml").read_text().replace("flats.csv", "rents.csv"))
    notes = prepared("rents", "initialize_from=runs/flats").notes
    assert notes[0].endswith("starts new: layers.1 (linear, its targets were others: price)")


def test_vectors_of_other_categories_are_not_taken(old: Path) -> None:
    write_table(old, "embedded", "size,colour,price", "embedding")
    report_of("train", "embedded.yaml", "-q", cwd=old)
    start = "initialize_from=runs/embedded"
    assert "data.colour" in prepared("embedded", start).initial
    write_table(old, "repainted", "size,colour,price", "embedding", colours="green blue")
    (problem,) = problems("repainted", start)
    assert "data (embed_columns, the categories are others)" in problem.what
    frozen = prepared("embedded", start, "layers.0.freeze=true").plan
    assert [layer.trainable > 0 for layer in frozen.layers if layer.parameters] == [False, False, True]


TEXT = """data: {source: FILE, text: {column: text, length: 4}, target: y, validation: 0.25}
layers:
  - {type: embedding, embedding_dim: 3}
  - mean_over_steps
  - {type: linear, out_features: 2}
loss: cross_entropy
epochs: 1
batch_size: 8
"""


def write_texts(folder: Path, name: str, words: str) -> None:
    first, second = words.split()
    rows = [f"the {first if i % 2 else second} film,{i % 2}" for i in range(24)]
    (folder / f"{name}.csv").write_text("\n".join(["text,y", *rows]) + "\n")
    (folder / f"{name}.yaml").write_text(TEXT.replace("FILE", f"{name}.csv"))


def test_vectors_of_another_vocabulary_are_not_taken(old: Path) -> None:
    write_texts(old, "films", "good bad")
    write_texts(old, "shows", "great poor")
    report_of("train", "films.yaml", "-q", cwd=old)
    assert len(prepared("films", "initialize_from=runs/films").initial) == 3
    (problem,) = problems("shows", "initialize_from=runs/films")
    assert "layers.0 (embedding, the vocabulary is another)" in problem.what
