"""What the bench measured is kept by CPU, and a part that is measured again leaves the others alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import machine, results_file
from bench.parts import PARTS
from bench.results_file import AnotherMachineError, every_file, keep, own_file, read


def test_a_part_takes_the_place_of_its_own_last_run_alone(tmp_path: Path) -> None:
    file = tmp_path / "own.json"
    for part, number in (("steps", 1), ("memory", 2), ("steps", 3)):
        keep(file, part, {"commit": f"c{number}"}, {"number": number})
    name, parts = read(file)
    assert name == machine.micro_architecture()
    assert parts == {
        "steps": {"machine": {"commit": "c3"}, "results": {"number": 3}},
        "memory": {"machine": {"commit": "c2"}, "results": {"number": 2}},
    }


def test_the_file_of_another_machine_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text(json.dumps({"micro_architecture": "z80", "parts": {}}))
    before = file.read_bytes()
    with pytest.raises(AnotherMachineError, match="is of z80, this machine is"):
        keep(file, "steps", {}, {})
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("of_llvm", "own", "expected"),
    [("znver4", "AMD EPYC", "znver4"), ("generic", "Intel(R) Xeon(R) 8481C", "intel-r-xeon-r-8481c")],
)
def test_a_machine_has_the_name_of_its_micro_architecture(
    of_llvm: str, own: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llvmlite.binding.get_host_cpu_name", lambda: of_llvm)
    monkeypatch.setattr(machine, "cpu_name", lambda: own)
    assert own_file() == results_file.FOLDER / f"{expected}.json"


@pytest.mark.parametrize("file", every_file(), ids=lambda file: file.stem)
def test_every_file_is_named_for_its_machine_and_can_be_shown(file: Path) -> None:
    name, parts = read(file)
    assert name == file.stem
    for part, kept in parts.items():
        assert {"date", "commit", "cpu", "cores", "load_before"} <= kept["machine"].keys()
        assert PARTS[part.partition(",")[0]].tables(kept["results"])
