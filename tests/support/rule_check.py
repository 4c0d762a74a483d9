"""What every rule of `dynamics` must do: keep the function if it says so, keep gradients right, and leave a run that
goes on to the same bits however often it is stopped, on any number of threads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl import train
from nnctl.config.rule import Rule
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import Change, NetworkRule
from nnctl.dynamics.structure import Structure
from nnctl.errors import ConfigError, Problem
from nnctl.model.preparation import Prepared, prepare
from tests.support.changing_networks import filled, gradients_of, outputs_of, samples_of
from tests.support.command import checkpoints_of, rows_of
from tests.support.configs import load
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.kind_check import KindCheck, Settings

NETWORK: list[Any] = [
    {"type": "linear", "out_features": 6, "activation": "tanh"},
    {"type": "dropout", "p": 0.1},
    {"type": "linear", "out_features": 4, "activation": "tanh"},
    {"type": "linear", "out_features": 3},
]
EPOCHS = 6  # of a run that a rule changes


class RuleCheck(KindCheck):
    """The check of a rule. Its `cases` are of a run of six epochs of `network`, on samples of four numbers, and act."""

    kind: ClassVar[type[Rule]]
    network: ClassVar[Sequence[Any]] = NETWORK
    keeps_function: ClassVar[bool] = True
    mistakes: ClassVar[Sequence[tuple[Settings, str, str]]] = ()
    """Settings that are wrong for the network, the key where that is told, and some of the words."""

    def config(self, settings: Settings, **others: Any) -> str:
        rule = {"type": self.kind.model_fields["type"].default, **settings}
        config: dict[str, Any] = {"data": {"source": "samples.npz", "validation": 0.2}, "layers": [*self.network]}
        config |= {"loss": "cross_entropy", "batch_size": 7, "epochs": EPOCHS, "seed": 3, "learning_rate": 0.01}
        return json.dumps(config | {"dynamics": [rule]} | others)

    def prepared(self, folder: Path, settings: Settings, **others: Any) -> Prepared:
        write_samples(folder)
        return prepare(load(folder, self.config(settings, **others)))

    def structure(self, prepared: Prepared) -> Structure:
        """With numbers in all of its arrays, and two slots of an optimizer."""
        layers = [layer.model_dump(mode="json") for layer in prepared.config.layers]
        made = filled(layers, prepared.plan.inputs, precision=prepared.config.precision)
        slots = {name: {key: np.abs(array) for key, array in made.arrays.items()} for name in ("first", "second")}
        trainable = {spec.name for spec in made.plan.chain.arrays if spec.role == "parameter"}
        own = {name: {key: array for key, array in of.items() if key in trainable} for name, of in slots.items()}
        return Structure(made.layers, made.inputs, made.arrays, own, {"first": 1, "second": 2})

    def changed(self, folder: Path, settings: Settings, precision: str = "float64") -> tuple[Structure, Change]:
        """The structure before, and the change that the rule makes of it at its first moment."""
        prepared = self.prepared(folder, settings, precision=precision)
        (rule,) = prepared.config.dynamics
        assert isinstance(rule, NetworkRule)
        before = self.structure(prepared)
        epoch = rule.at[0] if rule.at else max(rule.begin, rule.every or 1)
        change = rule.change(before, Moment(prepared, epoch, 0))
        assert change is not None
        return before, change

    def test_the_network_computes_what_it_did_if_the_rule_says_so(self, case: Settings, tmp_path: Path) -> None:
        for precision, tolerance in (("float64", 1e-12), ("float32", 1e-6)):
            before, change = self.changed(tmp_path, case, precision)
            inputs = samples_of(before.inputs, samples=9).astype(precision)
            expected = outputs_of(before, inputs)
            difference = np.abs(outputs_of(change.structure, inputs) - expected).max()
            is_kept = difference <= tolerance * max(1.0, np.abs(expected).max())
            assert is_kept == self.keeps_function, precision

    def test_gradients_after_the_change(self, case: Settings, tmp_path: Path) -> None:
        _, change = self.changed(tmp_path, case)
        structure = change.structure
        inputs = samples_of(structure.inputs, samples=3)
        weights = np.random.default_rng(4).normal(size=outputs_of(structure, inputs).shape)
        arrays = {name: array.copy() for name, array in structure.arrays.items()}

        def loss() -> float:
            return float((outputs_of(with_arrays(structure, arrays), inputs) * weights).sum())

        for name, gradient in gradients_of(structure, inputs, weights).items():
            assert relative_error(gradient, numerical_gradient(loss, arrays[name])) < 1e-6, name

    def test_slots_have_the_shapes_of_what_trains(self, case: Settings, tmp_path: Path) -> None:
        _, change = self.changed(tmp_path, case)
        for numbers in change.structure.slots.values():
            for spec in change.structure.plan.chain.arrays:
                if spec.role == "parameter" and spec.name in numbers:
                    assert numbers[spec.name].shape == spec.shape

    def test_a_run_in_parts_on_other_threads_has_the_bits_of_one_go(self, case: Settings, tmp_path: Path) -> None:
        write_samples(tmp_path)
        file = tmp_path / "run.yaml"
        file.write_text(self.config(case))
        whole, parts = tmp_path / "whole", tmp_path / "parts"
        report = train(file, run=whole, threads=1).report
        assert report["changes"]
        shown = [change for row in rows_of(whole) for change in row.get("changes", ())]
        assert shown == report["changes"]
        last = max(change["epoch"] for change in report["changes"])
        for epochs in range(1, EPOCHS + 1):
            if epochs <= last + 1 or epochs == EPOCHS:
                stop_after(file, epochs, parts)
        assert rows_of(parts) == rows_of(whole)
        assert checkpoints_of(parts) == checkpoints_of(whole)

    def test_check_says_what_it_does(self, case: Settings, tmp_path: Path) -> None:
        prepared = self.prepared(tmp_path, case)
        (rule,) = prepared.config.dynamics
        assert len(rule.in_words(prepared.plan)) > 10
        assert rule.when_in_words.startswith(("after", "when"))

    def test_what_does_not_fit_the_network_is_refused(self, tmp_path: Path) -> None:
        for settings, key, words in self.mistakes:
            with pytest.raises(ConfigError) as error:
                self.prepared(tmp_path, settings)
            (problem,) = error.value.problems
            assert problem.path == f"dynamics.0{key and '.'}{key}", settings
            assert words in problem.what, problem.what
            assert problem.help, settings


def stop_after(file: Path, epochs: int, run: Path) -> None:
    """Train, or go on, to the end of so many epochs, as a run does that is to have all of them and gets a signal."""
    from nnctl.training.observers.observer import Observer
    from nnctl.training.stop_signal import StopSignal

    class Stopping(Observer):
        def finished_epoch(self, row: Mapping[str, Any], best: bool) -> None:
            if row["epoch"] == epochs and epochs < EPOCHS:
                signals[-1].asked = "signal"

    signals: list[StopSignal] = []
    enter = StopSignal.__enter__

    def kept(self: StopSignal) -> StopSignal:
        signals.append(self)
        return enter(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StopSignal, "__enter__", kept)
        train(file, run=run, threads=2, resume=run.exists(), observers=[Stopping()])


def with_arrays(structure: Structure, arrays: dict[str, NDArray[Any]]) -> Structure:
    return Structure(structure.layers, structure.inputs, arrays)


def write_samples(folder: Path) -> None:
    """Samples of three classes that four numbers tell apart, in samples.npz."""
    draw = np.random.default_rng(7)
    inputs = draw.normal(size=(60, 4)).astype(np.float32)
    targets = np.argmax(inputs @ draw.normal(size=(4, 3)) + np.square(inputs[:, :3]), axis=1)
    np.savez(folder / "samples.npz", x=inputs, y=targets)


def problems_with(folder: Path, text: str) -> list[Problem]:
    """What keeps a config from running on these samples."""
    write_samples(folder)
    try:
        prepare(load(folder, text))
    except ConfigError as error:
        return list(error.problems)
    return []
