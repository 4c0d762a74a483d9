"""Progress of reading many files: a bar on a terminal, a line every few seconds elsewhere, nothing if it is short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from nnctl.cli import output
from nnctl.cli.rationed import RationedLines
from nnctl.data.progress import heard_by

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

PATIENCE = 1.0  # seconds in which nothing is shown


@contextmanager
def reading_progress(*, quiet: bool = False) -> Iterator[None]:
    """While entered, the reading of files is shown. quiet: it is not."""
    if quiet:
        yield
        return
    with heard_by(ReadingBar() if output.is_terminal() else ReadingLines()):
        yield


class ReadingLines:
    """Lines on stderr. clock: gives seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lines = RationedLines(output.line, clock)
        self._what = ""
        self._began = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        if what != self._what:
            self._what, self._began = what, self._clock()
        if done < total and self._clock() - self._began >= PATIENCE:
            self.show(what, done, total)
        if done == total:
            self._what = ""
            self.end()

    def show(self, what: str, done: int, total: int) -> None:
        """It takes long enough to be shown, and is not at its end."""
        self._lines.line(f"{what}: {done:,} of {total:,}")

    def end(self) -> None:
        """All were read."""
        self._lines = RationedLines(output.line, self._clock)


class ReadingBar(ReadingLines):
    """A bar that goes away at the end."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(clock)
        self._bar: Progress | None = None
        self._task: TaskID

    def show(self, what: str, done: int, total: int) -> None:
        if self._bar is None:
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
            self._bar = Progress(*columns, console=output.stderr_console(), transient=True)
            self._task = self._bar.add_task(what, total=total)
            self._bar.start()
        self._bar.update(self._task, completed=done)

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
