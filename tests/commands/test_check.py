"""`nnctl check`: everything but the training."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import CONFIGS, nnctl, report_of


def test_the_layers_of_the_default_example(tmp_path: Path) -> None:
    report = report_of(
        *("check", CONFIGS / "mnist_cnn.yaml", "layers.0.out_channels=6", "layers.2.out_channels=16"), cwd=tmp_path
    )
    layers = {layer["name"]: layer for layer in report["layers"]}
    assert layers["layers.0"]["outputs"] == [28, 28, 6]
    assert layers["layers.0"]["parameters"] == 5 * 5 * 1 * 6 + 6
    assert layers["layers.0"]["multiply_adds"] == 28 * 28 * 5 * 5 * 1 * 6
    assert layers["layers.1"]["outputs"] == [14, 14, 6]
    assert layers["layers.2"]["multiply_adds"] == 14 * 14 * 5 * 5 * 6 * 16
    assert layers["layers.5"]["parameters"] == 7 * 7 * 16 * 128 + 128
    assert report["parameters"] == sum(layer["parameters"] for layer in report["layers"])
    assert report["multiply_adds"] == sum(layer["multiply_adds"] for layer in report["layers"])
    assert report["memory"] > 4 * 4 * report["parameters"]
    train = report["data"]["splits"]["train"]
    assert train["samples"] == 10_000
    assert train["classes"] == {str(digit): 1000 for digit in range(10)}
    assert train["missing"] == 0
    assert (train["inputs"]["min"], train["inputs"]["max"]) == (0.0, 1.0)
    assert not (tmp_path / "runs").exists()


def test_the_tables(tmp_path: Path) -> None:
    done = nnctl("check", CONFIGS / "function.yaml", cwd=tmp_path)
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["layers.0", "linear", "32", "64", "32"] in rows
    assert ["total", "1,153", "1,088", "a", "sample"] in rows
    assert any(row[:2] == ["train", "160"] for row in rows)
    assert any(row[:2] == ["validation", "y"] for row in rows)


def test_notes_tell_what_is_odd_but_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text("a,b,y\n1,7,1\n2,7,2\n3,7,3\n1,7,1\n")
    (tmp_path / "odd.yaml").write_text(
        "data: {source: odd.csv, target: y, test: odd.csv}\n"
        "layers: [{type: linear, out_features: 1}]\nloss: mse\nbatch_size: 2\n"
    )
    done = nnctl("check", "odd.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "constant in the training samples: b" in done.stderr
    assert "4 of the 4 test samples have the same inputs as a training sample" in done.stderr
