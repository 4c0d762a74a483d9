"""Text: how it is cut into parts and sequences, which characters are known, and how it is decoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from nnctl.data.dataset import Dataset, open_dataset
from nnctl.data.formats.text import Text, TextSamples
from nnctl.data.source import find_format
from nnctl.data.text.vocabulary import UNKNOWN, Vocabulary
from nnctl.errors import DataError
from tests.support.sources import refusal, source

ALPHABET = "abcdefghij"


def text(folder: Path, content: str | bytes, **keys: Any) -> Text:
    path = folder / "a.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    made = source({"format": "text", "source": "a.txt", **keys}, folder)
    assert isinstance(made, Text)
    return made


def parts(made: Text) -> dict[str, TextSamples]:
    contents = made.read(Path(made.source))
    found = {"train": contents.train, "validation": contents.validation, "test": contents.test}
    return {name: samples for name, samples in found.items() if isinstance(samples, TextSamples)}


def spelled(samples: TextSamples) -> list[tuple[str, str]]:
    """Each sequence and its targets, in characters; ? for what is unknown."""
    characters = np.array(["?", *samples.vocabulary])
    assert isinstance(samples.inputs, np.ndarray)
    pairs = zip(samples.inputs, samples.targets, strict=True)
    return [("".join(characters[row]), "".join(characters[own])) for row, own in pairs]


def opened(made: Text) -> Dataset:
    return open_dataset(made, "classes", seed=0, precision="float32")


def test_the_target_of_each_step_is_the_character_that_follows(tmp_path: Path) -> None:
    (train,) = parts(text(tmp_path, ALPHABET, steps=3)).values()
    assert spelled(train) == [("abc", "bcd"), ("def", "efg"), ("ghi", "hij")]
    assert isinstance(train.inputs, np.ndarray)
    assert train.inputs.dtype == np.uint8
    assert train.notes == ()
    (train,) = parts(text(tmp_path, ALPHABET, steps=3, stride=2)).values()
    assert [own for own, _ in spelled(train)] == ["abc", "cde", "efg", "ghi"]
    (train,) = parts(text(tmp_path, ALPHABET, steps=3, stride=6)).values()
    assert [own for own, _ in spelled(train)] == ["abc", "ghi"]
    assert train.notes == ("2 of the 10 characters fill no whole sequence of 3 and the character that follows",)


def test_the_last_parts_are_set_aside_and_no_sequence_is_in_two(tmp_path: Path) -> None:
    content = (ALPHABET * 10)[:97]
    found = parts(text(tmp_path, content, steps=4, stride=1, test=0.2, validation=0.25))
    first, second = 97 - 19 - 20, 97 - 19
    whole = {"train": content[:first], "validation": content[first:second], "test": content[second:]}
    for name, own in whole.items():
        windows = [(own[i : i + 4], own[i + 1 : i + 5]) for i in range(len(own) - 4)]
        assert spelled(found[name]) == windows, name
        assert found[name].characters == len(own)


def test_a_fold_is_a_stretch_and_no_sequence_leads_over_it(tmp_path: Path) -> None:
    content = "".join(map(chr, range(0x4E00, 0x4E00 + 60)))
    made = text(tmp_path, content, steps=2, stride=1, validation=0.5, fold={"number": 2, "folds": 3})
    found = parts(made.model_copy(update={"vocabulary": content}))
    assert [own for own, _ in spelled(found["test"])] == [content[i : i + 2] for i in range(20, 38)]
    assert [own for own, _ in spelled(found["train"])] == [content[i : i + 2] for i in range(18)]
    assert [own for own, _ in spelled(found["validation"])] == [content[i : i + 2] for i in range(40, 58)]
    made = text(tmp_path, content, steps=2, stride=1, validation=0.75, fold={"number": 2, "folds": 3})
    found = parts(made.model_copy(update={"vocabulary": content}))
    assert [own for own, _ in spelled(found["train"])] == [content[i : i + 2] for i in range(8)]
    assert len(found["validation"]) == 8 + 18


def test_names_of_files_set_nothing_aside(tmp_path: Path) -> None:
    for key in ("test", "validation"):
        with pytest.raises(DataError, match=rf"data\.{key}\.name: is a pattern for the names of files"):
            opened(text(tmp_path, ALPHABET * 10, steps=4, **{key: {"name": "a*"}}))


def test_the_vocabulary_is_that_of_the_training_part_alone(tmp_path: Path) -> None:
    dataset = opened(text(tmp_path, "ab\n" * 30 + "abé" * 3 + "z", steps=3, test=0.1))
    assert isinstance(dataset.source, Text)
    assert dataset.source.vocabulary == "\nab"
    assert dataset.classes == (UNKNOWN, "newline", "a", "b")
    assert dataset.inputs_shape == (3,)
    assert dataset.outputs_shape == (3, 4)
    assert dataset.preprocessing.slots == 4
    assert dataset.train.targets.dtype == np.int8
    assert dataset.test is not None
    assert dataset.test.inputs.tolist() == [[2, 3, 0], [2, 3, 0], [2, 3, 0]]
    assert dataset.test.targets.tolist() == [[3, 0, 2], [3, 0, 2], [3, 0, 0]]
    note = "4 of the 10 test characters are not among those to train on and stand in the slot `unknown`: é (3), z (1)"
    assert note in dataset.notes
    assert not any("without a training sample" in note for note in dataset.notes)


def test_a_vocabulary_that_is_given_is_used(tmp_path: Path) -> None:
    dataset = opened(text(tmp_path, "abcabcabcabc", steps=2, vocabulary="zba"))
    assert dataset.train.inputs[0].tolist() == [3, 2]
    assert dataset.classes == (UNKNOWN, "z", "b", "a")
    assert any("4 of the 12 train characters" in note and "c (4)" in note for note in dataset.notes)
    with pytest.raises(ValidationError, match="has space twice"):
        text(tmp_path, "abc", vocabulary="a b ")


def test_many_characters_take_two_bytes(tmp_path: Path) -> None:
    content = "".join(map(chr, range(0x4E00, 0x4E00 + 300))) * 2
    (train,) = parts(text(tmp_path, content, steps=10)).values()
    assert isinstance(train.inputs, np.ndarray)
    assert train.inputs.dtype == np.uint16
    assert "".join(own for own, _ in spelled(train)) == content[: len(train) * 10]


@pytest.mark.parametrize(
    ("content", "characters", "note"),
    [
        ("\ufeffgrün\n".encode(), "grün\n", ""),
        ("grün\n".encode("utf-16"), "grün\n", ""),
        ("grün\nwie rot\n".encode("cp1252"), "grün\nwie rot\n", "is not UTF-8 text in a line: read as cp1252"),
        (b"a\r\nb\r\n", "a\r\nb\r\n", ""),
        ("日本\u2028語\x0c𝄞".encode(), "日本\u2028語\x0c𝄞", ""),
    ],
)
def test_text_is_decoded_as_tables_are(tmp_path: Path, content: bytes, characters: str, note: str) -> None:
    (train,) = parts(text(tmp_path, content, steps=1)).values()
    (first, _), *others = spelled(train)
    assert first + "".join(own for own, _ in others) + spelled(train)[-1][1] == characters
    assert any(note in own for own in train.notes) if note else not train.notes


@pytest.mark.parametrize(
    ("content", "keys", "message"),
    [
        (b"", {}, "a.txt: is empty"),
        (b"a", {}, "has 1 character to train on, and a sequence takes"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", {}, "holds bytes that are no text (a zero, byte 8)"),
        (b"PK\x03\x04 and more", {}, "is an Excel workbook or a zip archive help: give a text file"),
        (b"\x01\x02\x03 abc" * 9, {}, "is no text: 27 of its 63 characters are control characters"),
        (b"abc", {}, "has 3 characters to train on, and a sequence takes 65 characters, 64 and the one that follows"),
        (b"abc" * 99, {"test": 0.1}, "has 30 characters to test on, and a sequence takes 65 characters"),
        (b"abc" * 99, {"test": 0.1}, "set `steps` to 29 or less, or `test` to more"),
        (b"abc" * 99, {"validation": 0.0001}, "is 0.0001: of 297 characters validation takes none"),
        (b"abc" * 99, {"test": {"column": "x", "equals": 1}}, "names the column x, and"),
        ("grün".encode(), {"encoding": "nonsense"}, "unknown encoding 'nonsense'"),
        (b"\xff" * 9, {"encoding": "ascii", "steps": 2}, "is not ascii text"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes, keys: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        opened(text(tmp_path, content, **keys))
    assert message in refusal(caught)


@pytest.mark.parametrize("keys", [{"steps": 0}, {"stride": 0}, {"vocabulary": ""}, {"target": "y"}])
def test_keys_out_of_range(tmp_path: Path, keys: Any) -> None:
    with pytest.raises(ValidationError):
        text(tmp_path, "abc", **keys)


def test_no_number_of_steps_is_short_enough(tmp_path: Path) -> None:
    made = text(tmp_path, "abc" * 50, steps=3)
    (tmp_path / "b.txt").write_text("a")
    for call in (
        lambda: made.read(tmp_path / "b.txt"),
        lambda: opened(text(tmp_path, "a", steps=3)),
    ):
        with pytest.raises(DataError, match="has 1 character") as caught:
            call()
        assert caught.value.problems[0].help == "give a longer text"


def test_a_txt_file_may_be_a_table(tmp_path: Path) -> None:
    assert find_format(tmp_path / "a.txt") is None


def test_other_losses_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="use the loss cross_entropy"):
        open_dataset(text(tmp_path, ALPHABET, steps=3), "values", 0, "float32")


def test_a_file_is_predicted_whole_and_its_unknown_characters_are_told(tmp_path: Path) -> None:
    made = text(tmp_path, "abab?ab", steps=3)
    preprocessing = made.preprocessing_from_json({"steps": 3, "vocabulary": "ab"})
    stream = made.stream(Path(made.source), preprocessing, "float32")
    (block,) = stream.blocks
    assert block.inputs.tolist() == [[1, 2, 1], [2, 0, 1], [2, 0, 0]]
    assert block.lengths is not None
    assert block.lengths.tolist() == [3, 3, 1]
    assert stream.count == 3
    assert [note.rpartition("a.txt: ")[2] for note in stream.notes] == [
        "1 of the 7 characters is not among those to train on and stand in the slot `unknown`: ? (1)"
    ]


@pytest.mark.parametrize(
    "value", [{}, {"steps": 0, "vocabulary": "a"}, {"steps": True, "vocabulary": "a"}, {"steps": 3, "vocabulary": "aa"}]
)
def test_a_preprocessing_that_cannot_be_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(ValueError, match="invalid preprocessing"):
        text(tmp_path, "abc").preprocessing_from_json(value)


def test_a_preprocessing_comes_back(tmp_path: Path) -> None:
    made = text(tmp_path, "abc")
    value = {"steps": 3, "vocabulary": "\n a\u2028"}
    assert made.preprocessing_from_json(value).to_json() == value


def test_names_of_characters() -> None:
    assert Vocabulary("\t\n\r a\xa0\u200b語").classes == (
        UNKNOWN, "tab", "newline", "return", "space", "a", "U+00A0", "U+200B", "語",
    )  # fmt: skip
