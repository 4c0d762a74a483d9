"""How the training steps are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.others import NOTEWORTHY
from bench.wording import megabytes, microseconds
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table


def step_tables(measured: dict[str, Any]) -> list[Table]:
    """The comparison; what each contestant's best was and what it learnt; what it took of the machine."""
    rows = measured["rows"]
    names = list(rows[0]["contestants"])
    return [_comparison(measured, names), _learning(rows, names), _costs(rows, names)]


def _comparison(measured: dict[str, Any], names: list[str]) -> Table:
    columns = (*names, "best peer / nnctl", "GFLOP/s", "of peak", "others")
    table = output.table("a training step, median us", *columns, right=columns)
    for row in measured["rows"]:
        times = [microseconds(row["contestants"][name]["median"]) for name in names]
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
        rates = (f"{row['gflops']:,.1f}", f"{row['share_of_peak']:.0%}")
        table.add_row(row["workload"], *times, ratio, *rates, taken(row["taken_by_others"]))
    mean = measured.get("geometric_mean")
    table.caption = f"the peak is {measured['peak_gflops']:,.0f} GFLOP/s" + (
        f"; geometric mean of best peer / nnctl: {mean:.2f}" if mean is not None else ""
    )
    table.caption += "; others: what else ran took of all cores"
    return table


def taken(share: float | None) -> str:
    """What others took of the machine, marked where it is too much."""
    if share is None:
        return "–"
    return f"[bold]{share:.0%}, noisy[/]" if share > NOTEWORTHY else f"{share:.0%}"


def _learning(rows: list[dict[str, Any]], names: list[str]) -> Table:
    columns = (*(f"{name}, us" for name in names), *(f"{name}, loss" for name in names))
    table = output.table("least, and last loss", *columns, "alike", right=columns)
    for row in rows:
        each = [row["contestants"][name] for name in names]
        times, losses = [microseconds(of["least"]) for of in each], [output.number(of["loss"]) for of in each]
        table.add_row(row["workload"], *times, *losses, "yes" if row["learn_alike"] else "[bold]no[/]")
    return table


def _costs(rows: list[dict[str, Any]], names: list[str]) -> Table:
    columns = (*(f"{name}, MB" for name in names), *(f"{name}, idle" for name in names))
    table = output.table("peak memory, processor while idle", *columns, "how the peers ran", right=columns)
    for row in rows:
        each = [row["contestants"][name] for name in names]
        variants = "; ".join(of["variant"] for of in each if "variant" in of)
        idle = [f"{of['idle_cpu']:.1%}" for of in each]
        table.add_row(row["workload"], *(megabytes(of["peak_bytes"]) for of in each), *idle, variants)
    return table
