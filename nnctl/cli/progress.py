"""Progress of a run: a bar and a table on a terminal, a line every few seconds elsewhere, notes alone with `-q`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from nnctl.cli import output
from nnctl.cli.rationed import RationedLines
from nnctl.kernels.compiler.progress import compiling_kernels
from nnctl.metrics.metric import Metric
from nnctl.text import counted
from nnctl.training.metrics_file import Row, metrics_of
from nnctl.training.observers.observer import Observer, Run

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def progress_for(*, quiet: bool, folds: bool = False, short: bool = False) -> list[Observer]:
    """The observers that fit where stderr goes. folds: there will be several runs. short: there will be none."""
    if quiet:
        return [Notes()]
    if short or not output.is_terminal():
        return [LineProgress()]
    return [FoldProgress() if folds else TerminalProgress()]


class Notes(Observer):
    """Notes on stderr, and nothing else."""

    def note(self, text: str) -> None:
        output.note(text)


class LineProgress(Observer):
    """Lines on stderr: of the first epoch, of the last one, and of one every few seconds between them.

    clock: gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lines = RationedLines(self._print, clock)
        self._metrics: Sequence[Metric] = ()
        self._epochs = 0
        self._first_epoch = 0
        self._began = 0.0  # when the first step was done: compiling comes before it

    def note(self, text: str) -> None:
        output.note(text)

    def started(self, run: Run) -> None:
        config, dataset = run.prepared.config, run.prepared.dataset
        self._metrics, self._epochs, self._first_epoch, self._began = config.metrics, config.epochs, run.epoch, 0.0
        splits = ", ".join(f"{len(split):,} {name}" for name, split in dataset.splits().items())
        again = f", resumed after epoch {run.epoch}" if run.epoch else ""
        plan = run.prepared.plan
        trained = "" if plan.trainable == plan.parameters else f", {plan.trainable:,} of them trained"
        network = f"{config.name}: {plan.parameters:,} parameters{trained}"
        self._print(f"{network}; samples: {splits}; run {run.folder}{again}")

    def compiling(self, count: int) -> None:
        if count == 0:
            self._print(compiling_kernels())

    def compiled(self, count: int, seconds: float) -> None:
        self._print(f"compiled {counted(count, 'kernel')} in {output.duration(seconds)}")

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        self._began = self._began or self._clock()

    def finished_epoch(self, row: Row, best: bool) -> None:
        measured = ", ".join(f"{name} {output.number(value)}" for name, value in self._measured(row).items())
        speed = f"{row['samples_per_second']:,.0f} samples/s"
        left = output.duration(max(0.0, self._seconds_left(row["epoch"])))
        mark = " (best)" if best else ""
        self._lines.line(f"epoch {row['epoch']}/{self._epochs}: {measured}{mark}, {speed}, {left} left")

    def changed(self, text: str) -> None:
        self._print(text)

    def finished(self) -> None:
        self._lines.end()

    def tested(self, metrics: dict[str, float]) -> None:
        self._print(f"test: {', '.join(f'{name} {output.number(value)}' for name, value in metrics.items())}")

    def _measured(self, row: Row) -> dict[str, float | None]:
        return metrics_of(row, self._metrics)

    def _seconds_left(self, epoch: int) -> float:
        return (self._clock() - self._began) / max(1, epoch - self._first_epoch) * (self._epochs - epoch)

    def _print(self, text: str) -> None:
        output.line(text)


class TerminalProgress(LineProgress):
    """A table that grows by a row an epoch (every few, where there are many), above a bar for the whole run."""

    ROWS = 25

    def __init__(self) -> None:
        super().__init__()
        self._console = output.stderr_console()
        self._progress = self._new_progress()
        self._task: TaskID
        self._steps = 0
        self._header: list[str] = []
        self._samples = 0
        self._shown = 0.0

    def note(self, text: str) -> None:
        output.note(text, self._console)

    def started(self, run: Run) -> None:
        from nnctl.data.batches import steps_per_epoch

        super().started(run)
        config = run.prepared.config
        samples, size = len(run.prepared.dataset.train), config.effective_batch_size
        self._steps = steps_per_epoch(samples, size, config.data.drop_last)
        self._header, self._samples, self._shown = [], 0, 0.0
        self._progress = self._new_progress()
        total, done = self._steps * self._epochs, self._steps * run.epoch
        self._task = self._progress.add_task("", state="", start=False, total=total, completed=done)
        self._progress.start()

    def compiling(self, count: int) -> None:
        so_far = f": {count} so far" if count else ""
        self._progress.update(self._task, description=f"{compiling_kernels()}{so_far}")

    def compiled(self, count: int, seconds: float) -> None:
        self._progress.update(self._task, description="")
        super().compiled(count, seconds)

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        if self._began:  # the first steps took an unknown time
            self._samples += samples
        super().stepped(epoch, step, samples, loss)
        now = monotonic()
        if now - self._shown < 0.1:
            return
        if not self._shown:
            self._progress.start_task(self._task)
        self._shown = now
        speed = f"  {self._samples / max(now - self._began, 1e-9):,.0f} samples/s" if self._samples else ""
        self._progress.update(
            self._task,
            description=f"epoch {epoch}/{self._epochs}",
            completed=(epoch - 1) * self._steps + step,
            state=f"loss {output.number(loss)}{speed}",
        )

    def finished_epoch(self, row: Row, best: bool) -> None:
        every = max(1, -(-self._epochs // self.ROWS))
        if row["epoch"] % every and row["epoch"] not in (1, self._epochs):
            return
        columns = self._measured(row)
        if not self._header:
            self._header = ["epoch", *columns, "samples/s", "seconds"]
            self._print_row(self._header, "bold")
        cells = [f"{row['epoch']}/{self._epochs}", *(output.number(value) for value in columns.values())]
        cells += [f"{row['samples_per_second']:,.0f}", f"{row['seconds']:.2f}"]
        self._print_row(cells, "", " best" if best else "")

    def finished(self) -> None:
        self._progress.stop()

    def _print(self, text: str) -> None:
        output.line(text, self._console)

    def _new_progress(self) -> Progress:
        """A bar that has not started; one that has stopped cannot start anew below what was printed meanwhile."""
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=self._console,
            transient=True,
        )

    def _print_row(self, cells: list[str], style: str, mark: str = "") -> None:
        widths = [max(len(name), 9) for name in self._header]
        text = "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        self._console.print(text + mark, style=style, markup=False, soft_wrap=True)


class FoldProgress(TerminalProgress):
    """The bar alone: the tables of all folds would be long, and their rows are in the run folders."""

    def finished_epoch(self, row: Row, best: bool) -> None:
        pass
