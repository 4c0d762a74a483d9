"""A config file is small, regular UTF-8 text; what is not is refused unread."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nnctl.config.text_file import SIZE_LIMIT, read_text
from nnctl.errors import ConfigError, Problem


def refusal(path: Path) -> Problem:
    with pytest.raises(ConfigError) as raised:
        read_text(path)
    (problem,) = raised.value.problems
    assert problem.help
    return problem


def test_text_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes("é\r\n".encode("utf-8-sig"))
    assert read_text(file) == "é\r\n"
    file.write_bytes(b"a" * SIZE_LIMIT)
    assert len(read_text(file)) == SIZE_LIMIT


def test_a_byte_too_many(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a" * (SIZE_LIMIT + 1))
    assert "is larger than 1 MiB" in refusal(file).what


def test_the_place_of_what_is_no_utf8(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a: 1\nb: \xe9\n")
    problem = refusal(file)
    assert (problem.line, problem.column) == (2, 4)
    file.write_bytes("a: 1".encode("utf-16"))
    assert "UTF-16" in refusal(file).what


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in refusal(tmp_path / "pipe").what
    assert "is not a regular file" in refusal(Path("/dev/zero")).what
    (tmp_path / "b.yaml").write_text("a: 1")
    problem = refusal(tmp_path)
    assert "is a folder" in problem.what
    assert problem.help.endswith("b.yaml")


def test_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "train.yaml").write_text("a: 1")
    assert refusal(tmp_path / "tarin.yaml").help == f"did you mean {tmp_path / 'train.yaml'}?"
    assert "does not exist" in refusal(tmp_path / "nothing" / "x.yaml").what
    assert "cannot be read" in refusal(Path("a\0b")).what
    (tmp_path / "loop").symlink_to("loop")
    assert "cannot be read" in refusal(tmp_path / "loop").what
