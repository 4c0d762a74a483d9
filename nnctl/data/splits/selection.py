"""Which rows of which file make up each split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from nnctl.data.lengths import clear_padding
from nnctl.data.naive import LAST, NaiveScores, naive_scores
from nnctl.data.reading import Parts
from nnctl.data.scaling import Scaling
from nnctl.data.source import Array, Preprocessing, Rule, Samples, Source
from nnctl.data.splits.groups import group_key, group_of, is_grouped, take_groups
from nnctl.data.splits.name_rule import NameRule
from nnctl.data.splits.row_rule import RowRule
from nnctl.data.splits.series import split_windows
from nnctl.data.splits.split import Fold, fold_off, split_off
from nnctl.data.splits.table_column import no_columns
from nnctl.data.table.table import Table
from nnctl.data.table.target_transform import TargetTransform
from nnctl.data.table.text_preprocessing import TextColumnPreprocessing
from nnctl.data.table.texts import Texts
from nnctl.data.table.windows import Windows
from nnctl.data.targets import encode
from nnctl.errors import DataError, Problem
from nnctl.targets import Targets
from nnctl.text import by

Part = float | Rule | Fold


@dataclass(frozen=True)
class Split:
    """Prepared samples."""

    inputs: Array
    """(N, *shape), contiguous, in the run's precision; or uint8, to be scaled where a batch is gathered: then all that
    the file holds, (M, *shape), where `rows` says which of them are the split's."""
    targets: Array
    """(N,) int64 class numbers, or (N, K) in the run's precision, transformed where the run does; of sequences also one
    a step: (N, T) signed integers, or (N, T, K). Beyond a length there is none: -1, or NaN."""
    lengths: Array | None = None
    """(N,) int64, of samples that are padded sequences (T,) or (T, F); inputs are 0 beyond a sample's length."""
    scaling: Scaling | None = None
    """Of inputs that are uint8; None for others."""
    naive: Mapping[str, NaiveScores] = field(default_factory=dict)
    """Of a series, how good forecasts are that need no network, by name."""
    weights: Array | None = None
    """(N,) float64, how much each sample counts; None: all alike."""
    rows: Array | None = None
    """(N,) int64, where several splits share their inputs: those of each sample. None: they are in this order."""

    def __len__(self) -> int:
        return len(self.targets)

    @property
    def memory(self) -> int:
        """Bytes that the samples take, shared or not."""
        return int(len(self) * self.inputs[0].nbytes + self.targets.nbytes)

    @property
    def last_value_rmse(self) -> float:
        """Of a series of values, the RMSE of the last value that is known as a forecast; NaN for others."""
        return self.naive[LAST].rmse if LAST in self.naive else float("nan")

    @property
    def steps(self) -> int:
        """How many targets a sample has where they are one a step; 0 where they are one a sample."""
        is_by_step = self.targets.ndim == (2 if self.targets.dtype.kind == "i" else 3)
        return int(self.targets.shape[1]) if is_by_step else 0

    def for_outputs(self, outputs: tuple[int, ...]) -> Split:
        """Rows of as many values as the network gives steps of one output, (N, T), as one a step: (N, T, 1)."""
        if self.targets.dtype.kind == "f" and (*self.targets.shape[1:], 1) == outputs:
            return replace(self, targets=self.targets[..., np.newaxis])
        return self

    def take(self, rows: Array) -> Split:
        """These samples alone, without forecasts that need no network. Inputs of bytes stay where they are.

        rows: (B,) int64.
        """
        is_shared = self.scaling is not None
        of_inputs = rows if self.rows is None else self.rows[rows]
        lengths, weights = (None if of is None else of[rows] for of in (self.lengths, self.weights))
        return Split(
            self.inputs if is_shared else np.ascontiguousarray(self.inputs[of_inputs]),
            np.ascontiguousarray(self.targets[rows]),
            lengths,
            self.scaling,
            weights=weights,
            rows=np.ascontiguousarray(of_inputs) if is_shared else None,
        )

    def raw(self, rows: Array | slice) -> Array:
        """The inputs of these rows as they are kept, (B, *shape). rows: (B,), or a slice."""
        return self.inputs[rows if self.rows is None else self.rows[rows]]

    def scaled(self, rows: Array) -> Array:
        """The inputs of these rows as the network takes them, (B, *shape). rows: (B,). Padding is 0, scaled or not."""
        inputs = self.raw(rows)
        if self.scaling is None:
            return inputs
        inputs = self.scaling.apply(inputs)
        if self.lengths is not None:
            clear_padding(inputs, self.lengths[rows])
        return inputs


