"""`python -m release.kernels [EXAMPLE]...`: compiles kernels into the kernel cache.

Those of these examples; or else of all of them, and of a small network for each kind of layer, loss and optimizer.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from nnctl.config.load import load_config
from nnctl.errors import NnctlError
from nnctl.layers.layer import Layer
from nnctl.losses.loss import Loss
from nnctl.model.preparation import prepare
from nnctl.optimizers.optimizer import Optimizer
from nnctl.spec import kinds
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.trainer import Trainer

CONFIGS = Path(__file__).parents[1] / "configs"
SMALL = CONFIGS / "function.yaml"  # a table and a chain of linear layers


def main(examples: list[str]) -> None:
    """Record the steps of every run, which compiles their kernels; nothing is trained."""
    for config, overrides in ((CONFIGS / f"{name}.yaml", []) for name in examples) if examples else _runs():
        with tempfile.TemporaryDirectory() as folder, suppress(NnctlError):  # a kind may not fit into the small network
            prepared = prepare(load_config(config, overrides))
            with closing(RunFolder(Path(folder) / "run")) as run:
                Trainer(prepared, run, Observer()).warm_up()


def _runs() -> Iterator[tuple[Path, list[str]]]:
    """Configs, each with its overrides."""
    for config in sorted(CONFIGS.glob("*.yaml")):
        yield config, []
    for optimizer in kinds(Optimizer):
        yield SMALL, [f"optimizer={optimizer}"]
    for loss in kinds(Loss):
        yield SMALL, [f"loss={loss}", "metrics=[]"]
    for layer in kinds(Layer):
        yield SMALL, [f"layers=[{{type: linear, out_features: 8}}, {layer}, {{type: linear, out_features: 1}}]"]


if __name__ == "__main__":
    main(sys.argv[1:])
