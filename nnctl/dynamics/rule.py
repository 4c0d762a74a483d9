"""What a rule of `dynamics` is: from the network after an epoch to the one before the next."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nnctl.config.rule import Mistake, Rule
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.structure import Structure
from nnctl.model.plan import NetworkPlan
from nnctl.text import did_you_mean


@dataclass(frozen=True)
class Change:
    """structure: the network from here on. facts: what metrics.jsonl says of it beside the rule, the epoch and the
    parameters. words: what was done, in the past, such as "layers.0 was widened from 2 to 4 outputs".

    inserted: the path of a layer that was put in among the network's own, which moves those behind it.
    """

    structure: Structure
    words: str
    facts: dict[str, Any]
    inserted: str | None = None


class NetworkRule(Rule):
    """Base of the rules in `rules/`."""

    @abstractmethod
    def change(self, structure: Structure, moment: Moment) -> Change | None:
        """The network as the rule makes it; None where there is nothing to change any more.

        It depends on nothing but its arguments, so that a run that was killed changes to the same bits.
        """

    @abstractmethod
    def problems(self, plan: NetworkPlan) -> Iterator[Mistake]: ...

    @abstractmethod
    def in_words(self, plan: NetworkPlan) -> str: ...


def unknown_layer(name: str, known: Sequence[str], needs: str) -> tuple[str, str]:
    """What is wrong with the path of a layer that is none of those that a rule can change, and what to do."""
    if not known:
        return f"is {name}, and no layer of the network {needs}", "remove the rule"
    return f"is {name}, which is no layer that {needs}", f"{did_you_mean(name, known)}"