@dataclass(frozen=True)
class Selection:
    """The rows of one file that make up a split."""

    samples: Samples
    targets: Array
    """The encoded targets of the whole file."""
    rows: Array
    """(N,) int64."""

    def transform(
        self,
        preprocessing: Preprocessing,
        transform: TargetTransform | None,
        precision: str,
        *,
        keep_bytes: bool = False,
    ) -> Split:
        """The prepared samples. Raises DataError for numbers that the precision cannot hold.

        keep_bytes: whether inputs of bytes stay bytes, with their scaling. They are not copied: the splits of a file
        share them, which may be more than memory holds.
        """
        raw = self.samples.inputs
        lengths = None if self.samples.lengths is None else self.samples.lengths[self.rows]
        scaling = preprocessing.scaling(precision) if keep_bytes else None
        weights = None if self.samples.weights is None else self.samples.weights[self.rows]
        if scaling is not None and isinstance(raw, np.ndarray) and raw.dtype == np.uint8:
            inputs, targets = raw.reshape(-1, *preprocessing.shape), self._targets(transform, precision)
            rows = None if len(self.rows) == len(raw) else np.ascontiguousarray(self.rows)  # they ascend
            kept = Split(inputs, targets, lengths, scaling, weights=weights, rows=rows)
            if not np.isfinite(scaling.table()).all():
                self._require_finite(kept.scaled(np.arange(len(kept))), "inputs", precision)
            return kept
        inputs = preprocessing.transform(raw, self.rows, precision)
        if isinstance(raw, Texts) and isinstance(preprocessing, TextColumnPreprocessing):
            lengths = preprocessing.lengths(raw, self.rows)
        if lengths is not None:
            clear_padding(inputs, lengths)
        self._require_finite(inputs, "inputs", precision)
        return Split(inputs, self._targets(transform, precision), lengths, naive=self._naive(), weights=weights)

    def _naive(self) -> dict[str, NaiveScores]:
        own = {name: forecasts[self.rows] for name, forecasts in self.samples.naive.items()}
        return naive_scores(own, self.samples.targets[self.rows]) if own else {}

    def _targets(self, transform: TargetTransform | None, precision: str) -> Array:
        if self.targets.dtype.kind == "i":
            return np.ascontiguousarray(self.targets[self.rows])
        targets = self.targets if transform is None else transform.transform(self.targets, self.samples.problem)
        with np.errstate(over="ignore"):
            targets = targets[self.rows].astype(precision)
        real = targets if targets.ndim < 3 else np.where(np.isnan(targets), 0, targets)
        self._require_finite(real, "targets", precision)
        return np.ascontiguousarray(targets)

    def _require_finite(self, prepared: Array, what: str, precision: str) -> None:
        finite = np.isfinite(prepared).reshape(len(prepared), -1).all(axis=1)
        if not finite.all():
            row = int(self.rows[np.argmin(finite)])
            help = "set `scale` or `standardize`" if what == "inputs" else "give them in a larger unit"
            raise DataError(self.samples.problem(row, f"the {what} are too large for {precision}", help))


