"""The parts of the bench, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.conditions import BUSY, LEVELS, Condition
from bench.diagnostics import diagnostic_costs, diagnostic_tables
from bench.growth import growth, growth_tables
from bench.houses import house_scores, house_tables
from bench.memory import memory_tables, peaks
from bench.options import Options
from bench.prediction_tables import prediction_tables
from bench.predictions import prediction_rates
from bench.product_tables import product_tables
from bench.products import product_rates
from bench.reading import reading_tables, readings
from bench.search import search_tables, searches
from bench.startup import startup, startup_tables
from bench.step_tables import step_tables
from bench.steps import step_rates
from bench.sweeps import sweep_costs, sweep_tables
from bench.tables import table_costs, table_tables

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class Part:
    """measure: returns JSON values, which `tables` shows. documented: so many of the tables, from the first, are in
    docs/performance.md. conditions: under which it may be measured, too."""

    measure: Callable[[Options], Any]
    tables: Callable[[Any], list[Table]]
    documented: int = 0
    conditions: tuple[Condition, ...] = ()


PARTS = {
    "products": Part(product_rates, product_tables, documented=2, conditions=tuple(LEVELS)),
    "steps": Part(step_rates, step_tables, documented=1, conditions=(BUSY, *LEVELS)),
    "predict": Part(prediction_rates, prediction_tables, documented=2, conditions=(BUSY, *LEVELS)),
    "startup": Part(startup, startup_tables, documented=1),
    "memory": Part(peaks, memory_tables, documented=1),
    "diagnostics": Part(diagnostic_costs, diagnostic_tables),
    "growth": Part(growth, growth_tables),
    "reading": Part(readings, reading_tables),
    "tables": Part(table_costs, table_tables),
    "houses": Part(house_scores, house_tables),
    "sweeps": Part(sweep_costs, sweep_tables),
    "search": Part(searches, search_tables),
}
