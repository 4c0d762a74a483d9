"""`nnctl doctor`: its options and its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnctl.cli import output
from nnctl.errors import NnctlError
from nnctl.text import counted

if TYPE_CHECKING:
    from rich.table import Table

NAMES = {"python": "Python", "numpy": "NumPy", "numba": "Numba"}


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> int:
    """Show what nnctl runs on, and whether it works and how fast."""
    from nnctl.commands.doctor import doctor as examine

    report = examine()
    if json:
        output.print_json(report)
    else:
        _print_report(report)
    for text in report["notes"]:
        output.note(text)
    if not report["healthy"]:
        failed = NnctlError(report["trial"]["failed"], help=f"try again after `rm -r {report['cache']['folder']}`")
        output.print_error(failed, as_json=False)
        return failed.exit_code
    return 0


def _print_report(report: dict[str, Any]) -> None:
    console = output.stdout_console()
    console.print(_facts(report))
    if report["peak"]:
        console.print(_peak(report["peak"]))


def _facts(report: dict[str, Any]) -> Table:
    from rich.markup import escape

    table = output.table("nnctl", report["versions"]["nnctl"])
    others = {name: number for name, number in report["versions"].items() if name != "nnctl"}
    table.add_row("versions", ", ".join(f"{NAMES.get(name, name)} {number}" for name, number in others.items()))
    rows = (*_processor(report["processor"]), *_cores(report["cores"]), *_memory(report["memory"]))
    rows += (*_cache(report["cache"]), *_self_test(report["trial"]))
    for name, text in rows:
        table.add_row(name, escape(text))
    return table


def _processor(processor: dict[str, Any]) -> list[tuple[str, str]]:
    tile = processor["tile"]
    other = [("compiled for", processor["compiled_for"])] if processor["compiled_for"] else []
    return [
        ("processor", processor["name"]),
        *other,
        ("level", processor["level"]),
        ("tile", f"{tile['rows']} rows × {tile['vectors']} vectors of {tile['lanes']} float32"),
    ]


def _cores(cores: dict[str, Any]) -> list[tuple[str, str]]:
    why = []
    if cores["allowed"] < cores["installed"]:
        why.append(f"this process may run on {cores['allowed']} of {cores['installed']}")
    if cores["granted"] is not None:
        why.append(f"the control group grants the time of {cores['granted_exactly']:g} ({cores['granted_source']})")
    if cores["job"] is not None:
        why.append(f"Slurm gives {cores['job']} ({cores['job_source']})")
    if cores["efficiency"]:
        why.append(f"{counted(cores['efficiency'], 'efficiency core')} left out")
    if cores["separate"] < cores["available"]:
        why.append(f"hyper-threads of {cores['separate']}")
    asked = " (NUMBA_NUM_THREADS)" if cores["asked"] else ", one a core"
    return [
        ("cores", f"{cores['available']}, {'; '.join(why) or 'all that this machine has'}"),
        ("threads", f"{cores['threads']}{asked}; nnctl's own, no OpenMP"),
    ]


def _memory(memory: dict[str, Any]) -> list[tuple[str, str]]:
    from nnctl.memory import bytes_in_words

    free = f"{bytes_in_words(memory['free'])} free"
    if memory["limit"] is None:
        return [("memory", free)]
    return [("memory", f"{free}; the control group grants {bytes_in_words(memory['limit'])} ({memory['source']})")]


def _cache(cache: dict[str, Any]) -> list[tuple[str, str]]:
    from nnctl.memory import bytes_in_words

    state = "temporary: compiled anew in every run" if cache["temporary"] else f"writable, mode {cache['mode']}"
    kernels = f"{cache['kernels']:,} compiled kernels, {bytes_in_words(cache['bytes'])}"
    return [("kernel cache", cache["folder"]), ("", f"{state}; {kernels}")]


def _self_test(found: dict[str, Any]) -> list[tuple[str, str]]:
    done = [f"{name} in {output.duration(found[name]['seconds'])}" for name in found if name != "failed"]
    verdict = "failed" if "failed" in found else "kernels compile and give the right numbers"
    return [("self-test", verdict), *([("", ", ".join(done))] if done else [])]


def _peak(peak: dict[str, dict[str, float]]) -> Table:
    numbers = list(peak["float32"])
    columns = [f"{number} thread{'' if number == '1' else 's'}" for number in numbers]
    table = output.table("peak, GFLOP/s", *columns, right=tuple(columns))
    for dtype, rates in peak.items():
        table.add_row(dtype, *(f"{rates[number]:,.{0 if rates[number] >= 10 else 2}f}" for number in numbers))
    return table
