"""`nnctl train --find-lr`: short trainings that are the run's own, and the rate that is read off them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from nnctl.config.load import load_config
from nnctl.model.preparation import Prepared, prepare
from nnctl.schedules.cosine import Cosine
from nnctl.schedules.step import Step
from nnctl.training import learning_rate_finder as finder
from nnctl.training.learning_rate_finder import RATES, find_learning_rate
from nnctl.training.short_training import OverRun
from tests.support.command import CONFIGS, nnctl, report_of
from tests.support.refusal import files_in, refusal_of

FLAT = """
data: {source: flat.csv, target: y, target_transform: none}
layers:
  - {type: linear, out_features: 4, bias: false, activation: relu, weight: {type: constant, value: -1}}
  - {type: linear, out_features: 1, bias: false}
loss: mse
batch_size: 4
epochs: 3
"""


def prepared(name: str, *overrides: str) -> Prepared:
    return prepare(load_config(CONFIGS / f"{name}.yaml", overrides))


def test_a_loss_of_the_curve_is_that_of_a_run(tmp_path: Path) -> None:
    """All trainings start from the same weights, miss no step, and leave nothing to the next; on any thread count."""
    overrides = ["epochs=12", "schedule={type: cosine, warmup: 2}", "optimizer=adamw", "clip_norm=1"]
    common = (CONFIGS / "function.yaml", *overrides)
    found, again = (report_of("train", *common, "--find-lr", "--threads", n, cwd=tmp_path) for n in "12")
    assert (found["curve"], found["learning_rate"]) == (again["curve"], again["learning_rate"])
    assert not files_in(tmp_path)
    assert (found["steps"], found["samples"], found["epochs"]) == (12 * 5, 160, 12)
    curve = {point["learning_rate"]: point["loss"] for point in found["curve"]}
    assert tuple(curve) == RATES
    for rate in (0.03, 10.0):
        report_of("train", *common, f"learning_rate={rate}", "--run", f"{rate}", cwd=tmp_path)
        last = f"{rate}/checkpoints/last.safetensors"
        loss = report_of("eval", last, "--split", "train", cwd=tmp_path)["metrics"]["loss"]
        assert curve[rate] == pytest.approx(loss, rel=1e-6)


@pytest.mark.slow
def test_the_answer_can_be_pasted_and_trains_well(tmp_path: Path) -> None:
    done = nnctl("train", CONFIGS / "xor.yaml", "--find-lr", "-q", cwd=tmp_path)
    answer = done.stdout.strip()
    assert answer.startswith("learning_rate=")
    assert "the whole run has 300 steps" in done.stderr
    assert report_of("train", CONFIGS / "xor.yaml", answer, cwd=tmp_path)["metrics"]["accuracy"] == 1.0
    worse = report_of("train", CONFIGS / "xor.yaml", "learning_rate=0.01", cwd=tmp_path)
    assert worse["metrics"]["accuracy"] < 1.0


def test_the_chart(tmp_path: Path) -> None:
    done = nnctl("train", CONFIGS / "function.yaml", "epochs=8", "--find-lr", cwd=tmp_path)
    first, *chart, rates, answer = done.stdout.splitlines()
    assert first == "training loss after 40 steps (160 samples, 8 times over):"
    labels = rates.split()
    assert labels[:5] == ["1e-5", "3e-5", "1e-4", "3e-4", "1e-3"]
    assert [float(label) for label in labels] == list(RATES)
    (marked,) = (line for line in chart if "◆" in line)
    at = marked.index("◆")
    found = float(answer.removeprefix("learning_rate="))
    assert labels[RATES.index(found)] in rates[at - 3 : at + 4]
    assert sum(line.count(mark) for line in chart for mark in "●◆▲×") == len(RATES)


@pytest.mark.parametrize("option", [("--run", "x"), ("--resume",), ("--folds", "3")])
def test_it_makes_no_run(tmp_path: Path, option: tuple[str, ...]) -> None:
    refusal_of("train", CONFIGS / "xor.yaml", "--find-lr", *option, cwd=tmp_path, code=2).says(
        f"--find-lr makes no run, and {option[0]} is there"
    )


@pytest.mark.parametrize(
    ("power", "said"),
    [
        (15, "training diverges at every learning rate from 1e-10 to 10"),
        (25, "the training loss is inf before the first step"),
    ],
)
def test_where_every_rate_diverges(tmp_path: Path, power: int, said: str) -> None:
    (tmp_path / "large.csv").write_text("x,y\n" + "".join(f"{n}e{power},{n % 3}\n" for n in range(1, 9)))
    (tmp_path / "run.yaml").write_text(
        "data: {source: large.csv, target: y, numbers: {scale: none}}\nlayers: [{type: linear, out_features: 1}]\n"
        "loss: mse\noptimizer: sgd\nbatch_size: 4\nepochs: 3\n"
    )
    refused = refusal_of("train", "run.yaml", "--find-lr", cwd=tmp_path, code=5)
    refused.says(said, "nnctl check run.yaml --deep")


def test_where_no_rate_learns(tmp_path: Path) -> None:
    (tmp_path / "flat.csv").write_text("x,y\n" + "".join(f"{n},{n % 3}\n" for n in range(1, 9)))
    (tmp_path / "run.yaml").write_text(FLAT.replace("target_transform", "numbers: {scale: none}, target_transform"))
    refused = refusal_of("train", "run.yaml", "--find-lr", cwd=tmp_path, code=2)
    refused.says("no learning rate from 1e-05 to 10 lowers the training loss: it starts at 1.875")


def test_a_long_run_is_shortened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder, "STEPS", 20)
    found = find_learning_rate(prepared("function"))  # 5 steps an epoch
    assert (found.samples, found.epochs, found.steps, found.notes) == (160, 4, 20, ())
    found = find_learning_rate(prepared("function", "batch_size=2"))  # 80
    assert (found.samples, found.epochs, found.steps) == (40, 1, 20)


def test_smaller_rates_are_tried_where_the_smallest_is_best(monkeypatch: pytest.MonkeyPatch) -> None:
    best = 1e-7
    monkeypatch.setattr(finder, "train_briefly", lambda short: abs(math.log(short.config.learning_rate / best)) / 100)
    monkeypatch.setattr(finder, "loss_at_the_start", lambda short: 1.0)
    found = find_learning_rate(prepared("xor"))
    assert found.learning_rate == best
    assert min(found.curve) < best
    assert list(found.curve) == sorted(found.curve)


def test_the_answer_is_the_smallest_that_is_nearly_as_good() -> None:
    curve = {1e-3: 0.9, 1e-2: 0.109, 1e-1: 0.1, 1.0: None}
    assert finder._answer(curve, start=1.1) == 1e-2
    assert finder._answer(curve, start=0.95) == 1e-1
    assert finder._answer({1e-3: 0.995, 1e-2: None}, start=1.0) is None
    assert finder._answer({1e-3: None}, start=1.0) is None


@pytest.mark.parametrize("schedule", [Cosine(warmup=3), Step(every=10, gamma=0.5)])
def test_the_schedule_is_gone_through_in_fewer_steps(schedule: Cosine | Step) -> None:
    whole = schedule.learning_rates(2.0, np.arange(7 * 40), 7, 40)
    over = OverRun.model_construct(schedule=schedule, steps_per_epoch=7, epochs=40)
    assert over.learning_rates(2.0, np.arange(28), 7, 4) == whole[::10]
