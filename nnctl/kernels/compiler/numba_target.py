"""numba, as kernels need it: it makes object files of Python functions, for a level of processors."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from typing import Any

import numba
from llvmlite import binding as llvm
from llvmlite import ir
from numba.core import ccallback, cgutils, dispatcher, registry
from numba.core import codegen as _codegen
from numba.core import types as _types
from numba.core.callconv import CPUCallConv
from numba.core.compiler_lock import global_compiler_lock
from numba.core.cpu import CPUContext

from nnctl.kernels.compiler.level import AARCH64, level

types: Any = _types  # numba types itself in part
_ccallback: Any = ccallback
_dispatcher: Any = dispatcher
numba.config.CPU_NAME, numba.config.CPU_FEATURES = level().cpu, level().features  # before numba makes its target

# Nothing of "fast math": sums keep their order, a*b+c is fused only where the code says so, so that bits do not change
# with the vector width, and NaN and infinity are kept.
# No kernel allocates, so none counts references: _nrt is numba's runtime for that, which takes time to start.
FLAGS: dict[str, Any] = {"nopython": True, "error_model": "numpy", "_nrt": False}


class _Library(_codegen.JITCodeLibrary):  # type: ignore[misc]  # numba ships no types
    """Has LLVM optimize all of a kernel at once, and not also each function before, and the whole twice.

    optimization: LLVM's level; None for what is optimized as a part of its caller. is_called: whether Python calls it;
    else no machine code is made here.
    """

    optimization: int | None = 3
    is_called = True

    def _optimize_functions(self, module: Any) -> None:
        module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        if self.optimization is not None:
            passes, builder = self._codegen._module_pass_manager(opt=self.optimization)
            passes.run(self._final_module, builder)

    def _finalize_final_module(self) -> None:
        if self.is_called:
            super()._finalize_final_module()
        else:
            self._finalized = True


registry.cpu_target.target_context.codegen()._library_class = _Library


def python_function(function: Callable[..., Any]) -> Any:
    """A compiled function that Python calls."""
    return numba.jit(no_cfunc_wrapper=True, **FLAGS)(function)


def inner_function(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    """A function that compiled code alone calls: no machine code is made of it, but a part of its caller's."""
    made = numba.jit(**options, **FLAGS)(function)
    made._compiler.__class__ = _InnerCompiler
    made._insert = lambda *_: None  # of what Python may call
    return made


def intrinsic(function: Callable[..., Any]) -> Any:
    """A function that generates the LLVM code of its calls."""
    made = numba.extending.intrinsic(function)
    registry.cpu_target.typing_context.refresh()  # so that it knows the new one
    return made


def type_of(made: Any) -> Any:
    """numba's type of one of these functions."""
    return registry.cpu_target.typing_context.resolve_value_type(made)


def object_file(function: Callable[..., None], kinds: tuple[str, ...], form: str) -> tuple[bytes, str]:
    """Compile a function: an object file, and the name of the function in it.

    kinds: of its arguments, `float32 2` for an array by its dtype and dimensions, int64, float64, uint64, bool,
    `tuple 2` of integers, or `float32 *`, a pointer. form: `kernel`, called with its arguments in words of memory;
    `function`, as C calls one; `emitted`, such a one that only calls emitted code, which is left as it was written.
    """
    arguments = tuple(_type_of(kind) for kind in kinds)
    code = _FORMS[form](function, (arguments, types.void), {}, FLAGS | {"forceinline": True})
    with global_compiler_lock:
        result = code._compile_uncached()
        module, machine = result.library._final_module, _machine()
        module.triple, module.data_layout = machine.triple, str(machine.target_data)
        return machine.emit_object(module), result.fndesc.llvm_cfunc_wrapper_name


def _machine() -> Any:
    """For position-independent code whose parts lie near each other."""
    features = level().features
    if sys.platform == "darwin" and level() == AARCH64:
        features += ",+reserve-x18"  # a register that macOS keeps for itself
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_triple(level().triple).create_target_machine(
        cpu=level().cpu, features=features, opt=3, reloc="pic", codemodel="small"
    )


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


class _Context(CPUContext):  # type: ignore[misc]  # numba ships no types
    """numba's own, but for how compiled code is called from outside."""

    def create_cfunc_wrapper(self, library: Any, description: Any, environment: Any, call_helper: Any) -> None:
        """Make the function of the object file. What it calls is inlined, and not kept beside it."""
        kinds = description.argtypes
        module = self.create_module("outer")
        inner = ir.Function(
            module, self.call_conv.get_function_type(description.restype, kinds), description.llvm_func_name
        )
        outer = ir.Function(module, self._outer_type(kinds), description.llvm_cfunc_wrapper_name)
        builder = ir.IRBuilder(outer.append_basic_block("entry"))
        arguments = self._arguments(builder, kinds, outer.args)
        self.call_conv.call_function(builder, inner, description.restype, kinds, arguments)
        builder.ret_void()
        library.add_ir_module(module)
        library.add_ir_module(_contiguous_reshape())
        for function in library._final_module.functions:
            if not function.is_declaration and function.name != outer.name:
                function.linkage = "internal"
        library.is_called = False
        library.finalize()

    def _outer_type(self, kinds: Any) -> Any:
        return ir.FunctionType(ir.VoidType(), [self.get_value_type(kind) for kind in kinds])

    def _arguments(self, builder: Any, kinds: Any, given: Any) -> list[Any]:
        return list(given)


