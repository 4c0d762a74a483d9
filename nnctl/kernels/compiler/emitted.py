"""Functions for compiled code whose LLVM code is written by hand, as kernels need it that address memory or vectors.

    @emitted("intp")
    def doubled(builder: Any, value: Any) -> Any:
        return builder.add(value, value)

Compiled code calls `doubled(value)`, and the code becomes a part of the caller.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

from nnctl.kernels.compiler.jit import cgutils, intrinsic, types


class Elements(NamedTuple):
    """What an array or a pointer is for emitted code: a pointer to its first element, and the bytes of each."""

    pointer: Any
    itemsize: int


def emitted(result: str | Callable[..., Any] = "void") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make such a function of `emit(builder, *operands)`, which writes the code and returns the LLVM value, if any.

    result: the name of its numba type, or a function that returns its type for the types of the operands. An array or a
    pointer reaches `emit` as Elements, a tuple as a list of values, any other operand as a value; integers are int64.
    """

    def decorated(emit: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(emit)
        def typed(typing_context: Any, *operands: Any) -> Any:
            kinds = [types.intp if isinstance(kind, types.Integer) else kind for kind in operands]

            def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
                given = [_operand(context, builder, kind, value) for kind, value in zip(kinds, values, strict=True)]
                value = emit(builder, *given)
                return context.get_dummy_value() if value is None else value

            returned = getattr(types, result) if isinstance(result, str) else result(*kinds)
            return returned(*kinds), generate

        typed.__signature__ = inspect.signature(emit)  # type: ignore[attr-defined]  # from which numba takes the names
        return intrinsic(typed)

    return decorated


def _operand(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        pointer = context.make_array(kind)(context, builder, value).data
        return Elements(pointer, kind.dtype.bitwidth // 8)
    if isinstance(kind, types.CPointer):
        return Elements(value, kind.dtype.bitwidth // 8)
    return cgutils.unpack_tuple(builder, value) if isinstance(kind, types.BaseTuple) else value
