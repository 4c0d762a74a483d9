"""A run that is done elsewhere than where it will be kept, as on a worker of a cluster."""

from __future__ import annotations

import json
from pathlib import Path

from nnctl.commands.eval import evaluate
from nnctl.config.load import config_to_json, load_config
from nnctl.sweeps.work import new_task, run_trial
from nnctl.training.stop_signal import Stop
from tests.support.command import DATA


def test_its_paths_start_from_where_it_is_kept(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "data" / "sine.csv").write_text((DATA / "function" / "sine.csv").read_text())
    (project / "run.yaml").write_text(
        "data: {source: data/sine.csv, target: y}\nlayers: [{type: linear, out_features: 1}]\nloss: mse\nepochs: 1\n"
    )
    config = load_config(project / "run.yaml").config
    room, home = tmp_path / "worker" / "room" / "trial", project / "runs" / "sweep" / "trial"
    ended = run_trial(room, new_task(config_to_json(config)), Stop(), home)
    assert ended.how == "finished", ended.error
    home.parent.mkdir(parents=True)
    room.rename(home)
    assert "source: ../../../data/sine.csv" in (home / "config.yaml").read_text()
    assert json.loads((home / "environment.json").read_text())["paths"]["source"][0] == "data/sine.csv"
    project = project.rename(tmp_path / "renamed")
    assert evaluate(project / "runs" / "sweep" / "trial").report["samples"] == 200
    assert load_config(project / "runs/sweep/trial/config.yaml").config.data.source == str(project / "data/sine.csv")
