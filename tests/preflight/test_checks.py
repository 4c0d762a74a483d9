"""What is found before training: each thing in a config that is broken in this way, and nothing in sound ones."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from nnctl.config.load import load_config
from nnctl.model.preparation import Prepared, prepare
from nnctl.preflight.baseline import Baseline
from nnctl.preflight.check import Finding, examine
from nnctl.preflight.reach import reached_by
from nnctl.preflight.saturated_units import SaturatedUnits
from nnctl.preflight.subject import Subject
from nnctl.preflight.vanishing_gradients import relative_gradients
from tests.support.command import CONFIGS, nnctl, report_of

LINEAR = "{type: linear, out_features: 1}"
SIGMOIDS = f"[{'{type: linear, out_features: 16, activation: sigmoid}, ' * 7}{LINEAR}]"
HALF_DEAD = f"[{', '.join(['-20'] * 16 + ['0'] * 16)}]"
ZEROS = [f"layers.{number}.weight=zeros" for number in range(3)]

BROKEN = [
    ("ames", ["data.numbers.scale=none"], ["unscaled_inputs"]),
    ("ames", ["data.target_transform=none"], ["unscaled_targets", "learning_rate"]),
    ("function", ["layers.2.weight={type: normal, std: 4}"], ["loss_at_start"]),
    ("function", ["learning_rate=1e-6"], ["learning_rate"]),
    ("function", ["learning_rate=30"], ["large_updates"]),
    ("function", ["layers.0.activation=relu", f"layers.0.bias={HALF_DEAD}"], ["dead_units"]),
    ("function", ["layers.0.activation=relu", "layers.0.bias=-20"], ["unreached_outputs", "dead_units"]),
    ("function", ZEROS, ["unreached_outputs"]),
    ("function", ["layers.0.weight={type: normal, std: 50}"], ["saturated_units", "vanishing_gradients"]),
    ("function", [f"layers={SIGMOIDS}"], ["vanishing_gradients"]),
    ("gate", ["layers=[{type: linear, out_features: 1, activation: sigmoid}]"], ["loss_stalls"]),
]


def prepared(name: str, *overrides: str) -> Prepared:
    return prepare(load_config(CONFIGS / f"{name}.yaml", overrides))


def findings(name: str, *overrides: str) -> list[Finding]:
    return examine(Subject(prepared(name, *overrides)))


LARGER = [
    ("mnist_mlp", ["data.scale=1"], ["unscaled_inputs"]),
    ("mnist_mlp", ["data.scale=1e5"], ["unscaled_inputs", "learning_rate"]),
    ("mnist_mlp", ["layers.1.activation=sigmoid", "layers.1.weight={type: normal, std: 3}"], ["saturated_units"]),
]


@pytest.mark.parametrize(
    ("name", "overrides", "expected"), [*BROKEN, *(pytest.param(*case, marks=pytest.mark.slow) for case in LARGER)]
)
def test_what_is_broken_is_found_and_its_remedy_works(name: str, overrides: list[str], expected: list[str]) -> None:
    found = findings(name, *overrides)
    assert [finding.name for finding in found] == expected
    for finding in found:
        assert finding.where
        if re.match(r"[\w.]+=", finding.remedy):
            again = findings(name, *overrides, finding.remedy)
            assert finding.name not in [other.name for other in again]


@pytest.mark.parametrize("name", ["ames", "backpropagation", "function", "gate", "perceptron", "xor"])
def test_nothing_is_found_in_examples(name: str) -> None:
    assert findings(name) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mnist_mlp", "penguins", "reviews", "sunspots", "tic_tac_toe", "weather"])
def test_nothing_is_found_in_larger_examples(name: str) -> None:
    assert findings(name) == []


def test_shares_and_counts() -> None:
    (dead,) = (f for f in findings("function", *BROKEN[5][1]) if f.name == "dead_units")
    assert dead.where == "layers.0.activation"
    assert dead.evidence == "16 of 32 units are 0 for all 64 samples"
    (scaled, *_) = findings("ames", "data.numbers.scale=none")
    assert scaled.where.startswith("data (Longitude, Latitude, Lot_Area, ")
    assert scaled.evidence.startswith("values of 8 of 71 columns are around")


@pytest.mark.parametrize(("nonlinearity", "count"), [("tanh", 1), ("relu", 0)])
def test_a_recurrent_layer_is_saturated_where_it_is_bounded(tmp_path: Path, nonlinearity: str, count: int) -> None:
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).normal(size=(20, 3, 2)), y=np.arange(20) % 2)
    (tmp_path / "run.yaml").write_text(
        "data: a.npz\nloss: cross_entropy\nbatch_size: 8\nlayers:\n"
        f"- {{type: rnn, hidden_size: 4, bias: 5, nonlinearity: {nonlinearity}}}\n- {{type: linear, out_features: 2}}\n"
    )
    found = list(SaturatedUnits().findings(Subject(prepare(load_config(tmp_path / "run.yaml")))))
    assert [finding.evidence for finding in found] == ["100% of the outputs of this rnn are at its bounds"] * count


@pytest.mark.parametrize("name", ["penguins", "ames", "tic_tac_toe"])
def test_the_loss_of_chance(name: str) -> None:
    """The entropy of the classes, or the loss of the mean, by other means."""
    subject = Subject(prepared(name))
    targets = subject.samples.targets
    if name == "penguins":
        shares = np.bincount(targets) / len(targets)
        expected = -(shares[shares > 0] * np.log(shares[shares > 0])).sum()
    elif name == "tic_tac_toe":
        shares = targets.mean(axis=0, dtype=np.float64)
        expected = -(shares * np.log(shares) + (1 - shares) * np.log(1 - shares)).mean()
    else:
        errors = np.abs(targets - targets.mean())
        expected = np.where(errors <= 1, errors**2 / 2, errors - 0.5).mean()
    assert subject.chance == pytest.approx(expected, rel=1e-5)


def test_counts_have_a_loss_that_nothing_is_below(tmp_path: Path) -> None:
    counts = np.random.default_rng(0).poisson(3, 40)
    rows = "".join(f"{n},{count}\n" for n, count in enumerate(counts))
    (tmp_path / "counts.csv").write_text("x,y\n" + rows)
    (tmp_path / "run.yaml").write_text(
        "data: {source: counts.csv, target: y}\nlayers: [{type: linear, out_features: 1}]\nloss: poisson\n"
    )
    subject = Subject(prepare(load_config(tmp_path / "run.yaml")))
    rates = np.maximum(counts, 1e-6)
    assert subject.floor == pytest.approx((rates - counts * np.log(rates)).mean(), rel=1e-5)
    assert subject.chance == pytest.approx(counts.mean() - counts.mean() * np.log(counts.mean()), rel=1e-5)
    assert subject.floor < subject.chance


def test_gradients_are_relative_to_the_weights() -> None:
    """A linear layer on the mean squared error: 2 (x w + b - y) x / N, by hand."""
    subject = Subject(prepared("function", f"layers=[{LINEAR}]"))
    network = subject.network()
    weight, bias = network.kept().values()
    x, y = subject.inputs.astype(np.float64), subject.samples.targets.astype(np.float64)
    gradient = 2 * ((x @ weight + bias - y) * x).mean()
    assert relative_gradients(subject) == {"layers.0": pytest.approx(float(np.abs(gradient / weight).item()), rel=1e-4)}


def test_inputs_that_a_layer_leaves_out(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    rows = "".join(",".join(f"{value:.3f}" for value in draw.normal(size=5)) + "\n" for _ in range(30))
    (tmp_path / "t.csv").write_text("a,b,c,d,y\n" + rows)
    (tmp_path / "run.yaml").write_text(
        "data: {source: t.csv, target: y}\nloss: mse\nbatch_size: 8\n"
        "layers: [{type: reshape, shape: [4, 1]}, {type: conv1d, out_channels: 3, kernel_size: 1, stride: 2}, flatten,"
        " {type: linear, out_features: 1}]\n"
    )
    subject = Subject(prepare(load_config(tmp_path / "run.yaml")))
    reached, trained = reached_by(subject)
    np.testing.assert_array_equal(reached, [[True, False, True, False]])
    np.testing.assert_array_equal(trained, [True])
    (unread,) = (finding for finding in examine(subject) if finding.name == "unread_inputs")
    assert unread.evidence == "2 of 4 inputs change no output: b, d"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([], ["inputs_unused"]),
        (["learning_rate=10"], ["learning_rate"]),
        (["layers.1.weight=zeros"], ["loss_stalls"]),
    ],
)
def test_targets_that_do_not_belong_to_the_inputs(tmp_path: Path, overrides: list[str], expected: list[str]) -> None:
    draw = np.random.default_rng(1)
    rows = "".join(f"{draw.normal():.3f},{draw.normal():.3f}\n" for _ in range(300))
    (tmp_path / "t.csv").write_text("x,y\n" + rows)
    (tmp_path / "run.yaml").write_text(
        "data: {source: t.csv, target: y, validation: 0.3}\nloss: mse\nlearning_rate: 0.01\nepochs: 50\nseed: 1\n"
        "layers: [{type: linear, out_features: 32, activation: relu}, {type: linear, out_features: 1}]\n"
        "optimizer: sgd\n"
    )
    subject = Subject(prepare(load_config(tmp_path / "run.yaml", overrides)))
    assert [finding.name for finding in Baseline().findings(subject)] == expected


def test_the_command(tmp_path: Path) -> None:
    broken = ("check", CONFIGS / "function.yaml", "layers.2.weight={type: normal, std: 4}")
    assert report_of(*broken, cwd=tmp_path)["findings"] is None
    found = report_of(*broken, "--deep", cwd=tmp_path)["findings"]
    assert [set(finding) for finding in found] == [{"name", "where", "evidence", "remedy"}] * len(found)
    done = nnctl(*broken, "--deep", cwd=tmp_path)
    assert f"loss_at_start: loss: {found[0]['evidence']}\n  help: try 'layers.2.weight=" in done.stdout
    assert found[0]["remedy"] == "layers.2.weight={type: normal, std: 0.01}"
    done = nnctl("check", CONFIGS / "function.yaml", "--deep", cwd=tmp_path)
    assert "nothing was found" in done.stdout
    assert list(tmp_path.iterdir()) == []
