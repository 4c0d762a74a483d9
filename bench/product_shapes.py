"""The products and convolutions that are timed, each in a direction of the training step.

Only the standard library is used, since the peers' own environment imports it too.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from bench.workloads import WORKLOADS, Dense, Shape

Direction = Literal["forward", "d_weight", "d_inputs"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)


@dataclass(frozen=True)
class Product:
    """A fully connected layer's, without bias. of: the networks that it is from."""

    of: str
    batch: int
    inputs: int
    outputs: int
    direction: Direction = "forward"

    kind = "products"

    @property
    def name(self) -> str:
        """`M x K x N, direction`, the sizes of the product."""
        batch, inputs, outputs = self.batch, self.inputs, self.outputs
        sizes = {
            "forward": (batch, inputs, outputs),
            "d_weight": (inputs, batch, outputs),
            "d_inputs": (batch, outputs, inputs),
        }
        return f"{' x '.join(str(size) for size in sizes[self.direction])}, {self.direction}"

    @property
    def shapes(self) -> dict[str, Shape]:
        """Of the operands, the batch among them."""
        batch, inputs, outputs = self.batch, self.inputs, self.outputs
        return {"inputs": (batch, inputs), "weight": (inputs, outputs), "d_outputs": (batch, outputs)}

    @property
    def multiply_adds(self) -> int:
        return self.batch * self.inputs * self.outputs

    @property
    def rivals(self) -> tuple[str, ...]:
        """Who must take longer; PyTorch's products are MKL's on processors of Intel and AMD."""
        return "OpenBLAS", "PyTorch"

    def least_share(self, threads: int) -> float | None:
        """Of the peak; None where none is asked for."""
        return (0.85 if threads == 1 else 0.8) if self.of == TABLE else None


@dataclass(frozen=True)
class Convolution:
    """A layer's over square images, of stride 1 and with bias. padding: zeros on every side.

    by_taps: also where Winograd's filtering, which needs fewer multiply-adds, would be faster.
    """

    of: str
    size: int
    inputs: int
    outputs: int
    kernel: int
    padding: int
    direction: Direction
    by_taps: bool = False
    batch: int = 64

    kind = "convolutions"

    @property
    def name(self) -> str:
        padding = "" if self.padding == self.kernel // 2 else f" padding {self.padding}"
        window = f"{self.kernel}x{self.kernel}{padding} on {self.size}x{self.size}{' by taps' if self.by_taps else ''}"
        return f"{self.inputs} -> {self.outputs}, {window}, {self.direction}"

    @property
    def shapes(self) -> dict[str, Shape]:
        """Of the operands, the batch among them; channels last."""
        size = self.size + 2 * self.padding - self.kernel + 1
        return {
            "inputs": (self.batch, self.size, self.size, self.inputs),
            "weight": (self.kernel, self.kernel, self.inputs, self.outputs),
            "bias": (self.outputs,),
            "d_outputs": (self.batch, size, size, self.outputs),
        }

    @property
    def multiply_adds(self) -> int:
        """Taps in the padding included."""
        shapes = self.shapes
        return prod(shapes["weight"]) * prod(shapes["d_outputs"][:3])

    @property
    def is_first(self) -> bool:
        """Whether it reads pixels, whose gradient nobody needs."""
        return self.inputs <= 3

    @property
    def rivals(self) -> tuple[str, ...]:
        """Who must take longer: at first layers only."""
        return ("PyTorch",) if self.is_first else ()

    def least_share(self, threads: int) -> float | None:
        """Of the peak, as the taps count; None where none is asked for."""
        if self.is_first:
            return 0.6 if self.direction != "d_inputs" else None
        return 0.85 if min(self.inputs, self.outputs) >= 16 else None


TABLE = "table"  # sizes that any product must be fast at
_TABLE = (
    Product(TABLE, 64, 64, 64),
    Product(TABLE, 32, 784, 128),
    Product(TABLE, 64, 784, 128),
    Product(TABLE, 32, 784, 128, "d_weight"),
    Product(TABLE, 128, 784, 512),
    Product(TABLE, 512, 512, 512),
    Product(TABLE, 1024, 1024, 1024),
)
_NETWORKS = ("mlp-small, 32", "mlp-small, 128", "mlp-large, 32", "mlp-large, 128", "lenet5", "cnn")
_CONVOLUTIONS = (  # size, channels in and out, kernel, padding
    (TABLE, 28, 1, 32, 3, 1),
    (TABLE, 14, 32, 64, 3, 1),
    (TABLE, 32, 32, 32, 3, 1),
    (TABLE, 16, 64, 64, 3, 1),
    (TABLE, 32, 3, 32, 3, 1),
    (TABLE, 14, 16, 16, 3, 1),
    (TABLE, 14, 16, 32, 5, 2),
    ("mnist_cnn", 28, 1, 8, 5, 2),
    ("mnist_cnn", 14, 8, 16, 5, 2),
    ("lenet5", 28, 1, 6, 5, 2),
    ("lenet5", 14, 6, 16, 5, 0),
)


def _of_network(name: str) -> list[Product]:
    """The network's fully connected layers; the gradient of its inputs is not needed."""
    workload, made = WORKLOADS[name], []
    for position, placed in enumerate(workload.placed()):
        if isinstance(placed.layer, Dense):
            inputs, outputs = placed.weight
            directions = DIRECTIONS if position else DIRECTIONS[:2]
            made += [Product(name, workload.batch, inputs, outputs, direction) for direction in directions]
    return made


def _winograd_may_be_faster(inputs: int, outputs: int, kernel: int) -> bool:
    return kernel == 3 and min(inputs, outputs) >= 16


def _all() -> dict[str, Product | Convolution]:
    rows: dict[str, Product | Convolution] = {}
    for product in (*_TABLE, *(product for name in _NETWORKS for product in _of_network(name))):
        rows.setdefault(product.name, product)
    for shape in _CONVOLUTIONS:
        for by_taps in (False, True) if _winograd_may_be_faster(*shape[2:5]) else (False,):
            made = [Convolution(*shape, direction, by_taps) for direction in DIRECTIONS]
            rows.update({one.name: one for one in made})
    return rows


ROWS = _all()
