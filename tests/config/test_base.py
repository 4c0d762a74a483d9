"""`base: FILE` in the config of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnctl.config.load import LoadedConfig, dump_config, load_config, load_document
from nnctl.errors import ConfigError, Problem, UsageError
from nnctl.sweeps.load import load_sweep
from tests.support.command import nnctl, report_of

BASE = """data: {source: ../data/d.csv, target: y, validation: 0.2}
layers: [{type: linear, out_features: 4, activation: relu}, {type: linear, out_features: 1}]
loss: mse
optimizer: {type: sgd, momentum: 0.9}
schedule: cosine
metrics: [r2, mae]
epochs: 20
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """configs/base.yaml, and a folder runs.d for configs that have it as their base."""
    for name in ("configs", "data", "own"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "d.csv").write_text("x,y\n" + "".join(f"{i},{2 * i}\n" for i in range(20)))
    (tmp_path / "configs" / "base.yaml").write_text(BASE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(project: Path, text: str, *overrides: str) -> LoadedConfig:
    (project / "own" / "run.yaml").write_text("base: ../configs/base.yaml\n" + text)
    return load_config("own/run.yaml", overrides)


def problems(project: Path, text: str, *overrides: str) -> list[Problem]:
    with pytest.raises(ConfigError) as raised:
        load(project, text, *overrides)
    assert all(problem.help for problem in raised.value.problems)
    return list(raised.value.problems)


def test_the_order_is_defaults_base_file_command_line(project: Path) -> None:
    config = load(project, "epochs: 5\nseed: 2\n", "seed=3").config
    assert (config.batch_size, config.optimizer.model_dump()["momentum"], config.epochs, config.seed) == (32, 0.9, 5, 3)
    assert config.name == "run"
    assert load_config("configs/base.yaml").config.epochs == 20


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("optimizer: {weight_decay: 0.1}", "optimizer", ("sgd", {"momentum": 0.9, "weight_decay": 0.1})),
        ("optimizer: {type: sgd, weight_decay: 0.1}", "optimizer", ("sgd", {"momentum": 0.9, "weight_decay": 0.1})),
        ("optimizer: {type: sgd, momentum: 0.5}", "optimizer", ("sgd", {"momentum": 0.5})),
        ("optimizer: {type: rmsprop, alpha: 0.8}", "optimizer", ("rmsprop", {"momentum": 0, "alpha": 0.8})),
        ("optimizer: sgd", "optimizer", ("sgd", {"momentum": 0})),
        ("optimizer: {}", "optimizer", ("sgd", {"momentum": 0.9})),
        ("schedule: {minimum: 0.1}", "schedule", ("cosine", {"minimum": 0.1})),
        ("schedule: {warmup: 2}", "schedule", ("cosine", {"warmup": 2.0})),
        ("schedule: {type: constant, warmup: 2}", "schedule", ("constant", {"warmup": 2.0})),
        ("loss: huber", "loss", ("huber", {})),
        ("loss: {type: huber, delta: 3}", "loss", ("huber", {"delta": 3.0})),
    ],
)
def test_mappings_are_merged_and_those_of_another_type_replaced(
    project: Path, text: str, key: str, value: tuple[str, dict[str, Any]]
) -> None:
    found = getattr(load(project, text + "\n").config, key).model_dump()
    assert found["type"] == value[0]
    assert {name: found[name] for name in value[1]} == value[1]


def test_a_kind_that_is_the_default_is_known(project: Path) -> None:
    (project / "configs" / "base.yaml").write_text(BASE.replace("{type: sgd, momentum: 0.9}", "{type: adam, eps: 0.5}"))
    assert load(project, "optimizer: {type: adam}\n").config.optimizer.model_dump()["eps"] == 0.5
    assert load(project, "optimizer: {type: adamw}\n").config.optimizer.model_dump()["eps"] != 0.5


