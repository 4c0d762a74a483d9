"""Each rule on records made by hand: one that it is about, and others beside it that it is not about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.diagnoses.diagnosis import Finding, diagnose, diagnoses
from tests.diagnoses.records import record

E = 40
FALLING = np.exp(-np.arange(E) / 4) + 0.05
WAVES = np.tile([1.0, -1.0, 0.5, -0.5, -1.0, 1.0, 0.0, 0.3], E // 8)  # without a trend


def layers(count: int = 12, **measured: dict[str, Any]) -> list[dict[str, dict[str, Any]]]:
    """As many measured steps. measured: of layers, by their position; a number below 0 stands for an activation."""
    own = {name.replace("_", "."): values for name, values in measured.items()}
    return [own] * count


FIRST, ACTIVATED = "layers_0", "layers_0_activation"
OVERFIT = np.concatenate([np.linspace(0.6, 0.4, 10), np.linspace(0.41, 0.7, E - 10)])
SMALL = {f"layers_{at}": {"update": 1e-4} for at in range(4)}
MISSED = {"val_loss": 0.01, "diagnoses": {"never_predicted": {"classes": {"yes": 3}}}}
STEPS = [1e-9, 1e-7, 1e-5, 1e-3]

# name, what it is about, what it is not about
CASES: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {
    "vanishing_gradients": (
        [
            {"layers": layers(**{FIRST: {"gradient": 1e-7}}), "ended": None},
            {"layers": layers(20, **{FIRST: {"by_step": STEPS}}), "batches": [0.7] * 20, "ended": None},
        ],
        [
            {"layers": layers(**{FIRST: {"gradient": 1e-3}})},
            {"layers": layers(**{FIRST: {"gradient": 0.0}})},  # of units that are dead
            {"layers": layers(3, **{FIRST: {"gradient": 1e-7}})},
            {"layers": layers(20, **{FIRST: {"by_step": STEPS}}), "batches": [0.7] * 10 + [0.1] * 10},
        ],
    ),
    "exploding_gradients": (
        [
            {"layers": layers(**{FIRST: {"d_outputs": 1.0}}), "ended": None},
            {"layers": layers(layers_3={"outputs": 1e4}), "batches": [2e14] * 12, "ended": None},
            {"layers": layers(**{FIRST: {"by_step": [10.0, 1.0, 1e-3, 0.0]}}), "ended": None},
        ],
        [
            {"layers": layers(**{FIRST: {"d_outputs": 0.1}})},
            {"layers": layers(layers_3={"outputs": 1e4})},  # with a usual loss
            {"layers": layers(**{FIRST: {"by_step": [1.0, 1.0, 0.1, 0.0, 0.0]}})},  # beyond all lengths
        ],
    ),
    "dead_units": (
        [
            {"layers": [*layers(4), *layers(8, **{ACTIVATED: {"stuck": 0.7}})], "ended": None},
            {"layers": layers(**{ACTIVATED: {"stuck": 1.0}}), "ended": None},
        ],
        [
            {"layers": layers(**{ACTIVATED: {"stuck": 0.7}})},  # from the beginning, by chance
            {"layers": [*layers(11), *layers(1, **{ACTIVATED: {"stuck": 1.0}})]},
            {"layers": [*layers(4), *layers(8, **{ACTIVATED: {"stuck": 0.4}})]},
        ],
    ),
    "saturated_units": (
        [
            {"layers": layers(**{ACTIVATED: {"saturated": 0.8}}), "activation": "tanh", "ended": None},
            {
                "layers": [
                    *layers(4, **{ACTIVATED: {"saturated": 0.0}}),
                    *layers(8, **{ACTIVATED: {"saturated": 0.9}}),
                ],
                "activation": "tanh",
                "batches": [0.7] * 4 + [3.0] * 8,
            },
        ],
        [
            {
                "layers": [
                    *layers(4, **{ACTIVATED: {"saturated": 0.0}}),
                    *layers(8, **{ACTIVATED: {"saturated": 0.9}}),
                ],
                "activation": "tanh",
                "batches": [0.7] * 4 + [0.5] * 8,
            },
            {"layers": layers(**{ACTIVATED: {"saturated": 0.8}}), "activation": "tanh", "batches": [0.7] + [0.1] * 11},
            {"layers": layers(**{ACTIVATED: {"saturated": 0.3}}), "activation": "tanh"},
        ],
    ),
    "unscaled_inputs": (
        [
            {"inputs": {"largest": 2000.0, "smallest": 1.0, "column": "year"}, "ended": None},
            {"inputs": {"largest": 0.001, "smallest": 0.001, "column": None}, "ended": None},
        ],
        [
            {"inputs": {"largest": 5.0, "smallest": 0.01, "column": "year"}},
            {"inputs": {"largest": 2000.0, "smallest": 1.0, "column": None}, "layers_": {"layers.0": "batch_norm"}},
            {"inputs": None},
        ],
    ),
    "leaking_feature": ([{"leaks": ["paid"], "loss": FALLING}], [{"leaks": [], "loss": FALLING}]),
    "small_batch_for_batch_norm": (
        [
            {"layers_": {"layers.0": "batch_norm"}, "overrides": ["batch_size=2"], "last_batch": 2},
            {"layers_": {"layers.0": "batch_norm"}, "last_batch": 1},
        ],
        [
            {"layers_": {"layers.0": "batch_norm"}},
            {"layers_": {"layers.0": "batch_norm"}, "last_batch": 1, "overrides": ["data.drop_last=true"]},
            {"layers_": {"layers.0": "layer_norm"}, "overrides": ["batch_size=2"], "last_batch": 2},
        ],
    ),
    "loss_stalls": (
        [{"loss": 0.69 + 0.001 * WAVES}],
        [
            {"loss": 0.69 + 0.001 * WAVES, "baseline": None},
            {"loss": [0.69] * 3},
            {"loss": [0.69] * 9},  # of ten steps each
            {"loss": np.linspace(0.8, 0.6895, E)},  # comes down from above
            {"loss": 0.5 + 0.001 * WAVES},
        ],
    ),
    "learning_rate_too_high": (
        [
            {"loss": 5 + 0.1 * WAVES, "layers": layers(), "batches": [0.7, 0.9] + [9.0] * 10},
            {"loss": 0.4 + 0.15 * WAVES, "layers": layers(**{FIRST: {"update": 0.02}})},
        ],
        [
            {"loss": 0.4 + 0.15 * WAVES, "layers": layers()},  # steps are small
            {"loss": FALLING, "layers": layers(**{FIRST: {"update": 0.02}})},
            {"loss": FALLING, "layers": layers(), "batches": [0.7, 1.8] + [0.5] * 10},  # a single batch
        ],
    ),
    "learning_rate_too_low": (
        [{"loss": np.linspace(0.69, 0.6, E), "layers": layers(**SMALL)}],
        [
            {"loss": np.linspace(0.69, 0.6, E), "layers": layers()},
            {"loss": FALLING, "layers": layers(**SMALL)},
            {"loss": 0.65 + 0.01 * WAVES, "layers": layers(**SMALL)},
        ],
    ),
    "underfit": (
        [{"loss": 0.5 + 0.001 * WAVES, "last": {"accuracy": 0.7}, "neighbours": {"accuracy": 0.97}}],
        [
            {"loss": 0.5 + 0.001 * WAVES, "last": {"accuracy": 0.7}, "neighbours": {"accuracy": 0.72}},
            {"loss": 0.5 + 0.001 * WAVES, "last": {"accuracy": 0.7}, "neighbours": None},
            {
                "loss": 0.5 + 0.001 * WAVES,
                "last": {"accuracy": 0.7, "val_accuracy": 0.98},
                "neighbours": {"accuracy": 0.97},
            },
            {"loss": np.linspace(0.6, 0.2, E), "last": {"accuracy": 0.7}, "neighbours": {"accuracy": 0.97}},
        ],
    ),
    "overfit": (
        [{"loss": FALLING, "val_loss": OVERFIT + 0.005 * WAVES}],
        [
            {"loss": FALLING, "val_loss": OVERFIT + 0.005 * WAVES, "ended": "early"},
            {"loss": FALLING, "val_loss": FALLING + 0.1},
            {"loss": FALLING, "val_loss": 0.4 + 0.05 * WAVES},
            {"loss": OVERFIT, "val_loss": OVERFIT},  # both rise
            {"loss": FALLING[:12], "val_loss": OVERFIT[:12]},  # just begins
        ],
    ),
    "noisy_validation": (
        [{"loss": FALLING, "val_loss": 0.4 + 0.15 * WAVES}],
        [
            {"loss": FALLING, "val_loss": 0.4 + 0.02 * WAVES},
            {"loss": 0.4 + 0.15 * WAVES, "val_loss": 0.4 + 0.15 * WAVES},
            {"loss": FALLING, "val_loss": 0.01 + 0.004 * WAVES},
        ],
    ),
    "plateau": (
        [{"loss": 0.3 + 0.03 * WAVES, "layers": layers(**{FIRST: {"update": 0.01}})}],
        [
            {
                "loss": 0.3 + 0.03 * WAVES,
                "layers": layers(**{FIRST: {"update": 0.01}}),
                "overrides": ["schedule=cosine"],
            },
            {"loss": FALLING, "layers": layers(**{FIRST: {"update": 0.01}})},
            {"loss": 0.3 + 0.002 * WAVES, "layers": layers(**{FIRST: {"update": 0.01}})},
            {"loss": 0.3 + 0.03 * WAVES, "layers": layers()},
        ],
    ),
    "unbalanced_classes": (
        [
            {"loss": FALLING, "classes": {"no": 390, "yes": 10}, "val_loss": FALLING, "last": MISSED},
            {
                "loss": FALLING,
                "classes": {"no": 390, "yes": 10},
                "last": {"loss": 0.001, "accuracy": 0.976},
                "overrides": ["data.validation=", "monitor=loss"],
            },
        ],
        [
            {"loss": FALLING, "classes": {"no": 390, "yes": 10}, "val_loss": FALLING, "last": {"val_loss": 0.01}},
            {"loss": FALLING, "classes": {"no": 250, "yes": 150}, "val_loss": FALLING, "last": MISSED},
            {"loss": FALLING, "classes": None},
        ],
    ),
    "stopped_too_early": (
        [
            {
                "loss": FALLING[:20],
                "val_loss": np.linspace(0.6, 0.3, 20) + 0.01 * WAVES[:20],
                "ended": "early",
                "overrides": ["early_stopping.patience=1"],
            }
        ],
        [
            {
                "loss": FALLING[:20],
                "val_loss": np.linspace(0.6, 0.3, 20),
                "ended": "finished",
                "overrides": ["early_stopping.patience=1"],
            },
            {
                "loss": FALLING[:30],
                "val_loss": OVERFIT[:30],
                "ended": "early",
                "overrides": ["early_stopping.patience=10"],
            },
            {
                "loss": FALLING[:5],
                "val_loss": FALLING[:5],
                "ended": "early",
                "overrides": ["early_stopping.patience=1"],
            },
        ],
    ),
    "more_epochs": (
        [{"loss": np.linspace(0.9, 0.3, E)}, {"loss": FALLING, "val_loss": np.linspace(0.9, 0.3, E)}],
        [
            {"loss": FALLING},
            {"loss": np.linspace(0.9, 0.3, E), "overrides": ["schedule=cosine"]},
            {"loss": np.linspace(0.9, 0.3, E), "ended": "early"},
            {"loss": np.linspace(0.9, 0.3, 6)},
            {"loss": 0.4 + 0.02 * WAVES},
        ],
    ),
}


def found(folder: Path, name: str, about: dict[str, Any]) -> Finding | None:
    """What the diagnosis of this name alone finds. layers_: layers of other types."""
    known = dict(about)
    if (other := known.pop("layers_", None)) is not None:
        known["layers_of"] = other
    (diagnosis,) = [each for each in diagnoses() if each.name == name]
    return diagnosis.find(made(folder, known))


def made(folder: Path, about: dict[str, Any]) -> Any:
    facts = dict(about)
    other = facts.pop("layers_of", None)
    run = record(folder, **facts)
    if other is not None:
        run.facts["layers"].update(other)
    return run


@pytest.mark.parametrize(("name", "at"), [(name, at) for name, (ill, _) in CASES.items() for at in range(len(ill))])
def test_what_it_is_about(name: str, at: int, tmp_path: Path) -> None:
    finding = found(tmp_path, name, CASES[name][0][at])
    assert finding is not None
    assert finding.name == name
    assert finding.in_words.startswith(name.replace("_", " ").split()[0]) or "loss stalls" in finding.in_words
    assert finding.remedy or finding.advice
    assert all("=" in text for text in finding.remedy)


@pytest.mark.parametrize(("name", "at"), [(name, at) for name, (_, well) in CASES.items() for at in range(len(well))])
def test_what_it_is_not_about(name: str, at: int, tmp_path: Path) -> None:
    assert found(tmp_path, name, CASES[name][1][at]) is None


def test_every_diagnosis_has_cases_and_a_source() -> None:
    assert {each.name for each in diagnoses()} == CASES.keys()
    for each in diagnoses():
        assert "Source: " in (type(each).__doc__ or "")
        assert set(each.explains) <= CASES.keys()


def test_consequences_are_not_told(tmp_path: Path) -> None:
    about = {
        "loss": 0.69 + 0.001 * WAVES,
        "layers": layers(**{FIRST: {"gradient": 1e-7}}),
        "neighbours": {"accuracy": 1},
    }
    assert [each.name for each in diagnose(record(tmp_path, **about))] == ["vanishing_gradients"]


def test_while_a_run_goes_on_only_what_is_certain_is_told(tmp_path: Path) -> None:
    about = {"loss": 0.69 + 0.001 * WAVES, "layers": layers(**{FIRST: {"d_outputs": 1.0}})}
    assert [each.name for each in diagnose(record(tmp_path, **about, ended=None))] == ["exploding_gradients"]
    assert diagnose(record(tmp_path, loss=0.69 + 0.001 * WAVES, ended=None)) == []


def test_a_healthy_run_is_left_alone(tmp_path: Path) -> None:
    assert diagnose(record(tmp_path, loss=FALLING, val_loss=FALLING + 0.02, layers=layers())) == []


def test_nothing_is_known_of_a_run_that_has_just_begun(tmp_path: Path) -> None:
    for ended in (None, "signal", "diverged"):
        assert diagnose(record(tmp_path, ended=ended)) == []
