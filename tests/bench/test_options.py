"""What the bench is asked, and where the answer goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.conditions import BUSY, named
from bench.options import Options, read_options
from bench.results_file import own_file

PARTS = {"products": ("avx2",), "steps": (BUSY, "avx2"), "memory": ()}


def options(*arguments: str) -> Options:
    return read_options(PARTS, ("xor", "cnn"), arguments)


def test_all_parts_are_measured_and_kept() -> None:
    assert options() == Options(("products", "steps", "memory"), ("xor", "cnn"), output=own_file())


@pytest.mark.parametrize("given", [["--workload", "xor"], ["--rounds", "1"], ["--no-peers"]])
def test_what_is_not_complete_is_kept_only_where_it_is_told_to(given: list[str]) -> None:
    assert options(*given).output is None
    assert options(*given, "--output", "a.json").output == Path("a.json")


@pytest.mark.parametrize(
    ("given", "only", "name"),
    [
        (["--level", "avx2"], ("products", "steps"), "steps, avx2"),
        (["--busy"], ("steps",), "steps, one core busy"),
        (["--busy", "--level", "avx2"], ("steps",), "steps, avx2, one core busy"),
        ([], ("products", "steps", "memory"), "steps"),
    ],
)
def test_conditions_have_results_of_their_own(given: list[str], only: tuple[str, ...], name: str) -> None:
    asked = options(*given)
    assert asked.only == only
    assert named("steps", asked.conditions) == name


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--only", "memory", "--busy"], "memory is not measured with one core busy, but steps are"),
        (["--only", "step"], "there is no part 'step'; there are: products; steps; memory"),
        (["--workload", "vgg"], "there is no workload 'vgg'; there are: xor; cnn"),
        (["--rounds", "0"], "--rounds is 0, at least 1 is needed"),
    ],
)
def test_what_cannot_be_measured(given: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options(*given)
    assert message in capsys.readouterr().err
