"""Compiler flags, the kernel cache, and the only import of numba for the CPU; the cache folder must be set first."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from nnctl.kernels.compiler import cache

CACHE_FOLDER = cache.prepare()  # before the next line, which reads the environment
import numba
import numpy as np
from llvmlite import binding as llvm
from llvmlite import ir
from numba.core import (
    ccallback,
    cgutils,
    errors,
    registry,
)
from numba.core import types as _types
from numba.core.caching import FunctionCache
from numba.core.callconv import CPUCallConv
from numba.core.compiler_lock import global_compiler_lock
from numba.core.cpu import CPUContext
from numba.extending import intrinsic as _intrinsic

from nnctl.kernels.compiler.progress import COMPILE_LOCK, CompileWatch

__all__ = [
    "CACHE_FOLDER",
    "Array",
    "c_function",
    "cgutils",
    "compiled",
    "cpu_features",
    "errors",
    "inlined",
    "intrinsic",
    "ir",
    "machine_code",
    "types",
]

Array = np.ndarray[Any, Any]
types: Any = _types  # numba types itself in part
intrinsic: Callable[[Callable[..., Any]], Callable[..., Any]] = _intrinsic
_ccallback: Any = ccallback
F = TypeVar("F", bound=Callable[..., Any])

# Nothing of "fast math": sums keep their order, a*b+c is fused only where the code says so, so that bits do not change
# with the vector width, and NaN and infinity are kept.
# No kernel allocates, so none counts references: _nrt is numba's runtime for that, which takes time to start.
_FLAGS: dict[str, Any] = {"nopython": True, "error_model": "numpy", "_nrt": False}


def compiled(function: F) -> F:
    """A function that kernels call. Called from Python, it is compiled at its first call, and not cached."""
    return cast(F, numba.jit(no_cfunc_wrapper=True, **_FLAGS)(function))


def inlined(function: F) -> F:
    """As `compiled`, inlined into its callers before they are compiled: with one caller, that compiles faster."""
    return cast(F, numba.jit(inline="always", **_FLAGS)(function))


def machine_code(function: Callable[..., None], kinds: tuple[str, ...]) -> int:
    """The address of `void kernel(int64 begin, int64 end, int64 *words)`, compiled, or loaded from the cache folder.

    function: takes begin, end and an argument for each of kinds: `float32 2`, an array by its dtype and dimensions;
    int64, float64, uint64, bool; or `tuple 2`, of two integers. words: the arguments, an array as its address and its
    shape (it is contiguous and overlaps no other), a number as its 64 bits.
    """
    arguments = (types.intp, types.intp, *(_type_of(kind) for kind in kinds))
    return _address_of(_Packed, function, arguments)


def c_function(function: Callable[..., None], kinds: tuple[str, ...]) -> int:
    """The address of a C function without result, compiled, or loaded from the cache folder.

    kinds: of its arguments, as for `machine_code`; `float32 *` is a pointer.
    """
    return _address_of(_Plain, function, tuple(_type_of(kind) for kind in kinds))


def _address_of(interface: type[_Plain], function: Callable[..., None], arguments: tuple[Any, ...]) -> int:
    code: Any = interface(function, (arguments, types.void), {}, _FLAGS | {"forceinline": True})
    code._cache = _SelfHealingCache(function)
    code.compile()
    _LOADED.append(code)
    return int(code.address)


_LOADED: list[Any] = []  # code lives as long as its object


def _type_of(kind: str) -> Any:
    name, _, dimensions = kind.partition(" ")
    if name == "tuple":
        return types.UniTuple(types.intp, int(dimensions))
    if dimensions == "*":
        return types.CPointer(getattr(types, name))
    if dimensions:
        return types.Array(getattr(types, name), int(dimensions), "C")
    return types.boolean if name == "bool" else getattr(types, name)


class _Unpacker:
    """Emits loads of arguments from words of memory, one after another."""

    def __init__(self, context: Any, builder: Any, words: Any) -> None:
        self._context, self._builder, self._words = context, builder, words
        self._next = 0

    def argument(self, kind: Any) -> Any:
        if isinstance(kind, types.Array):
            return self._array(kind)
        if isinstance(kind, types.UniTuple):
            return cgutils.pack_array(self._builder, [self._word() for _ in range(kind.count)])
        word = self._word()
        if isinstance(kind, types.Float):
            return self._builder.bitcast(word, ir.DoubleType())
        if isinstance(kind, types.Boolean):
            return self._builder.icmp_signed("!=", word, _int(0))
        return word

    def _word(self) -> Any:
        place = self._builder.gep(self._words, [_int(self._next)])
        self._next += 1
        return self._builder.load(place)

    def _array(self, kind: Any) -> Any:
        builder = self._builder
        array = self._context.make_array(kind)(self._context, builder)
        itemsize = _int(self._context.get_abi_sizeof(self._context.get_data_type(kind.dtype)))
        data = builder.inttoptr(self._word(), array.data.type)
        shape = [self._word() for _ in range(kind.ndim)]
        strides: list[Any] = []
        size = itemsize
        for length in reversed(shape):
            strides.insert(0, size)
            size = builder.mul(size, length)
        array.meminfo = ir.Constant(array.meminfo.type, None)  # references are not counted
        array.parent = ir.Constant(array.parent.type, None)
        array.nitems = builder.sdiv(size, itemsize)
        array.itemsize = itemsize
        array.data = data
        array.shape = cgutils.pack_array(builder, shape)
        array.strides = cgutils.pack_array(builder, strides)
        return array._getvalue()


def _int(value: int) -> Any:
    return ir.Constant(ir.IntType(64), value)


class _CallConvention(CPUCallConv):  # type: ignore[misc]  # numba ships no types
    """numba's own; LLVM knows that begin and end are not negative.

    A negative index counts from the end in Python, and a loop over indices that may be negative is not vectorised.
    """

    def decode_arguments(self, builder: Any, kinds: Any, function: Any) -> Any:
        arguments = super().decode_arguments(builder, kinds, function)
        if [argument.name for argument in self.get_arguments(function)[:2]] != ["arg.begin", "arg.end"]:
            return arguments  # a function that a kernel calls
        begin, end, *others = arguments
        return [*(builder.and_(item, _int((1 << 40) - 1)) for item in (begin, end)), *others]


class _KernelContext(CPUContext):  # type: ignore[misc]  # numba ships no types
    """numba's own, but for the interface of kernels."""

    @property
    def call_conv(self) -> Any:
        return _CallConvention(self)

    def create_cfunc_wrapper(self, library: Any, description: Any, environment: Any, call_helper: Any) -> None:
        """Make a C function of a kernel: one whose arguments come in words of memory."""
        module = self.create_module("packed")
        kinds = description.argtypes
        kernel_type = self.call_conv.get_function_type(description.restype, kinds)
        kernel = ir.Function(module, kernel_type, description.llvm_func_name)
        integer = ir.IntType(64)
        packed_type = ir.FunctionType(ir.VoidType(), [integer, integer, integer.as_pointer()])
        packed = ir.Function(module, packed_type, description.llvm_cfunc_wrapper_name)
        builder = ir.IRBuilder(packed.append_basic_block("entry"))
        begin, end, words = packed.args
        unpacker = _Unpacker(self, builder, words)
        arguments = [begin, end, *(unpacker.argument(kind) for kind in kinds[2:])]
        self.call_conv.call_function(builder, kernel, description.restype, kinds, arguments)
        builder.ret_void()
        library.add_ir_module(module)
        library.finalize()


