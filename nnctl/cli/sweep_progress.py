"""Progress of a sweep: a live table on a terminal, a line every few seconds elsewhere, notes alone with `-q`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from nnctl.cli import output
from nnctl.cli.rationed import RationedLines
from nnctl.memory import bytes_in_words
from nnctl.sweeps.label import settings, shortened
from nnctl.sweeps.observer import Outline, SweepObserver
from nnctl.sweeps.record import TrialRecord
from nnctl.text import counted
from nnctl.training.metrics_file import Row

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

Running = Sequence[tuple[TrialRecord, Row | None]]


def sweep_progress_for(*, quiet: bool) -> SweepObserver:
    """The observer that fits where stderr goes."""
    if quiet:
        return SweepNotes()
    return TerminalSweepProgress() if output.is_terminal() else LineSweepProgress()


class SweepNotes(SweepObserver):
    """Notes on stderr, and nothing else."""

    def note(self, text: str) -> None:
        output.note(text)


class LineSweepProgress(SweepObserver):
    """Lines on stderr: of the first trial that ends, of the last, of each that is the best so far, and of one every few
    seconds between them. clock: gives seconds.
    """

    PATIENCE = 2.0  # seconds of checking before it is reported

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lines = RationedLines(self._print, clock)
        self._outline: Outline | None = None
        self._patient_until: float | None = None

    def note(self, text: str) -> None:
        output.note(text)

    def checking(self, done: int, total: int) -> None:
        now = self._clock()
        if self._patient_until is None:
            self._patient_until = now + self.PATIENCE
        if now >= self._patient_until:
            self._patient_until = float("inf")  # once is enough
            self._print(f"checking {total:,} combinations")

    def planned(self, outline: Outline) -> None:
        self._outline = outline
        where = f"the workers of {outline.scheduler}"
        if outline.scheduler is None:
            where = f"{counted(outline.workers, 'worker')} × {counted(outline.threads, 'thread')}"
            where += f", about {bytes_in_words(outline.memory)}"
        self._print(
            f"{outline.name}: {counted(outline.combinations, 'combination')} × {counted(outline.seeds, 'seed')} = "
            f"{counted(outline.trials, 'trial')}, {where}; run {outline.folder}"
        )
        if outline.done:
            are = "is" if outline.done == 1 else "are"
            self._print(f"{outline.done:,} of {counted(outline.trials, 'trial')} {are} done already")

    def ended(self, trial: TrialRecord, best: bool, seconds_left: float | None) -> None:
        self._lines.line(f"{self._line(trial, best)}{_left(seconds_left, ', ')}", important=best)

    def finished(self) -> None:
        self._lines.end()

    def timed(self, seconds: float, total: float) -> None:
        each, together = output.duration(max(0.0, seconds)), output.duration(max(0.0, total))
        self._print(f"a trial takes about {each}: about {together} for all of them")

    def _settings(self, trial: TrialRecord) -> str:
        assert self._outline is not None
        return settings(trial.parameters) + (f" seed={trial.seed}" if self._outline.seeds > 1 else "")

    def _line(self, trial: TrialRecord, best: bool) -> str:
        """`trial 3/12 learning_rate=0.01: val_accuracy 0.9812 (best), 10 epochs, 3.2 s`"""
        assert self._outline is not None
        name = f"trial {trial.number}/{self._outline.trials} {self._settings(trial)}"
        if trial.status == "failed":
            return f"{name}: failed: {next(iter(trial.error.splitlines()), '')}"
        words = {"early": "stopped early after ", "pruned": "pruned after ", "unfinished": "stopped after "}
        epochs = f"{words.get(trial.status, '')}{counted(trial.epochs, 'epoch')}"
        value = f"{self._outline.metric} {output.number(trial.value)}{' (best)' if best else ''}"
        return f"{name}: {value}, {epochs}, {output.duration(max(0.0, trial.seconds))}"

    def _print(self, text: str) -> None:
        output.line(text)


class TerminalSweepProgress(LineSweepProgress):
    """A table with the best trial on top, those that run, and the last that ended, above a bar for the whole sweep.

    It vanishes at the end; of the trials, those that failed stay as lines above it.
    """

    ENDED = 5  # trials that are shown
    OTHER_LINES = 10  # beside the trials: the table's own, the bar, what is above

    def __init__(self) -> None:
        super().__init__()
        from rich.live import Live

        self._console = output.stderr_console()
        self._live = Live(console=self._console, auto_refresh=False, transient=True)
        self._best: TrialRecord | None = None
        self._last: list[TrialRecord] = []
        self._running: Running = ()
        self._began: dict[int, float] = {}  # by the trials' numbers
        self._done = 0
        self._seconds_left: float | None = None

    def note(self, text: str) -> None:
        output.note(text, self._console)

    def planned(self, outline: Outline) -> None:
        super().planned(outline)
        self._done, self._best = outline.done, outline.best

    def started(self, trial: TrialRecord) -> None:
        self._began[trial.number] = monotonic()
        self._live.start()  # not before: errors until now are printed on a terminal as it was

    def running(self, running: Running, seconds_left: float | None) -> None:
        self._running, self._seconds_left = running, seconds_left
        self._draw()

    def ended(self, trial: TrialRecord, best: bool, seconds_left: float | None) -> None:
        if trial.status == "failed":
            self._print(self._line(trial, best))
        if trial.status != "unfinished":
            self._done += 1
        if best:
            trial, self._best = self._best or trial, trial
        if trial is not self._best:
            self._last = [trial, *self._last[: self.ENDED - 1]]
        self._running = [one for one in self._running if one[0].number != trial.number]
        self._seconds_left = seconds_left
        self._draw()

    def finished(self) -> None:
        self._live.update("")
        self._live.stop()

    def _print(self, text: str) -> None:
        output.line(text, self._console)

    def _draw(self) -> None:
        from rich.console import Group

        self._live.update(Group(self._table(), self._bar()), refresh=True)

    def _table(self) -> RenderableType:
        assert self._outline is not None
        table = output.table()
        table.expand = True
        table.add_column("trial", justify="right")
        table.add_column("parameters", no_wrap=True, ratio=1)
        for name in ("epoch", self._outline.metric, "seconds"):
            table.add_column(name, justify="right", no_wrap=True)
        room = max(1, self._console.height - self.OTHER_LINES)
        if self._best is not None:
            table.add_row(*self._ended_cells(self._best, " best"), style="bold", end_section=True)
        for trial, row in self._running[:room]:
            table.add_row(*self._running_cells(trial, row or {}))
        if len(self._running) > room:
            table.add_row("…", f"{len(self._running) - room:,} more")
        for trial in self._last[: max(0, room - len(self._running))]:
            how = {"finished": "", "unfinished": " stopped"}.get(trial.status, f" {trial.status}")
            table.add_row(*self._ended_cells(trial, how), style="dim")
        return table

    def _ended_cells(self, trial: TrialRecord, how: str) -> list[str | Text]:
        return self._cells(trial, f"{trial.epochs:,}{how}", trial.value, trial.seconds)

    def _running_cells(self, trial: TrialRecord, row: Row) -> list[str | Text]:
        assert self._outline is not None
        epochs = trial.parameters.get("epochs", self._outline.epochs)
        now = monotonic()
        seconds = now - self._began.get(trial.number, now)
        return self._cells(trial, f"{row.get('epoch', 0):,}/{epochs:,}", row.get(self._outline.metric), seconds)

    def _cells(self, trial: TrialRecord, epoch: str, value: float | None, seconds: float) -> list[str | Text]:
        from rich.text import Text

        short = dict(zip(shortened(list(trial.parameters)), trial.parameters.values(), strict=True))
        parameters = Text(self._settings(replace(trial, parameters=short)), overflow="ellipsis")
        return [str(trial.number), parameters, epoch, output.number(value), f"{max(0.0, seconds):,.1f}"]

    def _bar(self) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        assert self._outline is not None
        bar = Table.grid(padding=(0, 2), expand=True)
        bar.add_column()
        bar.add_column(ratio=1)
        bar.add_column()
        done = f"  {self._done:,} of {counted(self._outline.trials, 'trial')}"
        bar.add_row(done, ProgressBar(self._outline.trials, self._done), _left(self._seconds_left))
        return bar


def _left(seconds: float | None, before: str = "") -> str:
    return f"{before}{output.duration(seconds)} left" if seconds is not None and seconds > 0.0 else ""
