"""Networks of text by the real commands: trained, measured, and going on with a prompt."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import nnctl as face
from nnctl.model.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from tests.support.command import DATA, nnctl, report_of, rows_of
from tests.support.refusal import refusal_of

CONFIG = """\
data: {format: text, source: song.txt, steps: 8, validation: 0.1, test: 0.1}
layers:
  - {type: embedding, embedding_dim: 5}
  - {type: gru, hidden_size: 16, return: sequence}
  - {type: linear, out_features: 9}
loss: cross_entropy
learning_rate: 0.02
batch_size: 10
epochs: 12
metrics: [accuracy, perplexity]
"""
VERSE = "row the boat\n"  # 9 characters, and each is clear from the ones before
KNOWN = "\n abehortw"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run that knows its song."""
    folder = tmp_path_factory.mktemp("song")
    (folder / "song.txt").write_text(VERSE * 100)
    (folder / "run.yaml").write_text(CONFIG.replace("features: 9", f"features: {len(KNOWN) + 1}"))
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    return folder


def test_training_and_evaluation(trained: Path) -> None:
    rows = rows_of(trained / "run")
    assert rows[-1]["val_loss"] < 0.5 * rows[0]["val_loss"]
    report = report_of("eval", "run", cwd=trained)
    assert report["samples"] == (130 - 1) // 8
    assert np.sum(report["confusion_matrix"]) == report["samples"] * 8
    assert report["classes"][:4] == ["unknown", "newline", "space", "a"]
    metrics = report["metrics"]
    assert metrics["accuracy"] > 0.8
    assert metrics["perplexity"] == pytest.approx(np.exp(metrics["loss"]), rel=1e-6)
    resolved = (trained / "run" / "config.yaml").read_text()
    assert f"num_embeddings: {len(KNOWN) + 1}" in resolved
    assert 'vocabulary: "\\n abehortw"' in resolved
    own = report_of("eval", "run", "--data", "song.txt", "--split", "validation", cwd=trained)
    assert own["samples"] == (117 - 1) // 8


def test_the_resolved_config_runs_again_with_the_same_bits(trained: Path) -> None:
    report_of("train", "run/config.yaml", "--run", "again", cwd=trained)
    own, other = (load_file(trained / run / "checkpoints" / "last.safetensors") for run in ("again", "run"))
    assert {name: array.tobytes() for name, array in own.items()} == {
        name: array.tobytes() for name, array in other.items()
    }


def test_each_character_of_a_file_is_predicted(trained: Path) -> None:
    (trained / "new.txt").write_text("row the boat")
    done = nnctl("predict", "run", "new.txt", cwd=trained)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    lines = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(line["row"], line["step"]) for line in lines] == [("1", str(step)) for step in range(1, 9)] + [
        ("2", str(step)) for step in range(1, 5)
    ]
    assert [line["prediction"] for line in lines][1:6] == ["w", "space", "t", "h", "e"]


def test_a_file_with_unknown_characters_is_predicted_and_told(trained: Path) -> None:
    (trained / "odd.txt").write_text("row thé boat! é")
    done = nnctl("predict", "run", "odd.txt", cwd=trained)
    assert done.returncode == 0
    assert "note: odd.txt: 3 of the 15 characters are not among those to train on" in done.stderr
    assert "é (2), ! (1)" in done.stderr


def test_a_prompt_is_gone_on_with(trained: Path) -> None:
    arguments = ("predict", "run", "--prompt", "row", "--length", "24", "--temperature", "0")
    done = nnctl(*arguments, cwd=trained)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (VERSE * 3)[:27] + ("" if (VERSE * 3)[26] == "\n" else "\n")
    assert done.stderr == ""
    report = report_of(*arguments, cwd=trained)
    assert report["text"] == (VERSE * 3)[3:27]
    assert (report["prompt"], report["length"], report["temperature"]) == ("row", 24, 0.0)
    emitted: list[str] = []
    made = face.predict(trained / "run", prompt="row", length=24, temperature=0.0, emit=emitted.append)
    assert made.report["text"] == report["text"]
    assert emitted == ["row", *report["text"]]


def test_characters_are_drawn_by_the_seed(trained: Path) -> None:
    def drawn(seed: int, *options: str) -> str:
        own = ("--length", "60", "--temperature", "3", "--seed", str(seed), *options)
        return str(report_of("predict", "run", "--prompt", VERSE, *own, cwd=trained)["text"])

    first = drawn(1)
    assert drawn(1, "--threads", "1") == first
    assert drawn(2) != first
    assert set(first) <= set(KNOWN)


