"""A table's column of short texts by the real command: trained, measured, predicted from, resumed, and refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.command import CONFIGS, checkpoints_of, nnctl, report_of, rows_of
from tests.support.refusal import refusal_of

CONFIG = """
name: opinions
data:
  source: opinions.csv
  target: {target}
  {text}
  validation: 0.2
  test: 0.2
layers:
  - {{type: embedding, embedding_dim: 4}}
  - mean_over_steps
  - {{type: linear, out_features: {outputs}}}
loss: {loss}
learning_rate: 0.05
batch_size: 8
epochs: {epochs}
"""
TEXT = "text: {column: text}"
GOOD, BAD = ["good", "nice", "great"], ["bad", "awful", "poor"]
REST = ["the", "film", "is", "a", "really", "story"]


def config(text: str = TEXT, target: str = "liked", loss: str = "cross_entropy", epochs: int = 20) -> str:
    outputs = 2 if loss == "cross_entropy" else 1
    return CONFIG.format(text=text, target=target, loss=loss, outputs=outputs, epochs=epochs)


def opinions(count: int = 120) -> list[tuple[str, str, int]]:
    """A text, whether it is liked, and a number of stars, which one of its words tells."""
    generator = np.random.default_rng(0)
    rows = []
    for number in range(count):
        words = list(generator.choice(REST, 1 + number % 5))
        is_good = bool(number % 2)
        words.insert(number % len(words), str(generator.choice(GOOD if is_good else BAD)))
        rows.append((" ".join(words).capitalize() + ".", "yes!" if is_good else "no!", 5 if is_good else 1))
    return rows


def written(folder: Path, text: str, rows: list[tuple[Any, ...]], header: str = "text,liked,stars") -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header.split(","), *rows])
    (folder / "opinions.csv").write_text(out.getvalue(), encoding="utf-8")
    (folder / "opinions.yaml").write_text(text)


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("opinions")
    written(folder, config(), opinions())
    report = report_of("train", "opinions.yaml", "--run", "run", "-q", cwd=folder)
    note = "columns beside the text are no inputs: stars; `features: [text]` says so without this note"
    assert report["notes"].count(note) == 1
    return folder


def test_it_learns_which_words_count(trained: Path) -> None:
    report = report_of("eval", "run", cwd=trained)
    assert (report["samples"], report["metrics"]["accuracy"]) == (24, 1.0)
    (trained / "new.csv").write_text("n,text\n7,A great story!\n8,POOR film\n")
    done = nnctl("predict", "run", "new.csv", "--id", "n", cwd=trained)
    header, *rows = read_csv(done.stdout)
    assert header == ["n", "prediction", "probability_no!", "probability_yes!"]
    assert [row[:2] for row in rows] == [["7", "yes!"], ["8", "no!"]]
    assert "1 of the 6 tokens of the rows" in done.stderr
    assert (
        "is not in the vocabulary of training and stands in the slot of unknown ones, which training never used: !"
        in done.stderr
    )


def test_padding_has_no_influence(trained: Path) -> None:
    """A text is predicted alike, alone or beside longer ones, and beyond its length."""
    one, long = "Nice film.", "A really really nice story, the film is a great really nice story"
    (trained / "one.csv").write_text(f"text\n{one}\n")
    (trained / "both.csv").write_text(f'text\n{one}\n"{long}"\n"{long} is a bad, bad film"\n')
    alone = read_csv(nnctl("predict", "run", "one.csv", cwd=trained).stdout)
    both = nnctl("predict", "run", "both.csv", cwd=trained)
    rows = read_csv(both.stdout)
    assert rows[1] == alone[1]
    assert rows[2][1:] == rows[3][1:]
    assert "2 of the 3 rows have texts of more than 7 tokens, of which the first ones are read" in both.stderr


def test_check_shows_the_texts(trained: Path) -> None:
    data = report_of("check", "opinions.yaml", cwd=trained)["data"]
    assert (data["inputs_shape"], data["vocabulary"]) == ([7], 13)
    tokens = data["splits"]["train"]["tokens"]
    assert tokens == {"count": tokens["count"], "unknown": 0, "mean_length": tokens["count"] / 77, "longest": 7}
    shown = nnctl("check", "opinions.yaml", cwd=trained).stdout
    assert "vocabulary: 13 tokens, and a slot for all that are unknown" in shown
    assert "mean length" in shown


def test_the_resolved_config_runs_again(trained: Path) -> None:
    written_config = (trained / "run" / "config.yaml").read_text()
    assert "length: 7" in written_config
    assert "num_embeddings: 14" in written_config
    report = report_of("train", "run/config.yaml", "--run", "again", "-q", cwd=trained)
    assert not any("beside the text" in note for note in report["notes"])
    assert rows_of(trained / "again") == rows_of(trained / "run")


def test_other_files_are_measured_and_told(trained: Path) -> None:
    (trained / "other.csv").write_text('text,liked\ngood gizmo,yes!\n"",no!\nawful,no!\n')
    report = report_of("eval", "run", "--data", "other.csv", cwd=trained)
    assert report["samples"] == 3
    assert report["notes"] == [
        "1 of the 3 given rows has an empty text: it counts as one unknown token",
        "1 of the 3 tokens of the given rows is not in the vocabulary of training and stands in the slot of "
        "unknown ones, which training never used: gizmo",
    ]


def test_resume_gives_the_same_bytes(tmp_path: Path) -> None:
    written(tmp_path, config("text: {column: text, tokens: pieces, vocabulary: 40}", epochs=4), opinions())
    report_of("train", "opinions.yaml", "--run", "whole", "-q", cwd=tmp_path)
    report_of("train", "opinions.yaml", "epochs=2", "--run", "half", "-q", cwd=tmp_path)
    report_of("train", "opinions.yaml", "--run", "half", "--resume", "-q", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "half") == checkpoints_of(tmp_path / "whole")


@pytest.mark.slow
def test_folds_and_sweeps(tmp_path: Path) -> None:
    text = config("text: {column: text, tokens: characters}", epochs=1).replace("  test: 0.2\n", "")
    written(tmp_path, text, opinions())
    report = report_of("train", "opinions.yaml", "--folds", "2", "--run", "folds", "-q", cwd=tmp_path)
    assert len(report["folds"]) == 2
    sweep = report_of("sweep", "opinions.yaml", "data.text.vocabulary=5,9", "--run", "sweep", cwd=tmp_path)
    assert len(sweep["trials"]) == 2
    assert all(trial["value"] is not None for trial in sweep["trials"])


def test_values_are_learnt(tmp_path: Path) -> None:
    written(tmp_path, config(target="stars", loss="mse", epochs=30), opinions())
    report_of("train", "opinions.yaml", "--run", "run", "-q", cwd=tmp_path)
    assert report_of("eval", "run", cwd=tmp_path)["metrics"]["r2"] > 0.8


PLAIN = opinions(40)
BAD_TEXTS: dict[str, tuple[str, list[Any], int, str, str]] = {
    "no such column": (
        "text: {column: Text}",
        PLAIN,
        3,
        "opinions.csv: has no column Text",
        "did you mean text?",
    ),
    "numbers": (
        "text: {column: stars}",
        PLAIN,
        3,
        "opinions.csv: column stars holds numbers, the first is '1', and `text` is for texts",
        "name another column in `text: {column: …}`",
    ),
    "all are empty": (TEXT, [("", *row[1:]) for row in PLAIN], 3, "column text: the text is empty in all 40 rows", ""),
    "nothing occurs twice": (
        "text: {column: text, min_count: 500}",
        PLAIN,
        3,
        "data.text.min_count: no token occurs 500 times in the",
        "lower it: `text: {min_count: 1}`",
    ),
    "no vocabulary": (
        "text: {column: text, vocabulary: 0}",
        PLAIN,
        2,
        "data.text.vocabulary: expected a number of at least 1",
        "",
    ),
    "features beside it": (
        "text: {column: text}\n  features: [text, stars]",
        PLAIN,
        2,
        "data.features: is set, and with `text` the column text is the whole input",
        "leave it out, or leave `text` out",
    ),
    "the text excluded": (
        "text: {column: text}\n  features: {exclude: [text]}",
        PLAIN,
        2,
        "data.features: is set, and with `text` the column text is the whole input",
        "leave it out",
    ),
    "a series": (
        "text: {column: text}\n  series: {window: 3}",
        PLAIN,
        2,
        "data.series: is set, and with `text` the column text is the whole input",
        "leave one of them out",
    ),
    "settings of the column": (
        "text: {column: text}\n  columns: {text: category}",
        PLAIN,
        2,
        "data.columns.text: is set, and the column is the text",
        "leave it out",
    ),
    "the target": ("text: {column: liked}", PLAIN, 2, "is liked, which is the target as well", "name another column"),
    "the id": ("text: {column: text}\n  id: text", PLAIN, 2, "is text, which is the id as well", "name another column"),
    "a text of a megabyte": (
        TEXT,
        [*PLAIN, ("good film " * 100_000, "yes!", 5)],
        3,
        "opinions.csv:42: holds a value of more than 131,072 characters",
        "longer texts are read from .parquet files",
    ),
}


@pytest.mark.parametrize("case", BAD_TEXTS)
def test_bad_texts_are_refused(tmp_path: Path, case: str) -> None:
    text, rows, code, what, help = BAD_TEXTS[case]
    written(tmp_path, config(text), rows)
    refusal_of("train", "opinions.yaml", "--run", "run", cwd=tmp_path, code=code).says(what, help)


def test_slot_numbers_are_no_amounts(tmp_path: Path) -> None:
    written(tmp_path, config(), PLAIN)
    layers = "layers=[{type: linear, out_features: 2}]"
    refused = refusal_of("check", "opinions.yaml", layers, cwd=tmp_path, code=2)
    refused.says("layers.0: the inputs are slot numbers, which are names and no amounts")
    refused.says("put {type: embedding, embedding_dim: 32} in front of this layer")


def test_an_unknown_language_is_refused(trained: Path) -> None:
    (trained / "other.csv").write_text("text,liked\nsehr schön,yes!\nganz schlecht,no!\n")
    what, remedy = "other.csv: column text: no text has a token that training saw: the first is 'sehr schön'", "add"
    for arguments in (("predict", "run", "other.csv", "-o", "p.csv"), ("eval", "run", "--data", "other.csv")):
        refusal_of(*arguments, cwd=trained, code=3).says(what, f"{remedy} --allow-unseen")
        assert nnctl(*arguments, "--allow-unseen", cwd=trained).returncode == 0
    (trained / "empty.csv").write_text('text,n\n"",1\n"",2\n')
    refusal_of("predict", "run", "empty.csv", "-o", "e.csv", cwd=trained, code=3).says("the text is empty in all rows")
    (trained / "none.csv").write_text("words,n\na,1\n")
    refusal_of("predict", "run", "none.csv", "-o", "e.csv", cwd=trained, code=3).says("has no column text")
    refused = refusal_of("eval", "run", "--importance", cwd=trained, code=2)
    refused.says("the samples of this network are texts", "leave --importance out")


@pytest.mark.slow
def test_texts_of_a_megabyte_in_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [*opinions(80), ("good film " * 100_000, "yes!", 5), ("x" * 1_000_000, "no!", 1)]
    columns = dict(zip(("text", "liked", "stars"), map(list, zip(*rows, strict=True)), strict=True))
    parquet.write_table(pyarrow.table(columns), tmp_path / "opinions.parquet")
    (tmp_path / "opinions.yaml").write_text(config(epochs=1).replace("opinions.csv", "opinions.parquet"))
    report = report_of("train", "opinions.yaml", "data.text.length=6", "--run", "run", "-q", cwd=tmp_path)
    assert any(
        "texts of more than 6 tokens" in note or "a text of more than 6 tokens" in note for note in report["notes"]
    )
    predictions = read_csv(nnctl("predict", "run", "opinions.parquet", cwd=tmp_path).stdout)
    assert len(predictions) == 83


@pytest.mark.slow
def test_reviews(tmp_path: Path) -> None:
    """Always the most frequent class has 0.645."""
    found = []
    for seed in range(3):
        report_of("train", CONFIGS / "reviews.yaml", f"seed={seed}", "--run", f"run-{seed}", "-q", cwd=tmp_path)
        found.append(report_of("eval", f"run-{seed}", cwd=tmp_path)["metrics"]["accuracy"])
    assert np.mean(found) >= 0.755