def split(source: Source, parts: Parts, targets: Targets, classes: tuple[str, ...], seed: int) -> dict[str, Selection]:
    """The rows of every split: test samples are set aside first, then validation samples from the rest."""
    encoded = {name: encode(samples, targets, classes) for name, samples in parts}
    train = parts.train
    named = (("test", source.fold or source.test), ("validation", source.validation))
    aside = {
        name: part for name, part in named if part is not None and not isinstance(part, str) and not source.cuts_itself
    }
    for name, part in named:  # also of a source that cuts itself: samples without files are in no rule
        if isinstance(part, NameRule):
            _require_names(train, f"data.{name}.name")
    if isinstance(train.inputs, Windows):
        chosen, notes = split_windows(train.inputs, aside, seed)
        told: tuple[str, ...] = ()
        train = replace(train, notes=(*train.notes, *notes))
    else:
        labels = encoded["train"] if targets == "classes" and encoded["train"].ndim == 1 else None
        grouped, changed = _by_group(source, aside)
        chosen, notes = _split_rows(train, grouped, labels, seed, is_ordered=source.is_ordered)
        told = (*changed, *notes)
    selections = {name: Selection(train, encoded["train"], rows) for name, rows in chosen.items()}
    selections["train"] = replace(selections["train"], samples=replace(train, notes=(*train.notes, *told)))
    for name, samples in parts:
        if name != "train":
            selections[name] = Selection(samples, encoded[name], np.arange(len(samples), dtype=np.int64))
    _require_alike_targets(selections)
    return {name: selections[name] for name in ("train", "validation", "test") if name in selections}


def _by_group(source: Source, parts: Mapping[str, Part]) -> tuple[dict[str, Part], tuple[str, ...]]:
    """The parts, each that is drawn at random by the groups of another one, and notes on these."""
    made, notes = dict(parts), []
    for column in () if source.is_ordered else source.groups[:1]:
        for name, part in parts.items():
            if isinstance(part, float):
                made[name] = RowRule(column=column, share=part)
            elif isinstance(part, Fold) and part.group is None:
                made[name] = part.model_copy(update={"group": column})
            else:
                continue
            what = f"the {name} samples are whole groups of column {column}, too: a plain fraction would split them"
            notes.append(what)
    return made, tuple(notes)


def _split_rows(
    samples: Samples, parts: Mapping[str, Part], labels: Array | None, seed: int, *, is_ordered: bool
) -> tuple[Mapping[str, Array], tuple[str, ...]]:
    """The rows of each part, and those to train on; and notes. parts: by name, in the order in which they are set
    aside.
    """
    rows = np.arange(len(samples), dtype=np.int64)
    chosen: dict[str, Array] = {}
    notes: tuple[str, ...] = ()
    for name, part in parts.items():
        if is_grouped(part):
            table = _table_of(samples, group_of(part), group_key(part, name))
            rows, chosen[name], told = take_groups(table, rows, part, seed, name)
            notes += told
        elif isinstance(part, Fold):
            rows, chosen[name] = fold_off(rows, part, labels, seed)
        elif isinstance(part, RowRule):
            own = part.rows(_table_of(samples, part.column, f"data.{name}.column").take(rows), f"data.{name}")
            rows, chosen[name] = rows[~own], rows[own]
        elif isinstance(part, NameRule):
            rows, chosen[name] = _by_name(samples, rows, part, name)
        else:
            assert isinstance(part, float)
            rows, chosen[name] = split_off(rows, part, labels, seed, name, is_ordered=is_ordered)
    return {"train": rows, **chosen}, notes


def _table_of(samples: Samples, column: str, key: str) -> Table:
    table = samples.inputs.table if isinstance(samples.inputs, Texts) else samples.table or samples.inputs
    if not isinstance(table, Table):
        raise no_columns(column, samples.origin, key)
    return table


def _require_names(samples: Samples, key: str) -> None:
    if not samples.names:
        what = f"is a pattern for the names of files, and the samples of {samples.origin} have no files of their own"
        raise DataError(Problem(what, path=key, help="give a fraction or a path"))


def _by_name(samples: Samples, rows: Array, rule: NameRule, name: str) -> tuple[Array, Array]:
    chosen = rule.rows([samples.names[row] for row in rows], f"data.{name}")
    return rows[~chosen], rows[chosen]


def _require_alike_targets(selections: dict[str, Selection]) -> None:
    train = selections["train"]
    for selection in selections.values():
        if selection.targets.shape[1:] != train.targets.shape[1:]:
            own, other = (by(chosen.targets.shape[1:]) or "single" for chosen in (selection, train))
            what = f"has {own} targets a sample, {train.samples.origin} has {other}"
            raise DataError(Problem(what, file=selection.samples.origin, help="give it targets of the same kind"))