def test_lists_and_null_replace(project: Path) -> None:
    (project / "configs" / "base.yaml").write_text(BASE + "clip_norm: 1\nearly_stopping: {patience: 3}\n")
    text = "metrics: [rmse]\nlayers: [{type: linear, out_features: 1}]\nclip_norm:\nearly_stopping: {min_delta: 0.5}\n"
    config = load(project, text).config
    assert [metric.name for metric in config.metrics] == ["rmse"]
    assert len(config.layers) == 1
    assert config.clip_norm is None
    assert config.early_stopping is not None
    assert (config.early_stopping.patience, config.early_stopping.min_delta) == (3, 0.5)
    assert load(project, "early_stopping: null\n").config.early_stopping is None


def test_a_path_starts_from_the_folder_of_the_file_that_has_it(project: Path) -> None:
    assert load(project, "epochs: 1\n").config.data.source == str(project / "data" / "d.csv")
    own = load(project, "data: {source: e.csv}\n").config.data
    assert (own.source, own.validation) == (str(project / "own" / "e.csv"), 0.2)
    there = load(project, "", "data.source=f.csv").config.data
    assert (there.source, there.validation) == (str(project / "f.csv"), 0.2)


@pytest.mark.parametrize(
    "data", ["a.npz", "{source: a.npz}", "{source: a.npz, validation: 0.1}", "{format: npz, source: a}"]
)
def test_data_of_another_format_replace_all_of_it(project: Path, data: str) -> None:
    found = load(project, f"data: {data}\nloss: cross_entropy\nmetrics: []\n").config.data
    assert found.model_dump()["format"] == "npz"
    assert Path(found.source).parent == project / "own"
    assert found.validation != 0.2


def test_a_table_of_another_file_keeps_the_rest(project: Path) -> None:
    data = load(project, "data: {source: a.tsv, features: [x]}\n").config.data.model_dump()
    assert (data["target"], data["validation"]) == (["y"], 0.2)


def test_base_as_a_bare_path(project: Path) -> None:
    (project / "configs" / "base.yaml").write_text(
        BASE.replace("{source: ../data/d.csv, target: y, validation: 0.2}", "a.npz")
    )
    data = load(project, "data: {validation: 0.3}\nloss: cross_entropy\nmetrics: []\n").config.data
    assert (data.source, data.validation) == (str(project / "configs" / "a.npz"), 0.3)


def test_what_each_file_gave_is_told_and_the_resolved_config_has_no_base(project: Path) -> None:
    loaded = load(project, "epochs: 5\nseed: 2\noptimizer: {weight_decay: 0.1}\n")
    assert loaded.notes == (
        "own/../configs/base.yaml, the base, gives 9 keys; own/run.yaml gives 3 keys, and replaces 1 key of the base",
    )
    assert load(project, "seed: 2\n").notes[0].endswith("gives 10 keys; own/run.yaml gives 1 key")
    assert load(project, "").notes[0].endswith("gives 10 keys; own/run.yaml gives 0 keys")
    text = dump_config(loaded.config)
    assert "base" not in text
    (project / "again.yaml").write_text(text)
    assert load_config(project / "again.yaml").config == loaded.config


def test_mistakes_stand_in_the_file_that_has_them(project: Path) -> None:
    (project / "configs" / "base.yaml").write_text(
        BASE.replace("momentum: 0.9", "momentun: 0.9") + "seed: x\nclip_norm: *a\n"
    )
    found = problems(project, "epochs: many\nbatch_size: 0\noptimizer: {weight_decay: x}\n", "learning_rate=0")
    places = {(problem.path, problem.file, problem.line) for problem in found}
    assert places == {
        ("optimizer.momentun", "own/../configs/base.yaml", 4),
        ("seed", "own/../configs/base.yaml", 8),
        ("clip_norm", "own/../configs/base.yaml", 9),
        ("epochs", "own/run.yaml", 2),
        ("batch_size", "own/run.yaml", 3),
        ("optimizer.weight_decay", "own/run.yaml", 4),
        ("learning_rate", "command line: learning_rate=0", None),
    }


