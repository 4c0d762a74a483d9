"""A data set from its source to the arrays: splits, preparation, notes, and everything that is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.data.dataset import Dataset, FittedData, Split, open_dataset, open_samples
from nnctl.data.describe import describe
from nnctl.errors import DataError
from nnctl.targets import Targets
from tests.support.sources import ROOT, digits, refusal, source, write_idx
from tests.support.work import assert_linear, counted

PLAIN = {"scale": "none"}  # numbers as the file has them


def opened(value: Any, targets: Targets = "classes", seed: int = 1, precision: str = "float32") -> Dataset:
    return open_dataset(source(value), targets, seed, precision)


def fitted(data: Dataset) -> FittedData:
    """What a checkpoint would keep."""
    return FittedData(data.preprocessing, data.transform, data.classes)


def refused(value: Any, targets: Targets = "classes") -> str:
    with pytest.raises(DataError) as caught:
        opened(value, targets)
    return refusal(caught)


def table(folder: Path, name: str = "t.csv", rows: int = 20, header: str = "a,b,y", offset: float = 0) -> str:
    lines = [f"{i + offset},{(i * 7) % 5},{i % 2}" for i in range(rows)]
    (folder / name).write_text("\n".join([header, *lines]) + "\n")
    return str(folder / name)


def npz(folder: Path, **arrays: Any) -> str:
    np.savez(folder / "a.npz", **arrays)
    return str(folder / "a.npz")


def same(a: Split | None, b: Split | None) -> None:
    assert a is not None
    assert b is not None
    np.testing.assert_array_equal(a.inputs, b.inputs)
    np.testing.assert_array_equal(a.targets, b.targets)


def test_digits_open_without_a_loop_over_their_pixels() -> None:
    value = {"source": str(ROOT / "data" / "mnist"), "validation": 0.1, "standardize": True}
    data, calls = counted(lambda: opened(value))
    assert calls < 10 * 12_000  # of 12,000 images with 784 pixels each
    assert {name: len(split) for name, split in data.splits().items()} == {
        "train": 9000,
        "validation": 1000,
        "test": 2000,
    }
    assert data.inputs_shape == (28, 28, 1)
    assert data.outputs == 10
    assert data.classes == tuple("0123456789")
    assert data.train.targets.dtype == np.int64
    assert np.bincount(data.train.targets).tolist() == [900] * 10
    assert data.notes == ()
    assert abs(float(data.train.inputs.mean(dtype=np.float64))) < 1e-6
    assert abs(float(data.train.inputs.std(dtype=np.float64)) - 1) < 1e-6


def test_images_of_bytes_are_scaled(tmp_path: Path) -> None:
    images, labels = digits(9)
    write_idx(tmp_path / "train-images-idx3-ubyte", images)
    write_idx(tmp_path / "train-labels-idx1-ubyte", labels)
    data = opened({"source": str(tmp_path)}, precision="float64")
    np.testing.assert_array_equal(data.train.inputs[..., 0], images / 255)
    flat = opened({"source": str(tmp_path), "shape": [20], "scale": 1})
    np.testing.assert_array_equal(flat.train.inputs, images.reshape(9, 20))


def test_fractions_cut_test_first_and_then_validation_from_the_rest(tmp_path: Path) -> None:
    path = table(tmp_path, rows=100)
    data = opened({"source": path, "target": "y", "test": 0.2, "validation": 0.25, "numbers": PLAIN})
    assert [len(split) for split in data.splits().values()] == [60, 20, 20]
    columns = [set(split.inputs[:, 0].tolist()) for split in data.splits().values()]
    assert set.union(*columns) == set(range(100))
    assert sum(map(len, columns)) == 100
    assert [np.bincount(split.targets).tolist() for split in data.splits().values()] == [[30, 30], [10, 10], [10, 10]]
    only_test = opened({"source": path, "target": "y", "test": 0.2, "numbers": PLAIN})
    same(only_test.test, data.test)


def test_the_same_arguments_give_the_same_bits_and_seeds_differ(tmp_path: Path) -> None:
    value = {"source": table(tmp_path), "target": "y", "validation": 0.3}
    for name, split in opened(value).splits().items():
        same(split, opened(value).splits()[name])
    other = open_dataset(source(value), "classes", 2, "float32")
    assert other.train.inputs.tobytes() != opened(value).train.inputs.tobytes()


def test_nothing_is_learnt_from_validation_and_test(tmp_path: Path) -> None:
    train = table(tmp_path)
    far = {"validation": table(tmp_path, "v.csv", offset=1e6), "test": table(tmp_path, "w.csv", offset=-1e6)}
    alone = opened({"source": train, "target": "y"})
    data = opened({"source": train, "target": "y", **far})
    assert data.preprocessing == alone.preprocessing
    same(data.train, alone.train)
    assert data.validation is not None
    assert data.validation.inputs[:, 0].min() > 1e4


def test_other_files_may_order_their_columns_otherwise(tmp_path: Path) -> None:
    train = table(tmp_path)
    (tmp_path / "v.csv").write_text("y,b,a\n0,5,100\n1,6,200\n")
    value = {"source": train, "target": "y", "validation": str(tmp_path / "v.csv"), "numbers": PLAIN}
    data = opened(value)
    assert data.validation is not None
    assert data.validation.inputs.tolist() == [[100, 5], [200, 6]]
    (tmp_path / "v.csv").write_text("y,b,c\n0,5,100\n")
    assert "v.csv: has no column a; it has y, b, c help: give it the columns of the training" in refused(value)


def test_other_files_may_have_columns_that_nobody_asked_for(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("y,b,extra,a\n0,5,inf,100\n")
    data = opened({"source": table(tmp_path), "target": "y", "validation": str(tmp_path / "v.csv"), "numbers": PLAIN})
    assert data.validation is not None
    assert data.validation.inputs.tolist() == [[100, 5]]


def test_other_files_are_read_with_the_types_of_the_training_samples(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,kind,y\n1,x1,0\n2,x2,1\n3,x1,0\n4,3,1\n")
    (tmp_path / "v.csv").write_text("a,kind,y\n1,3,0\n2,4,1\n")  # all numbers, and words all the same
    value = {"source": str(tmp_path / "t.csv"), "target": "y", "validation": str(tmp_path / "v.csv"), "numbers": PLAIN}
    data = opened(value)
    assert data.validation is not None
    assert data.validation.inputs.tolist() == [[1, 1, 0, 0], [2, 0, 0, 0]]  # a, then the slots of 3, x1 and x2
    assert data.notes == ("column kind: 1 of the 2 validation samples has a value that training never saw",)
    (tmp_path / "v.csv").write_text("a,kind,y\nq,x1,0\n2,x2,1\n")
    assert "v.csv:2: column a: 'q' is not a number" in refused(value)


def test_the_splits_of_a_run_are_found_again_by_what_it_learnt(tmp_path: Path) -> None:
    data = opened({"source": table(tmp_path), "target": "y", "test": 0.2, "validation": 0.2})
    again = open_dataset(data.source, "classes", 1, "float32", fitted=fitted(data))
    assert list(again.splits()) == ["train", "validation", "test"]
    for name, split in again.splits().items():
        same(split, data.splits()[name])


def test_other_samples_are_prepared_as_the_run_was(tmp_path: Path) -> None:
    data = opened({"source": table(tmp_path), "target": "y"})
    (tmp_path / "o.csv").write_text("b,a,y\n2,11,1\n3,12,1\n")

    def other() -> Split:
        found, notes, _ = open_samples(data.source, tmp_path / "o.csv", "test", "classes", "float32", fitted(data))
        assert notes == ()
        return found

    a, b = np.arange(20.0), np.arange(20) * 7 % 5
    found = other()
    expected = [[(11 - a.mean()) / a.std(), (2 - b.mean()) / b.std()], [(12 - a.mean()) / a.std(), 1 / b.std()]]
    np.testing.assert_allclose(found.inputs, expected, rtol=1e-6)
    assert found.targets.tolist() == [1, 1]
    for content, message in (
        ("b,a,y\n2,11,7\n", "o.csv:2: the class 7 is not among the 2 known ones: 0, 1"),
        ("b,y\n2,1\n", "o.csv: has no column a"),
        ("b,a\n2,1\n", "o.csv: has no column y; it has b, a"),
        ("b,a,y\ninf,1,1\n", "o.csv:2: column b: expected a finite number, got inf"),
    ):
        (tmp_path / "o.csv").write_text(content)
        with pytest.raises(DataError) as caught:
            other()
        assert message in refusal(caught)


def test_text_labels_become_classes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,kind\n1,cat\n2,ant\n3,cat\n")
    data = opened({"source": str(tmp_path / "t.csv"), "target": "kind"})
    assert data.classes == ("ant", "cat")
    assert data.train.targets.tolist() == [1, 0, 1]
    assert "sample" not in refused({"source": str(tmp_path / "t.csv"), "target": "kind"}, "values")
    assert "t.csv:2: column kind: the target 'cat' is not a number" in refused(
        {"source": str(tmp_path / "t.csv"), "target": "kind"}, "values"
    )


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_values_and_binary_targets_are_columns_of_the_precision(tmp_path: Path, precision: str) -> None:
    gates = str(ROOT / "data" / "logic" / "gates.csv")
    data = opened({"source": gates, "target": ["and", "or"]}, "binary", precision=precision)
    assert data.train.targets.tolist() == [[0, 0], [0, 1], [0, 1], [1, 1]]
    assert data.train.targets.dtype == precision
    assert (data.outputs, data.classes, data.target_names) == (2, (), ("and", "or"))
    x = np.arange(5.0)
    values = opened(npz(tmp_path, x=x, y=x), "values", precision=precision)
    assert values.train.inputs.shape == values.train.targets.shape == (5, 1)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.array([[1.0, 2.0], [np.nan, np.inf]]), "y": [0, 1]}, "sample 2: input [0] is NaN (the first of 2"),
        ({"x": np.full((2, 2, 2), -np.inf), "y": [0, 1]}, "sample 1: input [0, 0] is infinite"),
        ({"x": np.eye(2), "y": [1, 1]}, "has one class only, 1"),
        ({"x": np.eye(2), "y": [0, 0.5]}, "sample 2: the label is 0.5"),
        ({"x": np.full((2, 2), 1e300), "y": [0, 1]}, "sample 1: the inputs are too large for float32"),
        (
            {"x": np.eye(2), "y": [0, 1], "x_test": np.ones((1, 3)), "y_test": [1]},
            "expected samples of 2 numbers, got 3 numbers",
        ),
        ({"x": np.eye(2), "y": [0, 0], "x_test": np.eye(2), "y_test": [0, 1]}, "are all of one class"),
    ],
)
def test_unfit_arrays(tmp_path: Path, arrays: Any, message: str) -> None:
    assert message in refused(npz(tmp_path, **arrays))


def test_unfit_values(tmp_path: Path) -> None:
    assert "sample 1: the targets are too large for float32" in refused(
        npz(tmp_path, x=np.eye(2), y=[1e300, 1.0]), "values"
    )
    assert "all of one class" in refused(npz(tmp_path, x=np.eye(2), y=[1, 1]), "binary")
    other = npz(tmp_path, x=np.eye(2), y=np.eye(2), x_test=np.eye(2), y_test=np.ones((2, 3)))
    assert "has 3 targets a sample" in refused(other, "values")
    huge = {"source": npz(tmp_path, x=np.array([[1e200], [0]]), y=[0, 1]), "standardize": True}
    assert "too large to be standardized" in refused(huge)


def test_infinity_in_a_table_is_told_with_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n1,2,0\n1,-inf,1\n1e999,1,1\n")
    assert "t.csv:3: column b: expected a finite number, got -inf" in refused(
        {"source": str(tmp_path / "t.csv"), "target": "y"}
    )


def test_a_shape_that_does_not_fit_is_refused_with_both_sizes(tmp_path: Path) -> None:
    message = refused({"source": npz(tmp_path, x=np.eye(2), y=[0, 1]), "shape": [2, 2, 1]})
    assert message.startswith("data.shape: is 2×2×1, the samples of ")
    assert "a.npz are 2 numbers help: leave `shape` out, or give one of as many numbers" in message


def test_parts_that_contradict_each_other(tmp_path: Path) -> None:
    both = npz(tmp_path, x=np.eye(4), y=[0, 1, 0, 1], x_test=np.eye(4), y_test=[0, 1, 0, 1])
    assert "data.test: is set" in refused({"source": both, "test": 0.5})
    other = tmp_path / "b.npz"
    np.savez(other, x=np.eye(4), y=[0, 1, 0, 1])
    assert "not one set" in refused({"source": str(other), "validation": both})
    data = opened({"source": str(other), "test": both})
    assert data.test is not None
    assert set(data.hashes) == {"source/b.npz", "test/a.npz"}


def test_only_test_samples(tmp_path: Path) -> None:
    images, labels = digits(6)
    write_idx(tmp_path / "t10k-images-idx3-ubyte", images)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", labels)
    assert "none to train on" in refused(str(tmp_path))


def test_files_of_one_name_keep_their_hashes_apart(tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    value = {"source": table(tmp_path), "target": "y", "validation": table(tmp_path / "v", offset=0.5)}
    assert opened(value).hashes.keys() == {"source/t.csv", "validation/t.csv"}
    assert opened({**value, "validation": value["source"]}).hashes.keys() == {"source/t.csv", "validation/t.csv"}


def test_a_folder_of_another_name_holds_the_same_data(tmp_path: Path) -> None:
    images, labels = digits(9)
    hashes = []
    for name in ("digits", "moved"):
        (tmp_path / name).mkdir()
        write_idx(tmp_path / name / "train-images-idx3-ubyte", images)
        write_idx(tmp_path / name / "train-labels-idx1-ubyte", labels)
        hashes.append(opened(str(tmp_path / name)).hashes)
    assert hashes[0] == hashes[1]
    assert hashes[0].keys() == {"source/"}


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    for name in ("none.csv", "none.npz", "none"):
        value = {"source": str(tmp_path / name), **({"target": "y"} if name.endswith("csv") else {})}
        assert "does not exist help: the folder" in refused(value)
    (tmp_path / "d.npz").mkdir()
    assert "is a folder, not a file" in refused(str(tmp_path / "d.npz"))
    (tmp_path / "loop.npz").symlink_to(tmp_path / "loop.npz")
    assert "cannot be read" in refused(str(tmp_path / "loop.npz"))
    assert "is not a regular file" in refused({"source": "/dev/zero", "format": "npz"})


def test_what_should_be_told(tmp_path: Path) -> None:
    x = np.array([[1.0, 5], [2, 5], [3, 5], [4, 5]])
    data = opened(
        npz(tmp_path, x=x, y=[0, 1, 0, 1], x_test=x[:3] + np.array([[0, 0], [0, 0], [0.1, 0]]), y_test=[0, 1, 2])
    )
    assert data.notes == (
        "an input is constant in the training samples: 1",
        "a class without a training sample: 2",
        "2 of the 3 test samples have the same inputs as a training sample",
    )
    data = opened(npz(tmp_path, x=x, y=[0, 1, 0, 1], x_test=[[1.0, 5], [9, 5]], y_test=[0, 1]))
    assert "1 of the 2 test samples has the same inputs as a training sample" in data.notes
    values = opened(npz(tmp_path, x=x[:, :1], y=[3, 3, 3, 3]), "values")
    assert values.notes == ("the target 0 is 3 in all training samples",)


def test_the_same_inputs_in_another_type_are_the_same(tmp_path: Path) -> None:
    x = np.arange(6).reshape(3, 2)
    data = opened(npz(tmp_path, x=x.astype("u1"), y=[0, 1, 0], x_test=x.astype("f4"), y_test=[0, 1, 0]))
    assert data.notes == ("all 3 test samples have the same inputs as a training sample",)


def test_the_work_is_linear_in_the_columns(tmp_path: Path) -> None:
    random = np.random.default_rng(0)

    def look(columns: int) -> None:
        names = [f"gene_{number}" for number in range(columns)]
        lines = [
            ",".join(f"{value:.3f}" for value in row) + f",{position % 2}"
            for position, row in enumerate(random.normal(size=(40, columns)))
        ]
        (tmp_path / "wide.csv").write_text("\n".join([",".join([*names, "y"]), *lines]) + "\n")
        data = opened({"source": str(tmp_path / "wide.csv"), "target": "y", "validation": 0.2})
        describe(opened(data.source.model_dump(mode="json")))  # which names each column

    assert_linear(look, 150)


def test_description(tmp_path: Path) -> None:
    data = opened({"source": table(tmp_path), "target": "y", "validation": 0.5, "numbers": PLAIN})
    told = describe(data)
    assert told["splits"]["train"]["classes"] == {"0": 5, "1": 5}
    assert told["splits"]["validation"]["samples"] == 10
    assert told["splits"]["train"]["inputs"]["max"] == float(data.train.inputs.max())
    assert told["splits"]["train"]["constant_columns"] == told["splits"]["train"]["missing"] == 0
    sine = opened({"source": str(ROOT / "data" / "function" / "sine.csv"), "target": "y", "numbers": PLAIN}, "values")
    (target,) = describe(sine)["splits"]["train"]["targets"]
    assert target["name"] == "y"
    assert abs(target["mean"]) < 1e-7
    np.testing.assert_allclose(sine.train.targets, np.sin(sine.train.inputs), atol=1e-6)