def _kernel_context() -> Any:
    """A context that shares everything compiled in numba's own."""
    context = copy.copy(registry.cpu_target.target_context)
    context.__class__ = _KernelContext
    return context


class _Target:
    """numba's own target with the context of kernels."""

    typing_context = registry.cpu_target.typing_context
    target_context = _kernel_context()
    options = registry.cpu_target.options


class _Plain(_ccallback.CFunc):  # type: ignore[misc]  # numba ships no types
    """A function with the interface of C."""

    def compile(self) -> None:
        """Load it from the cache, or compile and save it."""
        with global_compiler_lock:  # between threads
            result = self._cached()
            if result is None:
                with COMPILE_LOCK:
                    result = self._cached()  # saved by another process while this one waited
                    if result is None:
                        result = self._compile_uncached()
                        self._cache.save_overload(self._sig, result)
            self._library = result.library
            self._wrapper_name = result.fndesc.llvm_cfunc_wrapper_name
            self._wrapper_address = self._library.get_pointer_to_function(self._wrapper_name)

    def _cached(self) -> Any:
        return self._cache.load_overload(self._sig, self._targetdescr.target_context)

    def _compile_uncached(self) -> Any:
        with CompileWatch.compiling():
            return super()._compile_uncached()


class _Packed(_Plain):
    """A function with the interface of `machine_code`."""

    _targetdescr = _Target

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._compiler.__class__ = _KernelCompiler


class _KernelCompiler(_ccallback._CFuncCompiler):  # type: ignore[misc]  # numba ships no types
    """Promises LLVM that arrays do not overlap, so that it need not check before each loop."""

    def _customize_flags(self, flags: Any) -> Any:
        flags = super()._customize_flags(flags)
        flags.noalias = True
        return flags


class _SelfHealingCache(FunctionCache):  # type: ignore[misc]  # numba ships no types
    """numba 0.68 raises on an empty or truncated cache file; this one removes it and compiles again."""

    noted = False

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:  # numba's own method first loads all of its registries, which takes a quarter of a second
            return self._load_overload(sig, target_context)
        except Exception as error:  # unpickling damaged bytes can raise anything
            self._drop(error)
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError as error:
            self._note(f"the kernel cache {CACHE_FOLDER} cannot be written ({error.strerror}); going on without it")

    def _drop(self, error: Exception) -> None:
        damaged = Path(self._cache_file._index_path)
        self._note(f"a file of the kernel cache was damaged ({type(error).__name__}); its kernel is compiled again")
        for file in damaged.parent.glob(f"{damaged.stem}.*"):
            file.unlink(missing_ok=True)

    @classmethod
    def _note(cls, message: str) -> None:
        if not _SelfHealingCache.noted:
            cache.tell(message)
        _SelfHealingCache.noted = True


def cpu_features() -> dict[str, bool]:
    """The features of the processor that kernels are compiled for: the host's, or those of `NUMBA_CPU_FEATURES`."""
    given = numba.config.CPU_FEATURES
    if given is not None:
        return {feature[1:]: feature.startswith("+") for feature in given.split(",") if feature}
    return dict(llvm.get_host_cpu_features())
