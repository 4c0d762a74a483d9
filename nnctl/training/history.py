"""What the rules of `dynamics` did to a run's network, as a checkpoint keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nnctl.config.load import config_to_json
from nnctl.config.rule import ChangeRow
from nnctl.config.run_config import RunConfig
from nnctl.kernels.device import Array
from nnctl.model.description import Changed

PREFIX = "dynamics."  # of the names of tensors that are set aside


@dataclass
class History:
    """layers: of the config at the beginning, as JSON. asked: the last epoch after which the rules were asked.

    changes: so far, in their order. aside: what rules have set aside for later, by name.
    """

    layers: list[Any]
    asked: int = 0
    changes: list[ChangeRow] = field(default_factory=list)
    aside: dict[str, Array] = field(default_factory=dict)

    @classmethod
    def beginning(cls, config: RunConfig) -> History:
        """Of a run that has not changed yet."""
        return cls(config_to_json(config)["layers"])

    @classmethod
    def of(cls, kept: Changed, tensors: dict[str, Array]) -> History:
        """As a checkpoint has it."""
        aside = {name.removeprefix(PREFIX): array for name, array in tensors.items() if name.startswith(PREFIX)}
        return cls(kept.layers, kept.asked, [dict(row) for row in kept.changes], aside)

    def to_json(self) -> dict[str, Any]:
        return {"layers": self.layers, "asked": self.asked, "changes": list(self.changes)}

    def tensors(self) -> dict[str, Array]:
        return {f"{PREFIX}{name}": array for name, array in self.aside.items()}

    @property
    def last_change(self) -> int:
        """The epoch after which the network was changed last; 0 where it was not."""
        return self.changes[-1]["epoch"] if self.changes else 0
