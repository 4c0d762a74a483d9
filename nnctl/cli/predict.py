"""`nnctl predict`: its options and its progress."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from nnctl.cli import output, streams
from nnctl.errors import UsageError


def predict(
    checkpoint: Annotated[
        Path, typer.Argument(help="A checkpoint file, or a run folder (its best).", show_default=False)
    ],
    source: Annotated[
        Path, typer.Argument(help="New samples: a table, an array or images, as in training.", show_default=False)
    ],
    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="The CSV file to write; else stdout.")
    ] = None,
    id: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="The column that names the rows; else the config's.")
    ] = None,
    allow_unseen: Annotated[
        bool, typer.Option("--allow-unseen", help="Go on where no row of a column has a category that training saw.")
    ] = False,
    steps: Annotated[
        int | None,
        typer.Option("--steps", min=1, metavar="N", help="Of a series: predict N rows behind the last of the file."),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, metavar="N", help="Threads to compute on.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object; needs -o.")] = False,
) -> int:
    """Predict the targets of new samples, as CSV."""
    from nnctl.commands.predict import predict as run

    if json and out is None:
        raise UsageError("--json prints on stdout, and so do the predictions", help="add -o FILE for the predictions")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that no half file is left
    try:
        with _progress(wanted=output.is_terminal() and not (out is None and sys.stdout.isatty())) as progress:
            prediction = run(
                checkpoint,
                source,
                output=out,
                id=id,
                threads=threads,
                allow_unseen=allow_unseen,
                steps=steps,
                progress=progress,
            )
    except OSError as error:
        if out is not None:
            raise
        if not isinstance(error, BrokenPipeError):
            raise streams.StdoutError(error.errno, error.strerror) from None
        streams.silence(sys.stdout)
        return 0  # nobody reads on
    for text in prediction.notes:
        output.note(text)
    report = prediction.report
    if json:
        output.print_json(report)
    elif out is not None:
        print(f"wrote {out}: {report['rows']:,} rows in {output.duration(report['seconds'])}")
    return 0


@contextmanager
def _progress(*, wanted: bool) -> Iterator[Callable[[int, int | None], None]]:
    """A bar of the rows that are done, of all rows where their number is known."""
    if not wanted:
        yield lambda done, total: None
        return
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (BarColumn(), TextColumn("{task.completed:,.0f} rows"), TextColumn("{task.fields[speed]}"))
    with Progress(*columns, console=output.stderr_console(), transient=True) as bar:
        task = bar.add_task("", total=None, speed="")

        def advance(done: int, total: int | None) -> None:
            speed = done / max(bar.tasks[task].elapsed or 0.0, 1e-3)
            bar.update(task, completed=done, total=total, speed=f"{speed:,.0f} rows/s")

        yield advance
