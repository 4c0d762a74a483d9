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
        list[Path] | None,
        typer.Argument(
            metavar="[SOURCE]...",
            help="New samples of the same kind as in training; several pictures or recordings, if you like.",
            show_default=False,
        ),
    ] = None,
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
    interval: Annotated[
        float | None,
        typer.Option(metavar="LEVEL", help="Of values: write intervals that cover this share of targets, such as 0.9."),
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Go on with a text, for networks of text; instead of SOURCE.")
    ] = None,
    length: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Characters to write after --prompt; 300 by default.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(min=0.0, metavar="X", help="0: the most probable characters; 1, by default: drawn.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**63 - 1, metavar="N", help="Of the characters drawn; 0 by default.")
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, max=1024, metavar="N", help="Threads to compute on.")] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as one JSON object; needs -o, or --prompt.")
    ] = False,
) -> int:
    """Predict the targets of new samples, as CSV; or go on with a text."""
    from nnctl.commands.predict import predict as run

    if json and out is None and prompt is None and source:
        raise UsageError("--json prints on stdout, and so do the predictions", help="add -o FILE for the predictions")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that no half file is left
    try:
        with _progress(wanted=output.is_terminal() and not (out is None and sys.stdout.isatty())) as progress:
            prediction = run(
                checkpoint,
                source,
                output=out,
                id=id,
                steps=steps,
                interval=interval,
                prompt=prompt,
                length=length,
                temperature=temperature,
                seed=seed,
                threads=threads,
                allow_unseen=allow_unseen,
                progress=progress,
                emit=lambda text: None if json else print(text, end="", flush=True),
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
    elif prompt is not None:
        print("" if report["text"].endswith("\n") else "\n", end="")
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
