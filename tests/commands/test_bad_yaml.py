"""YAML that a clumsy or a hostile hand wrote: refused with its place and a remedy, before anything is done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.command import nnctl, report_of
from tests.support.refusal import refusal_of

GOOD = """data: {source: line.csv, target: y}
layers: [{type: linear, out_features: 1}]
loss: mse
batch_size: 2
"""  # the text that a row adds begins in line 5
BOMB = "a: &a {x: 1}\n" + "".join(f"b{i}: &b{i} {{<<: [{', '.join(['*a'] * 9)}]}}\n" for i in range(20))

# row: (the file, its place, what is wrong, the remedy)
REFUSED: dict[str, tuple[str | bytes, str, str, str]] = {
    "1 duplicate key": (GOOD + "loss: mae\n", "5:1", "duplicate key, first given in line 3", "keep one of the two"),
    "2 alias": (GOOD + "name: *mse\n", "5:7", "`*mse` is an alias, which is not allowed", "write the value itself"),
    "2 anchor": (GOOD + "name: &a b\n", "5:7", "`&a` is an anchor, which is not allowed", "remove `&a`"),
    "2 merge key": (GOOD + "<<: {seed: 1}\n", "5:1", "`<<` is a merge key", "write the keys themselves"),
    "2 merge bomb": (BOMB, "2:10", "`<<` is a merge key", "write the keys themselves"),
    "3 alias to itself": ("layers: &a [*a]\n", "1:13", "`*a` is an alias", "write the value itself"),
    "4 deep list": ("layers: " + "[" * 100_000, "1:73", "is nested more than 64 levels deep", "remove brackets"),
    "4 deep mapping": ("data: " + "{a: " * 100_000, "1:263", "is nested more than 64 levels deep", "remove brackets"),
    "5 python tag": (
        GOOD + "name: !!python/object/apply:os.system ['touch executed']\n",
        "5:7",
        "`!!python/object/apply:os.system` is a tag, which is not allowed",
        "remove it",
    ),
    "5 any tag": (GOOD + "name: !!str 3\n", "5:7", "`!!str` is a tag, which is not allowed", "write the value"),
    "6 tab": (
        GOOD + "optimizer:\n\ttype: sgd\n",
        "6:1",
        "a tab where YAML expects spaces",
        "replace the tab with spaces",
    ),
    "7 two documents": (GOOD + "---\nloss: mse\n", "5:1", "a second document begins here", "keep one document a file"),
    "8 empty": ("", "", "is empty", "begin with `nnctl init`: see `nnctl init --help`"),
    "8 comments only": ("# later\n", "", "is empty", "begin with `nnctl init`: see `nnctl init --help`"),
    "8 a list": ("- linear\n", "1:1", "is not a mapping of keys to values", "write `key: value` lines"),
    "9 UTF-16": (GOOD.encode("utf-16"), "1:1", "is UTF-16 text", "save it as UTF-8"),
    "9 Latin-1": ((GOOD + "name: é\n").encode("latin-1"), "5:7", "is not UTF-8 text from here on", "save it as UTF-8"),
    "9 NUL": (GOOD + "na\0me: x\n", "5:3", "a character that is not text (code 0)", "save the file as UTF-8 text"),
    "10 no space": (
        GOOD + "learning_rate:0.1\n",
        "5:1",
        "`learning_rate:0.1` has no space after the colon",
        "write `learning_rate: 0.1`, with a space after the colon",
    ),
    "11 digits": (
        GOOD + f"seed: {'9' * 5000}\n",
        "5:7",
        "is a whole number of 5000 digits",
        "no setting is that large",
    ),
    "12 list as key": (GOOD + "[a]: b\n", "5:1", "expected a word as the key", "write `key: value`"),
    "12 true as key": (GOOD + "true: x\n", "5:1", "expected a word as the key, got `true`", "write the key's name"),
    "12 no key": (GOOD + ": x\n", "5:1", "no key before the colon", "write the key's name there"),
    "open quote": (GOOD + "name: 'abc\n", "5:7", "the quoted text that begins here is not closed", "close it"),
    "open bracket": (GOOD + "metrics: [r2, rmse\n", "6:1", "the list is not closed here", "`]` at the end"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "line.csv").write_text("x,y\n1,2\n2,3\n3,5\n")
    return tmp_path


@pytest.mark.parametrize("row", REFUSED)
def test_refused(folder: Path, row: str) -> None:
    content, place, what, help = REFUSED[row]
    (folder / "run.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    refusal = refusal_of("train", "run.yaml", cwd=folder, code=2)
    assert refusal.kind == "config"
    refusal.says("error: run.yaml:" + (f"{place}: " if place else " "), what, help)
    (problem,) = [found for found in refusal.problems if what in found["what"]][:1]
    assert problem["file"] == "run.yaml"
    assert place == ":".join(str(problem[key]) for key in ("line", "column") if problem[key])


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    (folder / "run.yaml").write_text(GOOD + "loss: mae\nname: *a\ntrue: 3\nlerning_rate: 1\nepochs: none\n")
    refusal = refusal_of("train", "run.yaml", cwd=folder, code=2)
    assert sorted(problem["line"] for problem in refusal.problems) == [5, 6, 7, 8, 9]


def test_for_people_there_is_nothing_on_stdout(folder: Path) -> None:
    (folder / "run.yaml").write_text(GOOD + "loss: mae\n")
    done = nnctl("train", "run.yaml", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr == "error: run.yaml:5:1: loss: duplicate key, first given in line 3\n  help: keep one of the two\n"
    )
    assert not (folder / "runs").exists()


def test_row_2_783_bytes_of_merges_do_not_fill_the_screen(folder: Path) -> None:
    (folder / "run.yaml").write_text(BOMB)
    assert len(refusal_of("check", "run.yaml", cwd=folder, code=2).problems) <= 50


def test_row_9_a_byte_order_mark_is_let_pass(folder: Path) -> None:
    (folder / "run.yaml").write_text("\ufeff" + GOOD)
    assert report_of("check", "run.yaml", cwd=folder)["name"] == "run"


def test_row_13_a_fifo_does_not_block(folder: Path) -> None:
    os.mkfifo(folder / "run.yaml")
    refusal_of("train", "run.yaml", cwd=folder, code=2).says("<stdin>: is empty: nothing came through", "nnctl train -")


def test_row_13_a_device_is_not_read(folder: Path) -> None:
    refusal_of("train", "/dev/zero", cwd=folder, code=2).says("/dev/zero: is not a regular file")


def test_row_13_a_folder(folder: Path) -> None:
    (folder / "configs").mkdir()
    (folder / "configs" / "line.yaml").write_text(GOOD)
    refusal = refusal_of("train", "configs", cwd=folder, code=2)
    refusal.says("configs: is a folder", "name a file in it, such as configs/line.yaml")


def test_row_13_two_gigabytes_are_not_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("large")
    with (folder / "run.yaml").open("wb") as file:
        file.truncate(2 << 30)  # a hole, which takes no room on the disk
    done = nnctl("train", "run.yaml", cwd=folder)
    assert done.returncode == 2
    assert "run.yaml: is larger than 1 MiB" in done.stderr
    assert "is this a data file?" in done.stderr
    (folder / "run.yaml").unlink()


def test_a_path_that_is_not_there(folder: Path) -> None:
    (folder / "run.yaml").write_text(GOOD)
    refusal_of("train", "rnu.yaml", cwd=folder, code=2).says("rnu.yaml: does not exist", "did you mean run.yaml?")
