"""Lists of what a config may say, out of the classes that define it.

In a document, `<!-- kinds: NAME --><!-- end -->` encloses the names of a family's kinds, and
`<!-- keys: NAME --><!-- end -->` their keys, with defaults and meanings, or those of a mapping.
`<!-- words: NAME --><!-- end -->` encloses words that a table's cells may have, `<!-- diagnoses: all --><!-- end -->`
what each diagnosis is about.
"""

from __future__ import annotations

import inspect
import re

from pydantic.fields import FieldInfo

from nnctl.averaging.averaging import Averaging
from nnctl.config.initialize_from import InitializeFrom
from nnctl.config.rule import Rule
from nnctl.config.run_config import EarlyStopping, RunConfig
from nnctl.data.arrays.names import ArrayNames
from nnctl.data.source import Source
from nnctl.data.splits.name_rule import NameRule
from nnctl.data.splits.row_rule import RowRule
from nnctl.data.table.missing_words import USUAL
from nnctl.data.table.series import SeriesSettings
from nnctl.data.table.settings import CategorySettings, ColumnSettings, DateSettings, NumberSettings
from nnctl.data.table.text_column import TextColumn
from nnctl.data.table.yes_no import NO_YES
from nnctl.diagnoses.diagnosis import diagnoses
from nnctl.initializers.initializer import Initializer
from nnctl.layers.activation import Activation
from nnctl.layers.layer import Layer
from nnctl.layers.regularization import Regularization
from nnctl.losses.loss import Loss
from nnctl.metrics.metric import Metric
from nnctl.optimizers.optimizer import Optimizer
from nnctl.schedules.schedule import Schedule
from nnctl.spec import Spec, described, kinds
from nnctl.sweeps.methods.method import Method
from nnctl.sweeps.pruners.pruner import Pruner

FAMILIES: dict[str, type[Spec]] = {
    "layers": Layer,
    "activations": Activation,
    "losses": Loss,
    "optimizers": Optimizer,
    "schedules": Schedule,
    "averaging": Averaging,
    "dynamics": Rule,
    "initializers": Initializer,
    "metrics": Metric,
    "formats": Source,
    "methods": Method,
    "pruners": Pruner,
}
RECORDS: dict[str, type[Spec]] = {
    "run": RunConfig,
    "source": Source,
    "early_stopping": EarlyStopping,
    "initialize_from": InitializeFrom,
    "regularization": Regularization,
    "arrays": ArrayNames,
    "rows": RowRule,
    "series": SeriesSettings,
    "names": NameRule,
    "text_column": TextColumn,
    "numbers": NumberSettings,
    "dates": DateSettings,
    "categories": CategorySettings,
    "columns": ColumnSettings,
}
WORDS: dict[str, list[str]] = {
    "missing": sorted(word.upper() for word in USUAL if word),
    "yes_no": [f"{yes}/{no}" for no, yes in NO_YES if yes != "1"],  # a column of 1 and 0 alone is a number
}

PART = re.compile(
    r"(?P<mark><!-- (?P<what>keys|kinds|words|diagnoses): (?P<name>\w+) -->)(?P<body>.*?)(?P<end><!-- end -->)",
    re.DOTALL,
)


def with_lists(text: str) -> str:
    """The document with its lists as the classes have them."""

    def part(match: re.Match[str]) -> str:
        if match["what"] == "diagnoses":
            own = "\n\n".join(
                f"### {each.name}\n\n{inspect.cleandoc(type(each).__doc__ or '')}" for each in diagnoses()
            )
            return f"{match['mark']}\n\n{own}\n\n{match['end']}"
        if match["what"] != "keys":
            names = WORDS[match["name"]] if match["what"] == "words" else family(match["name"])
            own = ", ".join(f"`{name}`" for name in names)
            return f"{match['mark']}{own}{match['end']}"
        name = match["name"]
        own = _keys(RECORDS[name]) if name in RECORDS else "\n\n".join(map(_kind, family(name).values()))
        return f"{match['mark']}\n\n{own}\n\n{match['end']}"

    return PART.sub(part, text)


def family(name: str) -> dict[str, type[Spec]]:
    """The kinds of a family, by name; of the layers, those that are no activations."""
    return {
        kind: spec
        for kind, spec in kinds(FAMILIES[name]).items()
        if name == "activations" or not issubclass(spec, Activation)
    }


def _kind(kind: type[Spec]) -> str:
    name = kind.model_fields[kind.tag].default
    inherited = set(FAMILIES["formats"].model_fields) if issubclass(kind, Source) else set()
    keys = _keys(kind, inherited)
    return f"**`{name}`**: {_words(kind.__doc__)}" + (f"\n\n{keys}" if keys else "")


def _keys(spec: type[Spec], without: set[str] | frozenset[str] = frozenset()) -> str:
    rows = [
        f"| `{field.alias or name}` | {_default(field)} | {_words(field.description).replace('|', chr(92) + '|')} |"
        for name, field in described(spec).items()
        if name not in without and not (name == spec.tag and isinstance(field.default, str))
    ]
    return "\n".join(["| key | default | meaning |", "| --- | --- | --- |", *rows]) if rows else ""


def _words(text: str | None) -> str:
    """Text on one line, in which Markdown sees no HTML."""
    return " ".join((text or "").split()).replace("<", "&lt;")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "" if "unset" in (field.description or "") else "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, Spec):
        value = value.model_dump().get(value.tag)
    if value is None or value == [] or value == {}:
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
