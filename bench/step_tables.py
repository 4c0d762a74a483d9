"""How the training steps are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.others import NOTEWORTHY
from bench.ratios import OWN, best_peer_ratio
from bench.wording import megabytes, microseconds
from nnctl.cli import output
from nnctl.text import counted

if TYPE_CHECKING:
    from rich.table import Table

RATIO = "best peer / nnctl"
STEADY = 1.3  # what a median may be of the least time on a quiet machine


def step_tables(measured: dict[str, Any]) -> list[Table]:
    """The comparison; what each contestant's best was and what it learnt; what it took of the machine."""
    rows = measured["rows"]
    names = list(rows[0]["contestants"])
    return [_comparison(measured, names), _learning(rows, names), _costs(rows, names)]


def _comparison(measured: dict[str, Any], names: list[str]) -> Table:
    columns = (*names, RATIO, f"{RATIO} by least", "median / least", "GFLOP/s", "of peak", "others")
    table = output.table("a training step, median us", *columns, right=columns)
    for row in measured["rows"]:
        times = [microseconds(row["contestants"][name]["median"]) for name in names]
        ratios = [shown_ratio(best_peer_ratio(row["contestants"], key)) for key in ("median", "least")]
        rates = (f"{row['gflops']:,.1f}", f"{row['share_of_peak']:.0%}")
        steady = row["contestants"][OWN]["median"] / row["contestants"][OWN]["least"]
        spread = f"[bold]{steady:.2f}[/]" if steady > STEADY else f"{steady:.2f}"
        table.add_row(row["workload"], *times, *ratios, spread, *rates, taken(row["taken_by_others"]))
    table.caption = f"the peak is {measured['peak_gflops']:,.0f} GFLOP/s{mean_of(measured['geometric_mean'])}"
    counts = [len(row["contestants"][OWN]["rounds"]) for row in measured["rows"]]
    least = "" if min(counts) == max(counts) else f"{min(counts)} to "
    table.caption += f"; {least}{counted(max(counts), 'epoch')} each"
    table.caption += "; median / least is nnctl's; others: what else ran took of all cores"
    return table


def shown_ratio(ratio: float | None) -> str:
    """Two digits after the point, marked where a peer is ahead; nothing without peers."""
    if ratio is None:
        return ""
    return f"[bold]{ratio:.2f}[/]" if ratio < 1 else f"{ratio:.2f}"


def mean_of(means: dict[str, float]) -> str:
    """What a caption says of geometric means; nothing without peers."""
    if not means:
        return ""
    return f"; geometric mean of {RATIO}: {means['median']:.2f} by medians, {means['least']:.2f} by least times"


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
