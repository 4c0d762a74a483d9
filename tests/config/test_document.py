"""Strict YAML: where things stand, what is told, and that nothing a file says can do more than be refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nnctl.config.document import DEPTH_LIMIT, VALUES_LIMIT, Document, Place, parse, parse_value
from nnctl.errors import ConfigError, Problem

TEXT = """\
name: a
data:
  source: x.csv
layers:
  - relu
  - {type: linear, out_features: 3}
"""


def problems_in(text: str) -> tuple[Problem, ...]:
    try:
        return tuple(parse(text, "f.yaml").problems)
    except ConfigError as error:
        return error.problems


def test_every_key_and_value_has_its_place() -> None:
    document = parse(TEXT, "f.yaml")
    assert document.tree == {
        "name": "a",
        "data": {"source": "x.csv"},
        "layers": ["relu", {"type": "linear", "out_features": 3}],
    }
    assert document.place(("name",)) == Place("f.yaml", 1, 7)
    assert document.place(("name",), of_key=True) == Place("f.yaml", 1, 1)
    assert document.place(("data", "source")) == Place("f.yaml", 3, 11)
    assert document.place(("layers", 0)) == Place("f.yaml", 5, 5)
    assert document.place(("layers", 1, "out_features"), of_key=True) == Place("f.yaml", 6, 20)


def test_what_is_not_in_the_file_has_the_place_of_what_is_around_it() -> None:
    document = parse(TEXT, "f.yaml")
    assert document.place(("layers", 1, "activation", "alpha")) == Place("f.yaml", 6, 5)
    assert document.place(("epochs",)) == Place("f.yaml", 1, 1)
    assert Document("f.yaml").place(("epochs",)) == Place("f.yaml")


def test_mistakes_that_leave_the_rest_readable_are_told_together() -> None:
    text = "a: 1\na: 2\nb: *x\nc: &y 3\nd: !!int 4\n<<: {e: 5}\n[f]: 6\ntrue: 7\ng: " + "8" * 200 + "\nh: 9\n"
    with_places = [(problem.line, problem.column) for problem in problems_in(text)]
    assert with_places == [(2, 1), (3, 4), (4, 4), (5, 4), (6, 1), (7, 1), (8, 1), (9, 4)]
    assert parse(text, "f.yaml").tree["h"] == 9


def test_inside_a_value_that_is_left_out_references_are_told_as_well() -> None:
    whats = [problem.what for problem in problems_in("a: 1\na: {b: [*c, !t d]}\n")]
    assert len(whats) == 3
    assert "alias" in whats[1]
    assert "tag" in whats[2]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nlearning_rate:0.1\nb: 2\n", 2, "`learning_rate:0.1` has no space after the colon"),
        ("learning_rate:0.1\nb: 2\n", 1, "`learning_rate:0.1` has no space after the colon"),
        ("a:\n  b:1\n  c: 2\n", 2, "`b:1` has no space after the colon"),
        ("a: {b:1}\n", 1, "`b:1` has no space after the colon"),
        ("a:\n\tb: 1\n", 2, "a tab where YAML expects spaces"),
        ("a: [1,\n\t2]\n", 2, "a tab where YAML expects spaces"),
        ("a: 'b\n", 1, "the quoted text that begins here is not closed"),
        ('a: "\\ud800"\n', 1, "has a character that is not text"),
        ('a: "\\0"\n', 1, "has a character that is not text"),
    ],
)
def test_what_is_told(text: str, line: int, what: str) -> None:
    told = [problem for problem in problems_in(text) if what in problem.what]
    assert told, problems_in(text)
    assert told[0].line == line
    assert told[0].help


@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"\n', f"%YAML 1.{'9' * 6000}\n---\na: 1\n"])
def test_numbers_that_the_parser_itself_cannot_take(text: str) -> None:
    assert "a number that is not allowed in YAML" in problems_in(text)[0].what


BOMBS = {
    "lists": "a: " + "[" * 100_000,
    "mappings": "{a: " * 100_000,
    "block lists": "- " * 100_000 + "a",
    "explicit keys": "? " * 100_000 + "a",
    "lists as keys": "? [[[[" * 10_000,
    "deep in what is left out": "a: 1\na: " + "[" * 100_000,
    "values": "a: [" + "1, " * (VALUES_LIMIT * 2) + "]",
    "values in what is left out": "a: 1\na: [" + "1, " * (VALUES_LIMIT * 2) + "]",
    "merges": "a: &a {x: 1}\n" + "".join(f"b{i}: &b{i} {{<<: [{'*a, ' * 9}]}}\n" for i in range(20)),
    "a billion laughs": "a: &a [x]\n"
    + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_at_the_limit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes behind it is not read."""
    read = 0

    def counted(text: str, Loader: type[yaml.SafeLoader]) -> Iterator[yaml.Event]:  # noqa: N803 - as PyYAML has it
        nonlocal read
        for event in parse_yaml(text, Loader=Loader):
            read += 1
            yield event

    parse_yaml = yaml.parse
    monkeypatch.setattr(yaml, "parse", counted)
    assert problems_in(BOMBS[name])
    assert read <= VALUES_LIMIT + 10


def test_the_last_level_that_is_allowed() -> None:
    assert problems_in("[" * DEPTH_LIMIT + "1" + "]" * DEPTH_LIMIT) == ()
    (problem,) = problems_in("[" * (DEPTH_LIMIT + 1) + "1" + "]" * (DEPTH_LIMIT + 1))
    assert "levels deep" in problem.what


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [*"abc01 \n\t:-?[]{},&*!|>'\"%@`#.=<~\\", "\n- ", "\n  ", ": ", "<<: ", "---\n", "!!", "\ufeff"]
            ),
            max_size=40,
        ).map("".join),
    )
)
@example("? - a\n: b")
@example("%TAG ! x\n--- !a b")
@example("a: |9\n b")
@example("\r\x85a: \x85- 'b")
def test_any_text_is_read_or_refused_with_a_place_and_a_remedy(text: str) -> None:
    lines = text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + text.count("\u2029") + 1
    for problem in problems_in(text):
        assert problem.help
        assert problem.file == "f.yaml"
        assert problem.line is None or (1 <= problem.line <= lines and (problem.column or 0) >= 1)


def test_a_value_of_the_command_line() -> None:
    assert parse_value("", "c").tree is None
    assert parse_value("[1, a]", "c").tree == [1, "a"]
    assert parse_value("{a: 1e-3}", "c").tree == {"a": 0.001}
    assert parse_value("{a: 1}", "c").place(("a",)) == Place("c")
    with pytest.raises(ConfigError) as raised:
        parse_value("[1", "c")
    assert raised.value.problems[0].line is None