def test_what_is_wrong_with_a_replaced_value_of_the_base_is_no_mistake(project: Path) -> None:
    (project / "configs" / "base.yaml").write_text(BASE.replace("epochs: 20", "epochs: *a") + "optimizers: adam\n")
    (problem,) = problems(project, "epochs: 2\n")
    assert problem.path == "optimizers"


@pytest.mark.parametrize(
    ("text", "what", "help"),
    [
        ("base: bsae.yaml\n", "base: bsae.yaml: does not exist", "did you mean base.yaml?"),
        ("base: nowhere/x.yaml\n", "base: nowhere/x.yaml: does not exist", "there is no folder"),
        ("base: .\n", "is a folder, not a file", "name a file in it"),
        ("base:\n", "expected the path of one config", "name a YAML file, or remove `base`"),
        ("base: [a.yaml, b.yaml]\n", "expected the path of one config", "name a YAML file"),
        ("base: {epochs: 3}\n", "expected the path of one config", "name a YAML file"),
        ("base: ''\n", "expected the path of one config", "name a YAML file"),
    ],
)
def test_a_base_that_is_none(project: Path, text: str, what: str, help: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "configs" / "run.yaml").write_text("epochs: 3\n" + text)
    monkeypatch.chdir(project / "configs")
    with pytest.raises(ConfigError) as raised:
        load_config("run.yaml")
    (problem,) = raised.value.problems
    assert what in str(problem)
    assert help in problem.help
    assert (problem.file, problem.line, problem.path) == ("run.yaml", 2, "base")


def test_a_base_has_no_base(project: Path) -> None:
    (project / "configs" / "base.yaml").write_text("loss: mse\nbase: other.yaml\n")
    (problem,) = problems(project, "epochs: 2\n")
    assert (problem.file, problem.line) == ("own/../configs/base.yaml", 2)
    assert problem.what == "is the base of own/run.yaml, and a base has no base itself"
    (project / "own" / "self.yaml").write_text("base: self.yaml\n")
    with pytest.raises(ConfigError, match="a base has no base itself"):
        load_config("own/self.yaml")


def test_a_sweep_is_no_base(project: Path) -> None:
    (project / "configs" / "base.yaml").write_text("base: x.yaml\nparameters: {epochs: [1, 2]}\n")
    (problem,) = problems(project, "epochs: 2\n")
    assert problem.what == "this is the file of a sweep"


def test_a_base_of_the_command_line_starts_from_the_working_folder(project: Path) -> None:
    (project / "own" / "run.yaml").write_text("epochs: 2\n")
    config = load_config("own/run.yaml", ["epochs=3", "base=configs/base.yaml"]).config
    assert (config.epochs, config.data.source) == (3, str(project / "data" / "d.csv"))
    with pytest.raises(ConfigError, match=r"command line: base=none.yaml: base: none.yaml: does not exist"):
        load_config("own/run.yaml", ["base=none.yaml"])


