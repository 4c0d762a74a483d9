"""Whatever valid config is written loads to the same one; resolving it again changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from nnctl.config.dumper import dump
from nnctl.config.load import config_from_json, config_to_json, dump_config, settings_of
from nnctl.config.resolve import resolved
from nnctl.model.whereabouts import placeless_config
from tests.support.configs import BASE, configs, load, problems_in


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(configs)
def test_what_is_written_loads_to_the_same_config(tmp_path: Path, described: dict[str, Any]) -> None:
    config = load(tmp_path, dump(described)).config
    assert load(tmp_path, dump_config(config)).config == config
    (tmp_path / "runs" / "a").mkdir(parents=True, exist_ok=True)
    assert load(tmp_path / "runs" / "a", dump_config(config, tmp_path / "runs" / "a")).config == config
    assert config_from_json(json.loads(json.dumps(config_to_json(config)))) == config
    assert settings_of(config_from_json(placeless_config(config))) == settings_of(config)
    assert resolved(config) == config


@pytest.mark.slow
def test_a_thousand_layers_load_again_and_more_are_refused(tmp_path: Path) -> None:
    many = BASE.replace("flatten", ", ".join(["{type: linear, out_features: 1, activation: relu}"] * 999))
    config = load(tmp_path, many).config
    assert load(tmp_path, dump_config(config)).config == config
    (problem,) = problems_in(tmp_path, many.replace("[{", "[flatten, {", 1))
    assert "at most 1000 items" in problem.what
