"""What a run is after its overrides: as if the file had said so, save that paths start from the working folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.config.run_config import RunConfig
from tests.support.configs import BASE, load, problems_in


def config(folder: Path, *overrides: str, text: str = BASE) -> RunConfig:
    return load(folder, text, *overrides).config


def test_a_bare_word_is_opened_up(tmp_path: Path) -> None:
    made = config(tmp_path, "optimizer.momentum=0.5", "data.validation=0.2", text=f"{BASE}optimizer: sgd\n")
    assert made.optimizer.model_dump()["momentum"] == 0.5
    assert (made.data.validation, Path(made.data.source).name) == (0.2, "a.npz")


def test_what_the_file_leaves_out_begins_with_its_default(tmp_path: Path) -> None:
    made = config(tmp_path, "optimizer.eps=0.5", "schedule.warmup=1", "early_stopping.patience=7")
    assert made.optimizer.model_dump()["type"] == "adam"
    assert made.optimizer.model_dump()["eps"] == 0.5
    assert (made.schedule.model_dump()["type"], made.schedule.warmup) == ("constant", 1.0)
    assert made.early_stopping is not None
    assert (made.early_stopping.patience, made.early_stopping.monitor) == (7, "loss")


def test_whole_mappings_are_replaced(tmp_path: Path) -> None:
    text = f"{BASE}optimizer: {{type: sgd, momentum: 0.9}}\n"
    assert config(tmp_path, "optimizer=adam", text=text).optimizer.model_dump()["type"] == "adam"
    assert config(tmp_path, "optimizer={type: sgd}", text=text).optimizer.model_dump()["momentum"] == 0


@pytest.mark.parametrize("bad", ["0", "abc", "!!int 3", "*x", "9" * 200, "[1, *a]"])
def test_a_bad_value_that_is_replaced_is_no_mistake(tmp_path: Path, bad: str) -> None:
    text = f"{BASE}epochs: {bad}\n"
    assert problems_in(tmp_path, text)
    assert config(tmp_path, "epochs=3", text=text).epochs == 3


def test_replacing_one_value_leaves_the_mistakes_of_others(tmp_path: Path) -> None:
    text = f"{BASE}epochs: !!int 3\nepoch: 4\nseed: !!int 3\n"
    assert {problem.path for problem in problems_in(tmp_path, text, "epochs=3")} == {"seed", "epoch"}


def test_values_are_read_as_in_a_file(tmp_path: Path) -> None:
    made = config(tmp_path, "learning_rate=1e-3", "name=no", "seed=010", "clip_norm=", text=f"{BASE}clip_norm: 1\n")
    assert (made.learning_rate, made.name, made.seed, made.clip_norm) == (0.001, "no", 10, None)


def test_relative_paths_start_from_where_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, home, here = (tmp_path / name for name in ("configs", "home", "here"))
    for made in (folder, home, here):
        made.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(home))

    def source(*overrides: str, path: str = "../a.npz") -> str:
        return config(folder, *overrides, text=BASE.replace("a.npz", path)).data.source

    assert source() == source("data.validation=v.npz") == str(tmp_path / "a.npz")
    assert source("data=b.npz") == source("data={source: b.npz}") == str(here / "b.npz")
    assert source("data.source=../b.npz") == str(tmp_path / "b.npz")
    assert source("data=~/b.npz") == source(path="~/b.npz") == str(home / "b.npz")
    assert source(path="/b.npz") == "/b.npz"
    text = BASE.replace("a.npz", "{source: a.npz, test: t.npz}")
    data = config(folder, "data.validation=v.npz", text=text).data
    assert (data.validation, data.test) == (str(here / "v.npz"), str(folder / "t.npz"))


def test_text_of_the_command_line_ends_as_plain_text(tmp_path: Path) -> None:
    made = config(tmp_path, "name=x", "data=b.npz")
    assert type(made.name) is str
    assert type(made.data.source) is str


@pytest.mark.parametrize("name", ["#", "#1", "a #b", "try #3 # again", "##"])
def test_a_hash_is_text(tmp_path: Path, name: str) -> None:
    assert config(tmp_path, f"name={name}").name == name
    (problem,) = problems_in(tmp_path, BASE, f"epochs={name}")
    assert problem.what == f"expected a whole number, got {name!r}"
    (problem,) = problems_in(tmp_path, BASE, f"data.comment={name}")
    assert (problem.path, problem.what) == ("data.comment", "unknown key")
