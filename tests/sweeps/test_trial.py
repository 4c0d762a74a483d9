"""Trials: what names their folders, and what their folders say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nnctl.config.load import load_config
from nnctl.errors import DataError
from nnctl.sweeps.combination import Combination, SweepMetric
from nnctl.sweeps.trial import Trial, new_trial, trial_name

RUN = "data: {source: line.csv, target: y}\nlayers: [tanh, {type: linear, out_features: 1}]\nloss: mse\n"
METRIC = SweepMetric("rmse", False)


def trial(folder: Path, *overrides: str, seed: int = 0) -> Trial:
    (folder / "run.yaml").write_text(RUN)
    config = load_config(folder / "run.yaml", overrides).config
    return new_trial(1, 0, Combination({}, {}, config, 0, 1.0, {"line.csv": "abc"}, ""), seed, folder)


def test_the_same_config_has_the_same_name_however_it_is_written(tmp_path: Path) -> None:
    plain = trial(tmp_path)
    assert plain.folder.name == trial(tmp_path, "optimizer={type: adam}", "batch_size=32").folder.name
    others = [trial(tmp_path, "batch_size=31"), trial(tmp_path, seed=1), trial(tmp_path, "layers.0=relu")]
    assert len({plain.folder.name, *(other.folder.name for other in others)}) == 4
    assert trial(tmp_path, "seed=1").folder.name == others[1].folder.name
    assert plain.folder.parent == tmp_path
    assert len(trial_name(plain.combination.config, plain.combination)) == 12


@pytest.mark.parametrize("key", ["data.source", "data.validation"])
def test_the_name_does_not_depend_on_where_the_data_lie(tmp_path: Path, key: str) -> None:
    places = [tmp_path / "project", tmp_path / "deep" / "er" / "moved"]
    names = []
    for place in places:
        place.mkdir(parents=True)
        names.append(trial(place, f"{key}={place}/line.csv", f"name={place.name}").folder.name)
    assert names[0] == names[1]
    assert trial(tmp_path, "data.validation=0.2").folder.name != names[1]


def test_data_sets_that_a_sweep_chooses_among_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(RUN)
    config = load_config(tmp_path / "run.yaml").config

    def name(parameter: str, digest: str) -> str:
        return trial_name(config, Combination({}, {parameter: "as written"}, config, 0, 1.0, {"source/x": digest}, ""))

    for parameter in ("data", "data.source", "learning_rate, data.source"):
        assert name(parameter, "abc") != name(parameter, "abd")
    assert name("learning_rate", "abc") == name("learning_rate", "abd"), "it is refused"


def written(one: Trial, result: Any) -> None:
    one.folder.mkdir(exist_ok=True)
    (one.folder / "result.json").write_text(json.dumps(result))


@pytest.mark.parametrize(
    ("result", "final", "status"),
    [
        (None, False, "unfinished"),
        ({"stopped": "signal"}, False, "unfinished"),
        ({"stopped": "finished"}, True, "finished"),
        ({"stopped": "early"}, True, "early"),
        ({"stopped": "pruned"}, True, "pruned"),
        ({"error": {"kind": "diverged"}}, True, "failed"),  # it would again
        ({"error": {"kind": "storage"}}, False, "failed"),
        ({"error": None}, False, "failed"),
        ([], False, "unfinished"),
        ({"stopped": "nonsense"}, False, "unfinished"),
    ],
)
def test_what_has_ended(tmp_path: Path, result: Any, final: bool, status: str) -> None:
    one = trial(tmp_path)
    if result is not None:
        written(one, result)
    assert one.is_final() is final
    assert one.record(METRIC).status == status


def test_a_record(tmp_path: Path) -> None:
    one = trial(tmp_path)
    written(one, {"stopped": "finished", "metrics": {"rmse": 0.5, "r2": None}, "seconds": {"total": 2.5}})
    (one.folder / "metrics.jsonl").write_text('{"epoch": 1}\n{"epoch": 2}\n{"epo')
    record = one.record(METRIC)
    assert (record.value, record.epochs, record.seconds, record.error) == (0.5, 2, 2.5, "")
    problems = [{"path": "layers.0", "what": "is wrong"}, {"path": None, "what": "diverged"}]
    written(one, {"error": {"kind": "diverged", "problems": problems}})
    assert one.record(METRIC).error == "layers.0: is wrong; diverged"


def test_other_data_are_refused(tmp_path: Path) -> None:
    one = trial(tmp_path)
    one.refuse_changed_data()  # nothing is known
    one.folder.mkdir()
    (one.folder / "environment.json").write_text('{"data": {"line.csv": "abc"}}')
    one.refuse_changed_data()
    (one.folder / "environment.json").write_text('{"data": {"line.csv": "abd", "more.csv": "a"}}')
    with pytest.raises(DataError, match=r"the data changed since this trial was run: line\.csv, more\.csv"):
        one.refuse_changed_data()
