"""Machine code of a function: compiled and kept in the kernel cache, or loaded from there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache as once
from typing import Literal

from nnctl.kernels.compiler import cache, image
from nnctl.kernels.compiler.level import level

Form = Literal["kernel", "function", "emitted"]


class Code:
    """Machine code of a function. address: where it begins, once it is loaded; 0 before.

    kinds: of its arguments, and form: of the code, as `numba_target.object_file` has them.
    """

    def __init__(self, function: Callable[..., None], kinds: tuple[str, ...], form: Form) -> None:
        self.function, self.kinds, self.form = function, kinds, form
        self.address = 0
        module = function.__module__.removeprefix("nnctl.kernels.")
        digest = hashlib.sha256(repr((function.__module__, function.__qualname__, kinds)).encode()).hexdigest()
        self.file_name = f"{module}.{function.__qualname__}-{digest[:16]}{cache.SUFFIX}"

    def compile(self) -> None:
        """Compile it, keep it in the cache, and load it."""
        from nnctl.kernels.compiler.numba_target import object_file
        from nnctl.kernels.compiler.object_file import linked

        made = linked(*object_file(self.function, self.kinds, self.form))
        cache.keep(level().name, self.file_name, image.to_bytes(made))
        self.address = image.load(made)

    def load_kept(self) -> bool:
        """Load it from the cache. Returns whether it was there."""
        for folder in cache.folders(level().name):
            try:
                self.address = image.load(image.from_bytes((folder / self.file_name).read_bytes()))
            except OSError:
                continue
            except image.DamagedImageError as error:
                cache.drop(folder / self.file_name, error)
            else:
                return True
        return False


@once
def machine_code(function: Callable[..., None], kinds: tuple[str, ...]) -> Code:
    """Code of `void kernel(int64 begin, int64 end, int64 *words)`, of a function that takes begin, end and others.

    kinds: of the others. words: their values, an array as its address and its shape (it is contiguous and overlaps no
    other), a number as its 64 bits.
    """
    return Code(function, ("int64", "int64", *kinds), "kernel")


@once
def c_function(function: Callable[..., None], kinds: tuple[str, ...]) -> Code:
    """Code of a C function without result."""
    return Code(function, kinds, "function")


@once
def emitted_function(function: Callable[..., None], kinds: tuple[str, ...]) -> Code:
    """Code of a C function without result that is nothing but a call of an emitted one."""
    return Code(function, kinds, "emitted")
