"""When a rule of `dynamics` changes the network of a run."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from pydantic import Field

from nnctl.config.document import KeyPath
from nnctl.spec import Spec

ChangeRow = dict[str, Any]
"""A change as metrics.jsonl has it: `rule`, its position in `dynamics`; `type`; `epoch`, after which it was made;
`parameters`, before and after; and what the rule says of it."""

Mistake = tuple[KeyPath, str, str]
"""The path of a key within the rule, what is wrong with it, and what to do."""


class Rule(Spec):
    """Base of all rules of `dynamics`: one changes the network between two epochs.

    It acts after the epochs that `at` lists, after `every` so many, or when a number has not improved for `patience`
    epochs; a rule has one of the three.
    """

    package: ClassVar[str] = "nnctl.dynamics.rules"
    makes_smaller: ClassVar[bool] = False
    """Whether the network is to be smaller afterwards: then the best checkpoint is the best one since."""

    at: list[int] | None = Field(default=None, min_length=1, max_length=1_000)
    """The epochs after which it acts."""
    every: int | None = Field(default=None, ge=1)
    """It acts after every so many epochs, from `begin` to `end`."""
    patience: int | None = Field(default=None, ge=1)
    """It acts when the monitored number has not improved for so many epochs, counted anew after each change."""
    monitor: str | None = None
    """With patience: loss, val_loss, <metric> or val_<metric>; unset, what the run monitors."""
    min_delta: float = Field(default=0.0, ge=0.0)
    """With patience: the least change that counts as an improvement; it must be exceeded."""
    begin: int = Field(default=1, ge=1)
    """The first epoch after which it may act."""
    end: int | None = Field(default=None, ge=1)
    """The last epoch after which it may act; unset, the last but one of the run."""

    @property
    def lasts(self) -> int:
        """For how many epochs after the last moment the run has to go on so that the rule is done."""
        return 0

    @property
    def makes_sparse(self) -> bool:
        """Whether layers become sparse ones, which have no channels that can be chosen."""
        return False

    @property
    def needs_channels(self) -> bool:
        """Whether it chooses among the channels of layers, or gives them further ones."""
        return True

    @abstractmethod
    def problems(self, plan: Any) -> Iterator[Mistake]:
        """What keeps the rule from changing a network. plan: the NetworkPlan at the beginning of the run."""

    @abstractmethod
    def in_words(self, plan: Any) -> str:
        """What the rule does, for `nnctl check`, without when. plan: as for `problems`."""

    def is_due(self, epoch: int, own: Sequence[ChangeRow], stalls: Callable[[], bool]) -> bool:
        """Whether it acts after this epoch. own: what it did so far. stalls: whether what it monitors does."""
        if self.at is not None:
            return epoch in self.at
        if epoch < self.begin or (self.end is not None and epoch > self.end):
            return False
        return stalls() if self.every is None else epoch % self.every == 0

    def is_ahead(self, epoch: int) -> bool:
        """Whether the rule certainly acts after a later epoch, so that early stopping has to wait."""
        if self.at is not None:
            return epoch < max(self.at)
        return self.every is not None and self.end is not None and epoch < self.end // self.every * self.every

    @property
    def when_in_words(self) -> str:
        """When it acts, for `nnctl check`."""
        if self.at is not None:
            return f"after epoch{'s'[: len(self.at) > 1]} {', '.join(f'{epoch:,}' for epoch in self.at)}"
        if self.every is not None:
            when = "after every epoch" if self.every == 1 else f"after every {self.every:,} epochs"
        else:
            when = f"when {self.monitor} has not improved for {self.patience:,} epochs"
        begin = f" from epoch {self.begin:,}" if self.begin > 1 else ""
        return when + begin + ("" if self.end is None else f" up to epoch {self.end:,}")


def timing_mistakes(rule: Rule, epochs: int) -> Iterator[Mistake]:
    """What is wrong with when a rule acts. epochs: of the run."""
    given = [key for key in ("at", "every", "patience") if getattr(rule, key) is not None]
    if len(given) != 1:
        what = f"has {' and '.join(given)}" if given else "does not say when it acts"
        one = "one of `at: [10, 20]`, `every: 10` and `patience: 5`"
        yield (), what, f"leave out {'one' if len(given) == 2 else 'two'} of them" if given else f"give it {one}"
        return
    after = epochs - 1 - rule.lasts
    why = f"the run has {epochs:,}" if not rule.lasts else f"the run has {epochs:,}, and the rule takes {rule.lasts:,}"
    if rule.at is not None:
        if rule.at != sorted(set(rule.at)) or rule.at[0] < 1:
            yield ("at",), f"is {rule.at}", "give epochs from 1 on, each once, in their order"
        elif rule.at[-1] > after:
            yield ("at",), f"has epoch {rule.at[-1]:,}, {why}", _earlier(rule.at[-1], after, rule.lasts)
        for key in ("begin", "end"):
            if getattr(rule, key) != type(rule).model_fields[key].default:
                yield (key,), "is set, and `at` says when the rule acts", "leave one of them out"
    else:
        last = after if rule.end is None else rule.end
        if rule.end is not None and rule.end > after:
            yield ("end",), f"is epoch {rule.end:,}, {why}", _earlier(rule.end, after, rule.lasts)
        elif rule.begin > last:
            what = f"is epoch {rule.begin:,}, and the rule acts up to epoch {last:,}"
            yield ("begin",), what, "let it begin earlier, or end later"
        elif rule.every is not None and last // rule.every * rule.every < rule.begin:
            what = f"is {rule.every:,}, and no multiple of it lies from epoch {rule.begin:,} to {last:,}"
            yield ("every",), what, f"use at most {last:,}" if rule.begin <= 1 else "make it smaller, or `end` larger"
    if rule.patience is None:
        for key in ("monitor", "min_delta"):
            if getattr(rule, key) != type(rule).model_fields[key].default:
                what = "is set, and the rule does not wait for anything to stall"
                yield (key,), what, "leave it out, or use patience"


def contradictions(rules: Sequence[Rule]) -> Iterator[Mistake]:
    """Rules that cannot both be followed. The paths begin with the position of the second."""
    for second, rule in enumerate(rules):
        for first, other in enumerate(rules[:second]):
            if rule.lasts or other.lasts:
                shared = sorted(_held(rule) & _held(other))
                if shared:
                    what = f"is at work after epoch {shared[0]:,} as dynamics.{first} is, and one has units away"
                    yield (second,), what, "let one of the two act later"
            elif rule.makes_smaller != other.makes_smaller and (shared := sorted(_moments(rule) & _moments(other))):
                what = f"makes the network {_size(rule)} after epoch {shared[0]:,}, when dynamics.{first} makes it"
                yield (second,), f"{what} {_size(other)}", "let one of the two act later"
            elif (rule.makes_sparse and other.needs_channels and _last(other) >= _first(rule)) or (
                other.makes_sparse and rule.needs_channels and _last(rule) >= _first(other)
            ):
                yield (second,), *_channels_of_sparse_layers(rule, other, first)
            layers = getattr(rule, "layer", None), getattr(other, "layer", None)
            if type(rule) is type(other) and layers[0] is not None and layers[0] == layers[1]:
                what = f"is of {layers[0]}, and dynamics.{first} does the same with that layer"
                yield (second,), what, "leave one of the two out"


def _moments(rule: Rule) -> set[int]:
    """The epochs after which a rule certainly acts."""
    if rule.at is not None:
        return set(rule.at)
    if rule.every is None or rule.end is None:
        return set()
    return {epoch for epoch in range(rule.every, rule.end + 1, rule.every) if epoch >= rule.begin}


def _first(rule: Rule) -> int:
    """The earliest epoch after which a rule may act."""
    if rule.at is not None:
        return rule.at[0]
    every = rule.every or 1
    return max(-(-rule.begin // every) * every, 1)


def _last(rule: Rule) -> float:
    """The latest epoch after which it may still change the network; infinity for the end of the run."""
    if rule.at is not None:
        return rule.at[-1] + rule.lasts
    return math.inf if rule.end is None else rule.end + rule.lasts


def _channels_of_sparse_layers(rule: Rule, other: Rule, first: int) -> tuple[str, str]:
    """What is wrong where one of two rules makes layers sparse whose channels the other may still change.

    first: the position of the other.
    """
    if rule.makes_sparse:
        what = f"makes layers sparse from epoch {_first(rule):,} on, and dynamics.{first} may change their channels"
        return what, f"let dynamics.{first} end before epoch {_first(rule)}, or leave one of the two out"
    what = f"may change channels of layers that dynamics.{first} makes sparse from epoch {_first(other):,} on"
    return what, f"let it end before epoch {_first(other)}, or leave one of the two out"


def _held(rule: Rule) -> set[int]:
    """The epochs after which the network is the rule's."""
    return {epoch + later for epoch in _moments(rule) for later in range(rule.lasts + 1)}


def _size(rule: Rule) -> str:
    return "smaller" if rule.makes_smaller else "larger"


def _earlier(moment: int, after: int, lasts: int) -> str:
    """What to do about a moment so late that the run ends before the rule is done."""
    more = f"set epochs={moment + 1 + lasts} or more"
    return more if after < 1 else f"use at most {after:,}, or {more}"
