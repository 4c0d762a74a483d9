"""A sweep's file as a search space; what is wrong with one is in tests/commands/test_bad_sweeps.py."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnctl.config.load import load_document
from nnctl.errors import UsageError
from nnctl.spec import TextFrom
from nnctl.sweeps.load import LoadedSweep, load_sweep
from nnctl.sweeps.methods.random import Random
from nnctl.sweeps.parameter import Range

RUN = "data: {source: line.csv, target: y}\nlayers: [tanh, {type: linear, out_features: 1}]\nloss: mse\nseed: 5\n"


def load(folder: Path, text: str, *overrides: str) -> LoadedSweep:
    (folder / "run.yaml").write_text(RUN)
    (folder / "lines.yaml").write_text(text)
    return load_sweep(folder / "lines.yaml", overrides)


def combinations(sweep: LoadedSweep) -> list[dict[str, Any]]:
    return [sweep.space.json(settings) for settings in sweep.space.grid()]


def test_what_is_left_out(tmp_path: Path) -> None:
    sweep = load(tmp_path, "base: run.yaml\nparameters: {batch_size: [1, 2]}\n")
    assert sweep.settings.name == "lines"
    assert sweep.settings.method.type == "grid"  # type: ignore[attr-defined]
    assert (sweep.settings.seeds, sweep.settings.trials, sweep.settings.prune) == (1, None, None)
    assert sweep.seed == 5
    assert combinations(sweep) == [{"batch_size": 1}, {"batch_size": 2}]


def test_a_base_inside_the_file(tmp_path: Path) -> None:
    inline = "name: mine\nbase:\n" + "".join(f"  {line}\n" for line in RUN.splitlines())
    sweep = load(tmp_path, inline + "parameters: {batch_size: [1, 2]}\n")
    config = load_document(sweep.space.document({"batch_size": 1}), sweep.folder).config
    assert config.name == "mine"
    assert config.data.source == str(tmp_path / "line.csv")  # type: ignore[attr-defined]
    assert config.batch_size == 2


def test_paths_start_from_the_file_that_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "deep" / "run.yaml").write_text(RUN)
    (tmp_path / "lines.yaml").write_text("base: deep/run.yaml\nparameters: {data.source: [a.csv, b.csv], seed: [1]}\n")
    monkeypatch.chdir(tmp_path / "elsewhere")

    def sources(*overrides: str) -> list[str]:
        sweep = load_sweep("../lines.yaml", overrides)
        return [
            load_document(sweep.space.document(settings), sweep.folder).config.data.source  # type: ignore[attr-defined]
            for settings in sweep.space.grid()
        ]

    assert sources() == [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")]
    assert sources("data.source=c.csv,d.csv") == [str(tmp_path / "elsewhere" / name) for name in ("c.csv", "d.csv")]
    assert sources("data.source=c.csv") == [str(tmp_path / "elsewhere" / "c.csv")]


def test_ranges(tmp_path: Path) -> None:
    text = "base: run.yaml\nmethod: random\ntrials: 3\nparameters:\n"
    text += (
        "  learning_rate: {min: 1e-3, max: 1, scale: log}\n  batch_size: {min: 1, max: 9, integer: true, steps: 3}\n"
    )
    sweep = load(tmp_path, text)
    assert [parameter.range for parameter in sweep.space.parameters] == [
        Range(0.001, 1.0, log=True),
        Range(1.0, 9.0, integer=True, steps=3),
    ]
    assert isinstance(sweep.settings.method, Random)


def test_settings_of_the_command_line(tmp_path: Path) -> None:
    text = "base: run.yaml\nparameters: {batch_size: [1, 2], learning_rate: [0.1, 0.2]}\n"
    sweep = load(
        tmp_path, text, "trials=4", "method={type: tpe, startup: 3}", "time_limit=2h", "batch_size=7", "epochs=3,4",
        "prune=asha", "prune.factor=3", "seed=9", "name=other",
    )  # fmt: skip
    settings = sweep.settings
    assert (settings.trials, settings.time_limit, settings.name, sweep.seed) == (4, 7200, "other", 9)
    assert settings.method.model_dump() == {"type": "tpe", "startup": 3}
    assert settings.prune is not None
    assert settings.prune.factor == 3  # type: ignore[attr-defined]
    assert [parameter.name for parameter in sweep.space.parameters] == ["learning_rate", "epochs"]
    assert sweep.space.base.tree["batch_size"] == 7


def test_the_config_of_a_run_with_a_grid(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(RUN)
    sweep = load_sweep(tmp_path / "run.yaml", ["layers.0=tanh,{type: elu, alpha: 2},[]", "epochs=3"])
    assert sweep.settings.name == "run-sweep"
    assert combinations(sweep) == [{"layers.0": "tanh"}, {"layers.0": {"type": "elu", "alpha": 2}}, {"layers.0": []}]
    assert sweep.space.base.tree["epochs"] == 3
    with pytest.raises(UsageError, match="there is nothing to try"):
        load_sweep(tmp_path / "run.yaml", ["epochs=3"])


def test_conditions_look_at_what_was_set_before(tmp_path: Path) -> None:
    text = """base: run.yaml
parameters:
  optimizer: [adam, {type: sgd, momentum: 0.9}, sgd]
  optimizer.nesterov: {values: [true, false], when: {optimizer: sgd, optimizer.momentum: [0.9, 0.5]}}
  batch_size: {values: [4, 8], when: {optimizer.nesterov: true}}
"""
    sgd = {"type": "sgd", "momentum": 0.9}
    assert combinations(load(tmp_path, text)) == [
        {"optimizer": "adam"},
        {"optimizer": sgd, "optimizer.nesterov": True, "batch_size": 4},
        {"optimizer": sgd, "optimizer.nesterov": True, "batch_size": 8},
        {"optimizer": sgd, "optimizer.nesterov": False},
        {"optimizer": "sgd"},
    ]


def test_values_remember_their_folder(tmp_path: Path) -> None:
    sweep = load(
        tmp_path, "base: run.yaml\nparameters: {data: [{source: a.csv, target: y}, {source: b.csv, target: y}]}"
    )
    (settings, _) = sweep.space.grid()
    source = sweep.space.document(settings).tree["data"]["source"]
    assert isinstance(source, TextFrom)
    assert source.folder == tmp_path