class _KernelContext(_Context):
    """A kernel's arguments come in words of memory: `void kernel(int64 begin, int64 end, int64 *words)`."""

    @property
    def call_conv(self) -> Any:
        return _CallConvention(self)

    def _outer_type(self, kinds: Any) -> Any:
        integer = ir.IntType(64)
        return ir.FunctionType(ir.VoidType(), [integer, integer, integer.as_pointer()])

    def _arguments(self, builder: Any, kinds: Any, given: Any) -> list[Any]:
        begin, end, words = given
        unpacker = _Unpacker(self, builder, words)
        return [begin, end, *(unpacker.argument(kind) for kind in kinds[2:])]


def _contiguous_reshape() -> Any:
    """What numba calls to reshape an array. Its own lies in a library that is loaded with it; this one is inlined.

    It computes the new strides of an array that is contiguous, as all are whose type is: returns 1.
    """
    module = ir.Module("reshape")
    module.triple = llvm.get_process_triple()
    integer, size = ir.IntType(32), ir.IntType(64)
    kind = ir.FunctionType(
        integer, [size, size.as_pointer(), size.as_pointer(), size, size.as_pointer(), size.as_pointer(), size, integer]
    )
    function = ir.Function(module, kind, "numba_attempt_nocopy_reshape")
    function.attributes.add("alwaysinline")
    _, _, _, dimensions, shape, strides, itemsize, _ = function.args
    builder = ir.IRBuilder(function.append_basic_block("entry"))
    entry, loop, body, end = builder.block, *(builder.append_basic_block(name) for name in ("loop", "body", "end"))
    builder.branch(loop)
    builder.position_at_end(loop)
    left, stride = builder.phi(size), builder.phi(size)
    builder.cbranch(builder.icmp_signed(">", left, _int(0)), body, end)
    builder.position_at_end(body)
    place = builder.sub(left, _int(1))
    builder.store(stride, builder.gep(strides, [place]))
    next_stride = builder.mul(stride, builder.load(builder.gep(shape, [place])))
    builder.branch(loop)
    for phi, first, following in ((left, dimensions, place), (stride, itemsize, next_stride)):
        phi.add_incoming(first, entry)
        phi.add_incoming(following, body)
    builder.position_at_end(end)
    builder.ret(ir.Constant(integer, 1))
    return module


def _target(context: type[_Context]) -> Any:
    """numba's own target with another context, which shares everything compiled in numba's own."""

    class Target:
        typing_context = registry.cpu_target.typing_context
        target_context = copy.copy(registry.cpu_target.target_context)
        options = registry.cpu_target.options

    Target.target_context.__class__ = context
    return Target


class _Compiler(_ccallback._CFuncCompiler):  # type: ignore[misc]  # numba ships no types
    """Promises LLVM that arrays do not overlap, so that it need not check before each loop."""

    def _customize_flags(self, flags: Any) -> Any:
        flags = super()._customize_flags(flags)
        flags.noalias = True
        return flags


class _InnerCompiler(_dispatcher._FunctionCompiler):  # type: ignore[misc]  # numba ships no types
    """Makes no machine code, which takes half as long again, and so no function that Python could call."""

    def _customize_flags(self, flags: Any) -> Any:
        flags = super()._customize_flags(flags)
        flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
        return flags

    def _compile_core(self, *arguments: Any) -> Any:
        result = super()._compile_core(*arguments)._replace(entry_point=_NoEntry())
        result.library.optimization, result.library.is_called = None, False
        self.targetdescr.target_context.insert_user_function(result.entry_point, result.fndesc, [result.library])
        return result


class _NoEntry:
    """What numba tells compiled functions apart by."""


class _EmittedContext(_Context):
    """For code that is written as it is to be: LLVM takes long for the many tiles, and makes them no faster."""

    def create_cfunc_wrapper(self, library: Any, *others: Any) -> None:
        library.optimization = 0  # what must be inlined is
        super().create_cfunc_wrapper(library, *others)


class _Plain(_ccallback.CFunc):  # type: ignore[misc]  # numba ships no types
    """A function with the interface of C."""

    _targetdescr = _target(_Context)


class _Emitted(_Plain):
    _targetdescr = _target(_EmittedContext)


class _Kernel(_Plain):
    _targetdescr = _target(_KernelContext)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._compiler.__class__ = _Compiler


_FORMS = {"kernel": _Kernel, "function": _Plain, "emitted": _Emitted}