def test_variables_in_both(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEED", "7")
    monkeypatch.setenv("WHERE", "../configs")
    (project / "configs" / "base.yaml").write_text(BASE + "seed: ${SEED}\nbatch_size: ${UNSET}\n")
    (project / "own" / "run.yaml").write_text("base: ${WHERE}/base.yaml\nbatch_size: 4\n")
    loaded = load_config("own/run.yaml")
    assert (loaded.config.seed, loaded.config.batch_size) == (7, 4)
    assert "environment variable SEED: 7" in loaded.notes
    assert "environment variable WHERE: ../configs" in loaded.notes


def test_the_same_file_by_absolute_path_and_home(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(project))
    for text in (str(project / "configs/base.yaml"), "~/configs/base.yaml"):
        (project / "own" / "run.yaml").write_text(f"base: {text}\n")
        assert load_config("own/run.yaml").config.data.source == str(project / "data" / "d.csv")


def test_a_base_behind_a_linked_folder_is_found_as_the_shell_finds_it(project: Path) -> None:
    (project / "deep").mkdir()
    (project / "deep" / "link").symlink_to(project / "own")
    (project / "own" / "run.yaml").write_text("base: ../configs/base.yaml\n")
    assert load_config("deep/link/run.yaml").config.epochs == 20


def test_sweeps_of_a_config_that_has_a_base(project: Path) -> None:
    """A sweep's own `base` is the config of its runs, which may have a base."""
    (project / "own" / "run.yaml").write_text("base: ../configs/base.yaml\nepochs: 3\n")
    direct = load_sweep("own/run.yaml", ["learning_rate=0.1,0.01"])
    assert direct.settings.name == "run-sweep"
    assert direct.space.base.tree["epochs"] == 3
    (project / "sweep.yaml").write_text("base: own/run.yaml\nparameters: {learning_rate: [0.1, 0.01]}\n")
    by_file = load_sweep("sweep.yaml")
    (project / "inline.yaml").write_text(
        "base: {base: configs/base.yaml, epochs: 3}\nparameters: {learning_rate: [0.1, 0.01]}\n"
    )
    inline = load_sweep("inline.yaml", ["seed=4"])
    (project / "plain.yaml").write_text("epochs: 3\nlayers: [{type: linear, out_features: 1}]\n")
    given = load_sweep("plain.yaml", ["base=configs/base.yaml", "learning_rate=0.1,0.01"])
    for sweep in (direct, by_file, inline, given):
        tree = sweep.space.base.tree
        assert (tree["epochs"], tree["optimizer"], "base" in tree) == (3, {"type": "sgd", "momentum": 0.9}, False)
    assert inline.settings.name == "inline"
    with pytest.raises(UsageError, match="there is nothing to try"):
        load_sweep("own/run.yaml", ["epochs=3"])


def test_what_a_base_and_the_environment_gave_a_sweep(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE", "0.5")
    (project / "own" / "run.yaml").write_text("base: ../configs/base.yaml\nepochs: ${EPOCHS:3}\n")
    (project / "sweep.yaml").write_text(
        "base: own/run.yaml\nseeds: ${SEEDS:2}\nparameters: {learning_rate: [${RATE}, ${OTHER:0.1}, 0.01]}\n"
    )
    sweep = load_sweep("sweep.yaml", ["batch_size=${SIZE:4}"])
    assert sweep.settings.seeds == 2
    assert [choice.json for choice in sweep.space.parameters[0].choices] == [0.5, 0.1, 0.01]
    loaded = load_document(sweep.space.document({"learning_rate": 0}), sweep.folder)
    assert (loaded.config.learning_rate, loaded.config.batch_size, loaded.config.epochs) == (0.5, 4, 3)
    assert set(loaded.notes) == {
        "own/../configs/base.yaml, the base, gives 9 keys; own/run.yaml gives 1 key, and replaces 1 key of the base",
        "environment variable SEEDS is not set: 2, the default",
        "environment variable RATE: 0.5",
        "environment variable OTHER is not set: 0.1, the default",
        "environment variable EPOCHS is not set: 3, the default",
        "environment variable SIZE is not set: 4, the default",
    }


@pytest.mark.slow
def test_row_101_check_and_train_by_command(project: Path) -> None:
    (project / "own" / "run.yaml").write_text("base: ../configs/base.yaml\nepochs: 2\nbatch_size: 4\n")
    note = "own/../configs/base.yaml, the base, gives 9 keys; own/run.yaml gives 2 keys, and replaces 1 key of the base"
    report = report_of("check", "own/run.yaml", cwd=project)
    assert report["notes"].count(note) == 1
    done = nnctl("train", "own/run.yaml", "--run", "run", cwd=project)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(f"note: {note}\n") == 1
    assert load_config(project / "run" / "config.yaml").config.epochs == 2
    again = nnctl("train", "own/run.yaml", "--run", "run", "--resume", "epochs=3", cwd=project)
    assert again.returncode == 0, again.stderr
