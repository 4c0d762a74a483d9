"""What is said of each mistake: the place, what was expected, and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nnctl.config.other_tools import KEYS_INSIDE, KIND_REMEDIES, KINDS, OTHER_TOOLS_KEYS, kind_of, remedy_for_kind
from nnctl.config.run_config import RunConfig
from nnctl.config.schema import keys_of
from nnctl.data.source import Source
from nnctl.layers.layer import Layer
from nnctl.layers.regularization import Regularization
from nnctl.losses.loss import Loss
from nnctl.metrics.metric import Metric
from nnctl.optimizers.optimizer import Optimizer
from nnctl.schedules.schedule import Schedule
from nnctl.spec import kinds
from tests.support.configs import BASE, problems_in
from tests.support.work import assert_linear

LAYER = "data: a.npz\nloss: mse\nlayers:\n  - "  # what is added stands in line 4, column 5

# what is added to BASE: (place, path, words of what is wrong, the remedy)
ADDED: dict[str, tuple[str, str, str, str]] = {
    "epochs: 1.0": ("4:9", "epochs", "expected a whole number, got 1.0", "write 1"),
    "epochs: 1e300": ("4:9", "epochs", "expected a whole number", "leave it out for 10, the default"),
    "epochs: true": ("4:9", "epochs", "expected a whole number, got true", "leave it out for 10, the default"),
    'epochs: "3"': ("4:9", "epochs", "expected a whole number, got '3'", "remove the quotes"),
    "epochs: 1_000": ("4:9", "epochs", "expected a whole number, got '1_000'", "write 1000"),
    "epochs: 1,000": ("4:9", "epochs", "expected a whole number, got '1,000'", "write 1000"),
    "epochs: 1:30": ("4:9", "epochs", "expected a whole number, got '1:30'", "write digits, such as 64"),
    "epochs: [3]": ("4:9", "epochs", "expected a whole number, got [3]", "remove the brackets"),
    "epochs:": ("4:8", "epochs", "expected a whole number, got nothing", "leave it out for 10, the default"),
    "learning_rate: 0,1": ("4:16", "learning_rate", "expected a number, got '0,1'", "write 0.1"),
    "learning_rate: .nan": ("4:16", "learning_rate", "expected a finite number, got nan", "leave it out for 0.001"),
    "learning_rate: -1": ("4:16", "learning_rate", "expected a number above 0, got -1", "leave it out for 0.001"),
    "lerning_rate: 1": ("4:1", "lerning_rate", "unknown key", "did you mean learning_rate?"),
    "hidden: 64,32": ("4:1", "hidden", "unknown key", "the keys here are: name, seed"),
    "momentum: 0.9": (
        "4:1",
        "momentum",
        "unknown key",
        "write it under optimizer: `optimizer: {momentum: …}`",
    ),
    "shuffle: true": ("4:1", "shuffle", "unknown key", "write it under data"),
    "patience: 3": ("4:1", "patience", "unknown key", "write it under early_stopping"),
    "batch_size: 0": ("4:13", "batch_size", "expected a number of at least 1, got 0", "leave it out for 32"),
    "seed: 1180591620717411303424": ("4:7", "seed", "got a number of 22 digits", "leave it out for 0"),
    "name: ../../x": ("4:7", "name", "'../../x' cannot name a folder", "letters, digits"),
    "name: 'a; b/c'": ("4:7", "name", "'a; b/c' cannot name a folder", "letters, digits"),
    "name: 3": ("4:7", "name", "expected text, got 3", 'put it in quotes: "3"'),
    f"name: {'é' * 100}x": ("4:7", "name", "expected at most 100 characters", "give at most 100 characters"),
    f"name: {'😀' * 90}": ("4:7", "name", "is longer than 200 bytes", "use a shorter name"),
    "clip_norm: None": ("4:12", "clip_norm", "expected a number, got 'None'", "leave it out"),
    "precision: 32": ("4:12", "precision", "expected float32 or float64, got 32", "leave it out for float32"),
    "device: gpu": ("4:9", "device", "expected cpu or cuda, got 'gpu'", "leave it out for cpu"),
    "early_stopping: true": ("4:17", "early_stopping", "expected a mapping", "keys here are: monitor, patience"),
    "optimizer:": (
        "4:11",
        "optimizer",
        "expected a name or a mapping, got nothing",
        "leave it out for adam, the default",
    ),
    "optimizer: adan": ("4:12", "optimizer", "unknown type 'adan'", "did you mean adam?"),
    "optimizer: {momentum: 0.9}": ("4:12", "optimizer", "has no type", "add `type:`"),
    "optimizer: {type: }": (
        "4:18",
        "optimizer",
        "expected a name for type, got nothing",
        "choose one of: adadelta, adagrad, adam",
    ),
    "schedule: OneCycleLR": ("4:11", "schedule", "unknown type 'OneCycleLR'", "did you mean one_cycle?"),
    "schedule: {type: cosine, T_0: 3}": ("4:26", "schedule.T_0", "unknown key", "did you mean period?"),
    "schedule: {type: one_cycle, max_lr: 1}": (
        "4:29",
        "schedule.max_lr",
        "unknown key",
        "write `learning_rate` at the top level",
    ),
    "schedule: {type: reduce_on_plateau, mode: max}": ("4:37", "schedule.mode", "unknown key", "leave it out: whether"),
    "schedule: {type: piecewise, epochs: [3], factors: [1, 2]}": (
        "4:11",
        "schedule",
        "piecewise has 1 epoch, but 2 factors",
        "give a factor for each epoch",
    ),
    "optimizer: {type: sgd, learning_rate: 1}": ("4:24", "optimizer.learning_rate", "unknown key", "at the top level"),
    "optimizer: {type: sgd, nesterov: true}": ("4:12", "optimizer", "nesterov needs a momentum", "set momentum: 0.9"),
    "optimizer: {type: adam, betas: 0.9}": (
        "4:32",
        "optimizer.betas",
        "expected a list, got 0.9",
        "leave it out for [0.9, 0.999]",
    ),
    "optimizer: {type: adam, betas: '.9, .99'}": ("4:32", "optimizer.betas", "expected a list", "use [.9, .99]"),
    "schedule: step": ("4:11", "schedule.every", "is missing", "write {type: step, every: …}"),
    "schedule: {type: step}": ("4:11", "schedule.every", "is missing", "add `every:`"),
    "schedule: {type: cosine, warmup: 11}": ("4:34", "schedule.warmup", "is 11 epochs, the run has 10", "shorter"),
    "metrics: accuracy": ("4:10", "metrics", "expected a list, got 'accuracy'", "use [accuracy]"),
    "metrics: {type: accuracy}": ("4:10", "metrics", "expected a list, got a mapping", "begin every item with `- `"),
    "metrics: [mae]": ("4:11", "metrics.0", "targets of cross_entropy are class targets", "change the loss"),
    "metrics: [accuracy, accuracy]": ("4:21", "metrics.1", "accuracy is listed twice", "keep one of the two"),
    "monitor: acuracy": ("4:10", "monitor", "is acuracy, which is not measured", "did you mean accuracy?"),
    "monitor: val_loss": ("4:10", "monitor", "there are no validation samples", "set data.validation: 0.1"),
    "monitor: x\nearly_stopping: {}": (
        "4:10",
        "monitor",
        "is x, which is not measured",
        "choose one of: loss, accuracy",
    ),
}

# the only layer: (column in line 4, path, words of what is wrong, the remedy)
LAYERS: dict[str, tuple[int, str, str, str]] = {
    "linaer": (5, "layers.0", "unknown type 'linaer'", "did you mean linear?"),
    "linear": (5, "layers.0.out_features", "is missing", "write {type: linear, out_features: …}"),
    "3": (5, "layers.0", "expected a name or a mapping, got 3", "choose one of: activity_penalty"),
    "{type: 3}": (12, "layers.0", "expected a name for type, got 3", "choose one of: activity_penalty"),
    "{type: linear, out_feature: 3}": (
        20,
        "layers.0.out_feature",
        "unknown key",
        "did you mean out_features?",
    ),
    "{type: linear, out_features: 0}": (34, "layers.0.out_features", "a number of at least 1", "give a number of at"),
    "{type: dropout, p: 1.0}": (24, "layers.0.p", "expected a number below 1, got 1.0", "leave it out for 0.5"),
    "{type: linear, out_features: 3, weight: true}": (
        45,
        "layers.0.weight",
        "a name or a mapping",
        "choose one of: const",
    ),
    "{type: linear, out_features: 3, activation: relux}": (
        49,
        "layers.0.activation",
        "unknown type 'relux'",
        "did you mean relu?",
    ),
    "{type: linear, out_features: 3, activation: {type: elu, alpha: -1}}": (
        *(68, "layers.0.activation.alpha", "expected a number of at least 0, got -1", "leave it out for 1.0"),
    ),
    "{type: max_pool2d, kernel_size: [1, 2, 3]}": (
        37,
        "layers.0.kernel_size",
        "expected at most 2 items",
        "at most 2 items",
    ),
    "{type: max_pool2d, kernel_size: [1, 0]}": (
        41,
        "layers.0.kernel_size.1",
        "a number of at least 1",
        "give a number",
    ),
    "{type: max_pool2d, kernel_size: '3,3'}": (37, "layers.0.kernel_size", "a whole number or a list", "use [3, 3]"),
    "{type: max_pool2d, kernel_size: 3, padding: sane}": (
        *(49, "layers.0.padding", "expected valid, same or a whole number", "did you mean same?"),
    ),
}


@pytest.mark.parametrize("text", ADDED)
def test_a_mistake_is_told_once_with_its_place_and_its_remedy(tmp_path: Path, text: str) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2)), y=np.arange(4) % 2)
    (problem,) = problems_in(tmp_path, f"{BASE}{text}\n")
    place, path, what, help = ADDED[text]
    assert (f"{problem.line}:{problem.column}", problem.path) == (place, path)
    assert problem.file == str(tmp_path / "run.yaml")
    assert what in problem.what
    assert help in problem.help


@pytest.mark.parametrize("text", LAYERS)
def test_a_mistake_in_a_layer(tmp_path: Path, text: str) -> None:
    (problem,) = problems_in(tmp_path, f"{LAYER}{text}\n")
    column, path, what, help = LAYERS[text]
    assert (problem.line, problem.column, problem.path) == (4, column, path)
    assert what in problem.what
    assert help in problem.help


@pytest.mark.parametrize(
    ("text", "path", "what", "help"),
    [
        ("data: 3", "data", "expected a path or a mapping, got 3", "give a path"),
        ("data: a.csv", "data.target", "is missing", "write {source: a.csv, target: …}"),
        ("data: {source: a.csv, targt: y}", "data.targt", "unknown key", "did you mean target?"),
        *(
            (
                f"data: {{source: a.csv, target: y, test: {{column: x, {key}: 0}}}}",
                f"data.test.{key}",
                "unknown key",
                help,
            )
            for key, help in (
                ("from_", "did you mean from?"),
                ("frm", "did you mean from?"),
                ("until", "equals, from, to, last"),
            )
        ),
        ("data: {source: '${NOPE}', target: y}", "data.source", "the environment variable NOPE is not set", "export"),
        ("data: {source: '${NOPE:-a.csv}', target: y}", "data.source", "a default as a shell has it", "${NOPE:a.csv}"),
        ("data: {source: $A, target: y}", "data.target", "unknown key", "an environment variable is written ${A}"),
        ("data: {target: y}", "data.source", "is missing", "add `source:`"),
        ("data: {source: a, format: cvs}", "data", "unknown format 'cvs'", "did you mean csv?"),
        ("data: {source: a, shape: 28}", "data.shape", "expected a list, got 28", "use [28]"),
        ("data: {source: a, shuffle: on}", "data.shuffle", "expected true or false, got 'on'", "use true"),
        ("data: {source: a, shuffle: False}", "data.shuffle", "expected true or false, got 'False'", "use false"),
        ("data: {source: a, validation: 1.5}", "data.validation", "a fraction between 0 and 1 or a path", "a tenth"),
        ("data: ''", "data", "expected at least 1 character, got empty text", "give at least 1 character"),
    ],
)
def test_a_mistake_in_the_data(tmp_path: Path, text: str, path: str, what: str, help: str) -> None:
    (problem,) = problems_in(tmp_path, BASE.replace("data: a.npz", text))
    assert (problem.line, problem.path) == (1, path)
    assert what in problem.what
    assert help in problem.help


@pytest.mark.parametrize(
    ("text", "what", "help"),
    [
        ("layers: []", "expected at least 1 item, got an empty list", "give at least 1 item"),
        ("layers: linear", "expected a list, got 'linear'", "use [linear]"),
        ("layers:\n  -flatten\n  -relu", "expected a list", "write a space after every `-`"),
        ("", "is missing", "add `layers:`"),
    ],
)
def test_no_layers(tmp_path: Path, text: str, what: str, help: str) -> None:
    (problem,) = problems_in(tmp_path, f"data: a.npz\nloss: mse\n{text}\n")
    assert problem.path == "layers"
    assert what in problem.what
    assert help in problem.help


def test_a_function_that_is_inside_the_loss(tmp_path: Path) -> None:
    for layers, path in (
        ("[{type: linear, out_features: 3, activation: softmax}]", "layers.0.activation"),
        ("[{type: linear, out_features: 3}, softmax]", "layers.1"),
    ):
        (problem,) = problems_in(tmp_path, f"data: a.npz\nlayers: {layers}\nloss: cross_entropy\n")
        assert (problem.line, problem.path, problem.help) == (2, path, "remove softmax")
        assert problems_in(tmp_path, f"data: a.npz\nlayers: {layers}\nloss: mse\n") == []


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = "data: {source: a, shuffle: on}\nlayers: [linaer, linear]\nloss: 3\nepochs: 0\nbatch_sise: 2\n"
    told = [(problem.line, problem.path) for problem in problems_in(tmp_path, text)]
    assert told == [
        *((1, "data.shuffle"), (2, "layers.0"), (2, "layers.1.out_features")),
        *((3, "loss"), (4, "epochs"), (5, "batch_sise")),
    ]


def test_beside_a_key_that_cannot_be_read_nothing_is_called_missing(tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, f"{LAYER}{{type: linear, out_features:3}}\n")
    assert problem.help == "write `out_features: 3`, with a space after the colon"
    told = problems_in(tmp_path, f"{BASE}optimizer: {{type:sgd}}\ntrue: x\nepochs: 0\n")
    assert sorted(problem.line or 0 for problem in told) == [4, 5, 6]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "count"),
    [
        (lambda count: BASE + "".join(f"key_{number}: 1\n" for number in range(count)), 15_000),
        (lambda count: BASE.replace("flatten", ", ".join(["{type: linear, out_features: 0}"] * count)), 900),
    ],
    ids=["keys", "values"],
)
def test_of_thousands_of_mistakes_the_first_are_told(tmp_path: Path, text: Callable[[int], str], count: int) -> None:
    assert len(problems_in(tmp_path, text(count))) == 50
    assert_linear(lambda count: problems_in(tmp_path, text(count)), count // 8)


@pytest.mark.parametrize(
    ("line", "path", "meant"),
    [
        ("lr: 0.1", "lr", "learning_rate"),
        ("max_epochs: 3", "max_epochs", "epochs"),
        ("random_state: 3", "random_state", "seed"),
        ("optimizer: {type: adam, epsilon: 0.1}", "optimizer.epsilon", "eps"),
        ("optimizer: {type: adam, l2: 0.1}", "optimizer.l2", "weight_decay"),
        ("max_grad_norm: 1", "max_grad_norm", "clip_norm"),
        ("kernel_regularizer: {l2: 1}", "kernel_regularizer", "regularization"),
    ],
)
def test_the_words_of_other_tools_are_understood(tmp_path: Path, line: str, path: str, meant: str) -> None:
    (problem,) = problems_in(tmp_path, f"{BASE}{line}\n")
    assert (problem.path, problem.what, problem.help) == (path, "unknown key", f"did you mean {meant}?")


@pytest.mark.parametrize(
    ("layer", "key", "help"),
    [
        ("{type: lstm, units: 4}", "units", "did you mean hidden_size?"),
        ("{type: linear, units: 4}", "units", "did you mean out_features?"),
        ("{type: gru, hidden_size: 4, layers: 2}", "layers", "did you mean num_layers?"),
        ("{type: parallel, layers: [relu]}", "layers", "did you mean branches?"),
        ("{type: gru, hidden_size: 4, return_sequences: true}", "return_sequences", "write `return: sequence`"),
        ("{type: embedding, embedding_dim: 2, input_dim: 4}", "input_dim", "did you mean num_embeddings?"),
        ("{type: linear, out_features: 2, input_dim: 4}", "input_dim", "leave it out: it follows from the inputs"),
        ("{type: leaky_relu, negative_slope: 0.1}", "negative_slope", "did you mean slope?"),
        ("{type: linear, out_features: 2, use_bias: true}", "use_bias", "did you mean bias?"),
        ("{type: linear, out_features: 2, l2: 1}", "l2", "write it under regularization: `regularization: {l2: …}`"),
        ("{type: linear, out_features: 2, max_norm: 1}", "max_norm", "write it under regularization"),
        ("{type: linear, out_features: 2, lr: 1}", "lr", "write `learning_rate:` at the top level, not under layers.0"),
        ("{type: random_flip, mode: vertical}", "mode", "did you mean axis?"),
        ("{type: random_affine, degrees: 5, rotation_range: 10}", "rotation_range", "did you mean degrees?"),
        ("{type: random_affine, degrees: 5, translate: 0.1}", "translate", "did you mean shift?"),
        ("{type: random_crop, padding: 1, shift: 2}", "shift", "did you mean padding?"),
        ("{type: random_contrast, amount: 0.1, factor: 0.1}", "factor", "did you mean amount?"),
        ("{type: attention, heads: 2, dropout: 0.1}", "dropout", "put a dropout layer behind this one"),
    ],
)
def test_the_words_of_other_tools_inside_a_layer(tmp_path: Path, layer: str, key: str, help: str) -> None:
    (problem,) = problems_in(tmp_path, f"{LAYER}{layer}\n")
    assert (problem.path, problem.what) == (f"layers.0.{key}", "unknown key")
    assert problem.help.startswith(help)


@pytest.mark.parametrize(
    ("layer", "help"),
    [
        ("Dense", "did you mean linear?"),
        ("Swish", "did you mean silu?"),
        ("AdaptiveAvgPool2d", "did you mean global_avg_pool?"),
        ("PositionalEncoding", "did you mean positions?"),
        ("RandomHorizontalFlip", "did you mean random_flip?"),
        ("RandomRotation", "did you mean random_affine?"),
        ("random_erasing", "did you mean cutout?"),
        ("ColorJitter", "write random_brightness and random_contrast"),
        ("Bidirectional", "write `bidirectional: true`"),
        ("{bidirectional: {type: lstm, hidden_size: 3}}", "write `bidirectional: true`"),
        ("{linear: {out_features: 3}}", "write {type: linear, …}, with its keys side by side"),
        ("dense: {units: 3}", "write {type: linear, …}, with its keys side by side"),
        ("{out_features: 3}", "add `type:`"),
    ],
)
def test_the_kinds_of_other_tools(tmp_path: Path, layer: str, help: str) -> None:
    (problem,) = problems_in(tmp_path, f"{LAYER}{layer}\n")
    assert problem.path == "layers.0"
    assert problem.help.startswith(help)


@pytest.mark.parametrize(
    ("text", "path", "help"),
    [
        ("l2: 0.1", "l2", "write it under regularization: `regularization: {l2: …}`"),
        ("max_norm: 3", "max_norm", "write `clip_norm` for gradients, or `regularization: {max_norm: …}` for weights"),
        ("optimizer: {type: adam, lr: 0.1}", "optimizer.lr", "write `learning_rate:` at the top level, not under opt"),
    ],
)
def test_a_word_with_its_place(tmp_path: Path, text: str, path: str, help: str) -> None:
    (problem,) = problems_in(tmp_path, f"{BASE}{text}\n")
    assert problem.path == path
    assert problem.help.startswith(help)


def test_every_word_of_another_tool_is_a_key_or_a_kind_here() -> None:
    keys, names = set(RunConfig.model_fields), set()
    for family in (Layer, Loss, Optimizer, Schedule, Metric, Source):
        names |= set(kinds(family))
        keys |= {key for kind in kinds(family).values() for key in keys_of(kind)}
    keys |= set(Regularization.model_fields)
    assert set(OTHER_TOOLS_KEYS.values()) <= keys
    assert not set(OTHER_TOOLS_KEYS) & set(RunConfig.model_fields)
    assert {key for meant in KEYS_INSIDE.values() for key in meant.split()} <= keys
    assert set(KINDS.values()) <= names
    assert all(kind_of(word, names) == kind for word, kind in KINDS.items())
    assert all(remedy_for_kind(word) == remedy for word, remedy in KIND_REMEDIES.items())
    assert not (set(KINDS) | set(KIND_REMEDIES)) & set(kinds(Layer))


@pytest.mark.parametrize(
    ("key", "help"),
    [
        ("validation_split", "write it under data: `data: {validation: …}`"),
        ("test_size", "write it under data: `data: {test: …}`"),
        ("wd", "write it under optimizer: `optimizer: {weight_decay: …}`"),
        ("EPOCHS", "did you mean epochs?"),
    ],
)
def test_words_of_other_tools_in_another_place(tmp_path: Path, key: str, help: str) -> None:
    (problem,) = problems_in(tmp_path, f"{BASE}{key}: 3\n")
    assert (problem.path, problem.what, problem.help) == (key, "unknown key", help)


@pytest.mark.parametrize("source", ["points.txt", "points.dat", "points"])
def test_a_table_whose_ending_tells_no_format(tmp_path: Path, source: str) -> None:
    rest = "layers: [{type: linear, out_features: 1}]\nloss: mse\nbatch_size: 2\n"
    (problem,) = problems_in(tmp_path, f"data: {{source: {source}, target: y}}\n{rest}")
    assert (problem.path, problem.what) == ("data.target", "unknown key")
    assert problem.help == f"{source} has no ending that tells its format: set `format: csv`, or parquet"
    (tmp_path / source).write_text("x,y\n1,2\n2,3\n3,5\n")
    assert problems_in(tmp_path, f"data: {{source: {source}, target: y, format: csv}}\n{rest}") == []


@pytest.mark.parametrize("source", ["", "source: ${NNCTL_NOT_SET}/d.csv, ", "source: 3, ", "source: [a.csv], "])
def test_keys_of_data_are_not_blamed_for_a_source_that_cannot_be_read(tmp_path: Path, source: str) -> None:
    (problem,) = problems_in(
        tmp_path, f"data: {{{source}target: y}}\nlayers: [{{type: linear, out_features: 1}}]\nloss: mse\n"
    )
    assert problem.path == "data.source"
