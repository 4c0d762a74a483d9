"""A run to its end, with the network as rules make it in between: one trainer after the other."""

from __future__ import annotations

from dataclasses import replace

from nnctl.training.stop_signal import Stop, Stopped
from nnctl.training.trainer import Trainer


def run_to_the_end(trainer: Trainer, stop: Stop) -> tuple[Trainer, Stopped]:
    """Train as `Trainer.run` does. Returns the trainer that the run ended with, too."""
    while (stopped := trainer.run(stop)) is None:
        trainer = _changed(trainer)
    return trainer, stopped


def _changed(trainer: Trainer) -> Trainer:
    """One that goes on with the network as the rules that are due make it."""
    from nnctl.training.changed_run import changed_run  # other runs do without all that changes networks

    state = trainer.state
    epoch = state.counters.epoch
    changed = changed_run(trainer.prepared, state.to_checkpoint(), state.history, epoch, trainer.due_rules)
    if changed is None:
        state.history = replace(state.history, asked=epoch)
        return trainer
    made = Trainer(changed.prepared, trainer.folder, trainer.observer, trainer.rows)
    made.state.restore(changed.checkpoint)
    made.measured, made.samples = trainer.measured, trainer.samples
    made.diagnostics.take_over(trainer.diagnostics, state.counters.step)
    for words in changed.words:
        trainer.observer.changed(words)
    return made
