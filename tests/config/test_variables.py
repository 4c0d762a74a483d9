"""`${NAME}`, `${NAME:default}` and `$$` in values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.config.document import parse, parse_value
from nnctl.config.dumper import dump
from nnctl.config.load import dump_config
from nnctl.config.variables import TEXT_LIMIT
from tests.support.command import nnctl, report_of
from tests.support.configs import BASE, load, problems_in
from tests.support.refusal import refusal_of


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "N": "3",
        "WORD": "adam",
        "RATE": "1e-3",
        "EMPTY": "",
        "ODD": "${N} $$ #a: [b",
        "_x1": " 7 ",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("UNSET", "A", "B"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${N}", 3),
        ("'${N}'", "3"),
        ('"${N}"', "3"),
        ("${RATE}", 0.001),
        ("${_x1}", 7),
        ("${N}${N}", 33),
        ("a${N}b", "a3b"),
        ("${WORD}", "adam"),
        ("${UNSET:20}", 20),
        ("${UNSET: 20 }", 20),
        ("${UNSET:}", None),
        ("'${UNSET:}'", ""),
        ("${UNSET: -5}", -5),
        ("${UNSET:true}", True),
        ("${UNSET:/d/a b.csv}", "/d/a b.csv"),
        ("${UNSET:s3://a:b}", "s3://a:b"),
        ("${EMPTY}", None),
        ("${EMPTY:4}", 4),
        ("x${EMPTY}", "x"),
        ("${ODD}", "${N} $$ #a: [b"),
        ("$${N}", "${N}"),
        ("$$${N}", "$3"),
        ("$$$${N}", "$${N}"),
        ("cost $$", "cost $"),
        ("cost $ $N $(N) %N%", "cost $ $N $(N) %N%"),
        ("[${N}, '${N}', ${UNSET:1}]", [3, "3", 1]),
        ("{a: ${N}, b: {c: ${UNSET:x, y}}}", {"a": 3, "b": {"c": "x, y"}}),
        ("{$$: 1, a$$b: 2}", {"$": 1, "a$b": 2}),
        ("${N} # ${UNSET}", 3),
        ("|-\n    ${N}\n    ${WORD}", "3\nadam"),
    ],
)
def test_values(text: str, value: Any) -> None:
    document = parse(f"k: {text}\n", "f.yaml")
    assert document.problems == []
    assert document.tree == {"k": value}
    assert type(document.tree["k"]) is type(value)


@pytest.mark.parametrize(
    ("text", "what", "help"),
    [
        ("${UNSET}", "the environment variable UNSET is not set", "`export UNSET=…`, or give a default: ${UNSET:…}"),
        ("a/${UNSET}/b", "UNSET is not set", "export UNSET"),
        ("'${UNSET}'", "UNSET is not set", "export UNSET"),
        (
            "${UNSET:-5}",
            "`${UNSET:-5}` has a default as a shell has it",
            "write ${UNSET:5}, or ${UNSET: -5} with a space",
        ),
        ("${N:?must be set}", "as a shell has it", "write ${N:must be set}"),
        ("${N-5}", "`${N-5}` names no environment variable", "${NAME:default}"),
        ("${}", "`${}` names no environment variable", "$${ for these two"),
        ("${1N}", "`${1N}` names no", "$${ for"),
        ("${oc.env:HOME}", "`${oc.env:HOME}` names no", "${NAME}"),
        ("'${N'", "`${N` names no", "${NAME}"),
        ("'${A:${B}}'", "`${A:$` names no", "none inside another"),
        ("'${{ N }}'", "`${` names no", "${NAME}"),
    ],
)
def test_refused_at_its_place(text: str, what: str, help: str) -> None:
    document = parse(f"k:\n  - x\n  - {text}\n", "f.yaml")
    (problem,) = document.problems
    assert what in problem.what
    assert help in problem.help
    assert (problem.file, problem.line, problem.column, problem.path) == ("f.yaml", 3, 5, "k.1")


@pytest.mark.parametrize("key", ["${N}", "'${N}'", "a${UNSET:b}"])
def test_a_key_has_no_variables(key: str) -> None:
    (problem,) = parse(f"a: 1\n{key}: 2\n", "f.yaml").problems
    assert "has a variable, and only values may have some" in problem.what
    assert (problem.line, problem.column) == (2, 1)


def test_places_behind_a_variable_are_right() -> None:
    text = "{a: ${N}, b: ${UNSET:é}, c: *d}\n"
    (problem,) = parse(text, "f.yaml").problems
    assert (problem.line, problem.column) == (1, text.index("*") + 1)
    assert "`*d` is an alias" in problem.what


def test_characters_of_private_use_stay_what_they_are() -> None:
    assert parse('a: "\\U00100024"\nb: ${N}\n', "f.yaml").tree == {"a": "\U00100024", "b": 3}
    assert parse("a: \U00100024\nb: ${N}\n", "f.yaml").tree == {"a": "\U00100024", "b": 3}


def test_what_variables_give_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "x" * 100_000)
    document = parse("k: [" + ", ".join(["${A}"] * 11) + "]\n", "f.yaml")
    assert sum(len(text) for text in document.tree["k"] if text) <= TEXT_LIMIT
    (problem,) = document.problems
    assert "more than 1 MiB of text" in problem.what


@pytest.mark.parametrize("value", ["a\x1bb", "a\udcffb"])
def test_a_variable_that_is_no_text(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", value)
    (problem,) = parse("k: ${A}\n", "f.yaml").problems
    assert "a character that is not text" in problem.what


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from([*"$${}NA:# a'\"\\-\n\U00100024"]), max_size=12))
def test_any_text_is_written_and_read_again(text: str) -> None:
    tree = {"a": text, "b": [text, {"c": text}]}
    document = parse(dump(tree), "f.yaml")
    assert document.problems == []
    assert document.tree == tree
    assert document.written == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("#", "#"), ("a #b", "a #b"), ("# no comment", "# no comment"), ("'#'", "#"), ("##", "##")),
        *(("[#, '#']", ["#", "#"]), ("{a: #}", {"a": "#"}), ("", None), ("  ", None), ("${N}", 3)),
    ],
)
def test_a_hash_of_the_command_line_is_no_comment(text: str, value: Any) -> None:
    document = parse_value(text, "command line")
    assert document.problems == []
    assert document.tree == value


def test_a_mistake_names_the_variable_that_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", "abc")
    (problem,) = problems_in(tmp_path, BASE + "epochs: ${A}\n")
    assert problem.what == "expected a whole number, got 'abc', from `${A}`"
    (problem,) = problems_in(tmp_path, BASE + "name: ${N}\n")
    assert problem.help == 'put it in quotes: "${N}"'
    (problem,) = problems_in(tmp_path, BASE + 'epochs: "${N}"\n')
    assert problem.help == "remove the quotes"
    (problem,) = problems_in(tmp_path, BASE + "name: run\n", "epochs=${A}")
    assert (problem.file, problem.what) == (
        "command line: epochs=${A}",
        "expected a whole number, got 'abc', from `${A}`",
    )


def test_what_they_gave_is_told_once_and_the_resolved_config_has_it(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, BASE + "epochs: ${N}\nseed: ${N}\nbatch_size: ${UNSET:5}\nname: a$${N}\n", "learning_rate=${RATE}"
    )
    assert loaded.notes == (
        "environment variable N: 3",
        "environment variable UNSET is not set: 5, the default",
        "environment variable RATE: 1e-3",
    )
    text = dump_config(loaded.config)
    assert "epochs: 3\n" in text
    assert load(tmp_path, text).config == loaded.config


def test_a_variable_of_a_value_that_is_replaced_is_not_needed(tmp_path: Path) -> None:
    loaded = load(tmp_path, BASE + "epochs: ${UNSET}\n", "epochs=4")
    assert (loaded.config.epochs, loaded.notes) == (4, ())


CONFIG = (
    "data: {source: ${WHERE}/d.csv, target: y}\nlayers: [{type: linear, out_features: 1}]\nloss: mse\nbatch_size: 2\n"
)


@pytest.mark.slow
def test_row_101_check_and_train_tell_what_the_environment_gave(tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    (tmp_path / "d.csv").write_text("x,y\n1,2\n2,3\n3,5\n")
    (tmp_path / "configs" / "run.yaml").write_text(CONFIG + "epochs: ${TIMES:2}\n")
    refusal = refusal_of("check", "configs/run.yaml", cwd=tmp_path, code=2)
    refusal.says("configs/run.yaml:1:16: data.source: the environment variable WHERE is not set", "`export WHERE=…`")
    report = report_of("check", "configs/run.yaml", cwd=tmp_path, WHERE="..", TIMES="3")
    assert report["notes"][:2] == ["environment variable WHERE: ..", "environment variable TIMES: 3"]
    done = nnctl("train", "configs/run.yaml", "learning_rate=${RATE:0.1}", cwd=tmp_path, WHERE=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("note: environment variable TIMES is not set: 2, the default\n") == 1
    assert done.stderr.count(f"note: environment variable WHERE: {tmp_path}\n") == 1
    resolved = (tmp_path / "runs/run/config.yaml").read_text()
    assert "epochs: 2\n" in resolved
    assert "learning_rate: " in resolved
    assert "$" not in resolved
