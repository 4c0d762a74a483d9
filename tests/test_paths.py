"""Paths of data: `..` behind links, and paths that outlive a move."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nnctl.paths import absolute, found, portable, relative


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


@pytest.mark.parametrize("path", ["x.csv", "./x.csv", "../x.csv", "a/../x.csv", "a/b/../../x.csv", "a/./b//../x.csv"])
def test_without_links_it_is_plain(tmp_path: Path, path: str) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert absolute(path, tmp_path) == os.path.normpath(tmp_path / path)


@pytest.mark.parametrize("path", ["link/../x.csv", "link/sub/../../x.csv", "../here/link/../x.csv", "link/./../x.csv"])
def test_behind_a_link_it_is_what_cat_opens(tmp_path: Path, path: str) -> None:
    here = tmp_path / "here"
    touch(here / "x.csv")
    (tmp_path / "there" / "linked" / "sub").mkdir(parents=True)
    (tmp_path / "there" / "x.csv").write_text("true")
    (here / "link").symlink_to("../there/linked")
    assert Path(absolute(path, here)).read_text() == "true" == Path(f"{here}/{path}").read_text()


def test_a_link_that_stays_is_kept(tmp_path: Path) -> None:
    """Only `..` is resolved: a linked file keeps its name, which tells its format."""
    touch(tmp_path / "store" / "5f2c")
    (tmp_path / "x.csv").symlink_to("store/5f2c")
    (tmp_path / "again").symlink_to(tmp_path)
    assert absolute("x.csv", tmp_path) == str(tmp_path / "x.csv")
    assert absolute("again/x.csv", tmp_path) == str(tmp_path / "again" / "x.csv")


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert Path(absolute("a/../x", tmp_path)).is_absolute()


@pytest.mark.parametrize("data", ["data/x.csv", "x.csv", "runs/x.csv", "runs/a/x.csv", "~odd/x.csv", "a b/ü.csv"])
def test_a_relative_path_leads_back(tmp_path: Path, data: str) -> None:
    run = tmp_path / "runs" / "a"
    run.mkdir(parents=True)
    shown = relative(str(tmp_path / data), run)
    assert not Path(shown).is_absolute()
    assert absolute(shown, run) == str(tmp_path / data)


def test_a_relative_path_from_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "scratch" / "runs" / "a").mkdir(parents=True)
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "runs").symlink_to(tmp_path / "scratch" / "runs")
    data, run = str(tmp_path / "project" / "x.csv"), tmp_path / "project" / "runs" / "a"
    assert absolute(relative(data, run), run) == data


def test_what_shares_the_root_alone_stays_absolute(tmp_path: Path) -> None:
    assert relative("/elsewhere/x.csv", tmp_path) == portable("/elsewhere/x.csv", tmp_path) == "/elsewhere/x.csv"


@pytest.mark.parametrize("run", ["runs/a", "runs/deep/er/a", "a", "."])
@pytest.mark.parametrize("data", ["data/x.csv", "x.csv", "data/sub/x.csv"])
def test_a_portable_path_is_found_in_every_place(tmp_path: Path, run: str, data: str) -> None:
    before, after = tmp_path / "project", tmp_path / "else" / "where" / "renamed"
    (before / run).mkdir(parents=True)
    touch(before / data)
    kept = portable(str(before / data), before / run)
    assert kept == data
    after.parent.mkdir(parents=True)
    before.rename(after)
    assert found(kept, after / run) == str(after / data)


def test_a_portable_path_does_not_depend_on_the_depth_of_the_run(tmp_path: Path) -> None:
    data = str(tmp_path / "data" / "x.csv")
    assert portable(data, tmp_path / "runs" / "a") == portable(data, tmp_path / "b") == "data/x.csv"


def test_the_runs_may_lie_in_the_data(tmp_path: Path) -> None:
    """A folder of samples with the runs in it: the path is the folder itself."""
    before, after = tmp_path / "photos", tmp_path / "pictures"
    (before / "runs" / "a").mkdir(parents=True)
    kept = portable(str(before), before / "runs" / "a")
    assert kept == "../.."
    before.rename(after)
    assert found(kept, after / "runs" / "a") == str(after)


def test_from_the_working_folder_where_the_run_lies_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "project" / "data" / "x.csv")
    (tmp_path / "project" / "sub").mkdir()
    (tmp_path / "copies").mkdir()
    monkeypatch.chdir(tmp_path / "copies")
    assert found("data/x.csv", tmp_path / "copies") is None
    monkeypatch.chdir(tmp_path / "project" / "sub")
    assert found("data/x.csv", tmp_path / "copies") == str(tmp_path / "project" / "data" / "x.csv")


def test_an_absolute_path_is_there_or_not(tmp_path: Path) -> None:
    assert found(str(touch(tmp_path / "x.csv")), tmp_path) == str(tmp_path / "x.csv")
    assert found(str(tmp_path / "y.csv"), tmp_path) is None