def test_a_calibrated_network_has_a_temperature_of_its_own(trained: Path) -> None:
    """Characters are drawn as at both temperatures together, and each step of a text is measured with it."""
    kept = read_checkpoint(trained / "run/checkpoints/best.safetensors")
    changes = {"config": kept.description["config"] | {"calibrate": True}, "temperature": 2.0}
    write_checkpoint(trained / "calibrated.safetensors", Checkpoint(kept.tensors, kept.description | changes))

    def drawn(checkpoint: str, temperature: str) -> str:
        own = ("--prompt", VERSE, "--length", "60", "--seed", "1", "--temperature", temperature)
        return str(report_of("predict", checkpoint, *own, cwd=trained)["text"])

    assert drawn("calibrated.safetensors", "3") == drawn("run", "6") != drawn("run", "3")
    plain, measured = (report_of("eval", run, cwd=trained)["metrics"] for run in ("run", "calibrated.safetensors"))
    assert measured["accuracy"] == plain["accuracy"]
    assert measured["perplexity"] > plain["perplexity"] * 1.01


@pytest.mark.parametrize(
    ("arguments", "what", "help"),
    [
        (("--prompt", ""), "--prompt is empty", "at least one character"),
        (("--prompt", "röw"), "--prompt: ö is not among the characters", "space, a, b, e"),
        (("--prompt", "RöW"), "--prompt: R, ö, W are not among", "write it with these"),
        (("song.txt", "--prompt", "row"), "SOURCE and --prompt are both given", "give one of the two"),
        (("--prompt", "row", "-o", "out.csv"), "-o and --prompt are both given", "give one of the two"),
        (("song.txt", "-o", "out.csv", "--length", "3"), "--length is for --prompt", "leave it out"),
        ((), "SOURCE is missing", "name a file, or give --prompt"),
    ],
)
def test_prompts_that_cannot_be(trained: Path, arguments: tuple[str, ...], what: str, help: str) -> None:
    (problem,) = refusal_of("predict", "run", *arguments, cwd=trained, code=2).problems
    assert what in problem["what"]
    assert help in problem["help"]


def test_a_prompt_for_another_network(tmp_path: Path) -> None:
    config = f"data: {{source: {DATA}/logic/xor.csv, target: xor}}\nlayers: [{{type: linear, out_features: 1}}]\n"
    (tmp_path / "run.yaml").write_text(config + "loss: mse\nepochs: 1\nbatch_size: 4\n")
    report_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    (problem,) = refusal_of("predict", "run", "--prompt", "row", cwd=tmp_path, code=2).problems
    assert "--prompt is for networks of text" in problem["what"]


@pytest.mark.parametrize(
    ("content", "what", "help"),
    [
        (b"", "is empty", "give a file with samples"),
        (b"row", "has 3 characters to train on, and a sequence takes 9 characters", "a longer text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "holds bytes that are no text", "is it a text file?"),
    ],
)
def test_files_that_are_no_text(tmp_path: Path, content: bytes, what: str, help: str) -> None:
    (tmp_path / "song.txt").write_bytes(content)
    (tmp_path / "run.yaml").write_text(CONFIG.replace(", validation: 0.1, test: 0.1", ""))
    (problem,) = refusal_of("train", "run.yaml", cwd=tmp_path, code=3).problems
    assert what in problem["what"]
    assert help in problem["help"]


def test_a_bare_txt_file_is_told_to_say_its_format(tmp_path: Path) -> None:
    (tmp_path / "song.txt").write_text(VERSE * 9)
    (tmp_path / "run.yaml").write_text(CONFIG.replace("{format: text, source: song.txt", "{source: song.txt"))
    refusal = refusal_of("check", "run.yaml", cwd=tmp_path, code=2)
    assert any("steps" in problem["path"] for problem in refusal.problems)
    (tmp_path / "run.yaml").write_text("data: song.txt\n" + CONFIG.partition("\n")[2])
    (problem,) = refusal_of("check", "run.yaml", cwd=tmp_path, code=3).problems
    assert "set `format`: text for prose, csv for a table" in problem["help"]


def test_folds_of_a_text(trained: Path) -> None:
    keys = ("epochs=1", "data.test=null", "data.validation=null")
    report = report_of("train", "run.yaml", *keys, "--folds", "3", "--run", "folds", cwd=trained)
    assert len(json.dumps(report)) > 0
    tested = [report_of("eval", f"folds/fold-{number}", cwd=trained)["samples"] for number in (1, 2, 3)]
    assert tested == [(433 - 1) // 8, (433 - 1) // 8, (434 - 1) // 8]
