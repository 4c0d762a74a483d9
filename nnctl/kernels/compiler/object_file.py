"""Machine code out of an object file: its sections in one piece, at distances that are final.

LLVM writes code as an object file for a linker. Code that is position-independent needs little of one: its sections are
laid out in a row, and each reference is written as the distance to its target. What is left for the moment of loading
are words that hold addresses: of functions of the C library, and of places in the piece itself.
Source: System V ABI, AMD64 supplement, 4.4 "Relocation"; ELF for the Arm 64-bit Architecture, 5.7 "Relocation".
"""

from __future__ import annotations

import struct
from typing import NamedTuple

X86_64, AARCH64 = 62, 183  # machines, as ELF numbers them


class Image(NamedTuple):
    """code: to be placed at the start of a page. entry: where its function begins.

    symbols: the words that get the address of a function of the C library, by its name. bases: words that hold an
    offset in the code, and get the address there.
    """

    code: bytes
    entry: int
    symbols: dict[str, int]
    bases: list[int]


class ObjectFileError(ValueError):
    """An object file that needs more of a linker than there is here."""


class _Section(NamedTuple):
    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


class _Symbol(NamedTuple):
    name: str
    section: int
    value: int
    size: int


_HEADER, _SECTION, _SYMBOL, _RELOCATION = map(struct.Struct, ("<16sHHIQQQIHHHHHH", "<IIQQQQIIQQ", "<IBBHQQ", "<QIIq"))
_SYMBOLS, _RELOCATIONS, _ZEROS, _UNWINDING = 2, 4, 8, 0x70000001  # kinds of sections
_ALLOCATED, _EXECUTABLE = 2, 4  # flags of sections
_OUTER, _COMMON = 0, 0xFFF2  # sections of symbols that have none: undefined ones, and variables that are zero


def linked(data: bytes, function: str) -> Image:
    """The code of an ELF object file for x86-64 or AArch64. function: where it is entered. Raises ObjectFileError."""
    return _Linker(data).image(function)


class _Linker:
    def __init__(self, data: bytes) -> None:
        self._data = data
        if len(data) < _HEADER.size:
            raise ObjectFileError("it is cut off")
        ident, _, self._machine, *_, first = _HEADER.unpack_from(data)[:7]
        if ident[:6] != b"\x7fELF\x02\x01" or self._machine not in (X86_64, AARCH64):
            raise ObjectFileError("not an object file of ELF for x86-64 or AArch64")
        count, names = _HEADER.unpack_from(data)[12:]
        end = first + _SECTION.size * count
        self._sections = [_Section(*fields) for fields in _SECTION.iter_unpack(data[first:end])]
        self._section_names = self._sections[names]
        self._symbols = [symbol for table in self._sections if table.kind == _SYMBOLS for symbol in self._in(table)]
        self._code = bytearray()
        self._starts: dict[int, int] = {}  # of the sections in the code
        self._zeros: dict[str, int] = {}  # places of common symbols
        self._words: dict[str, int] = {}  # that hold addresses of outer functions
        self._own_words: dict[str, int] = {}  # that hold addresses of what is in the code
        self._stubs: dict[str, int] = {}  # that jump to outer functions
        self._bases: list[int] = []

    def image(self, function: str) -> Image:
        kept = [number for number, section in enumerate(self._sections) if self._is_kept(section)]
        for number in sorted(kept, key=lambda kept: not self._sections[kept].flags & _EXECUTABLE):
            section = self._sections[number]
            zeros = bytes(section.size) if section.kind == _ZEROS else None
            self._starts[number] = self._append(zeros or self._bytes(section), section.alignment)
        for section in self._sections:
            if section.kind == _RELOCATIONS and section.info in self._starts:
                for offset, kind, symbol, addend in _RELOCATION.iter_unpack(self._bytes(section)):
                    at = self._starts[section.info] + offset
                    relocate = self._relocate_x86_64 if self._machine == X86_64 else self._relocate_aarch64
                    relocate(at, kind, self._symbols[symbol], addend)
        entry = next((symbol for symbol in self._symbols if symbol.name == function), None)
        if entry is None:
            raise ObjectFileError(f"there is no function {function}")
        return Image(bytes(self._code), self._place(entry), self._words, self._bases)

    def _is_kept(self, section: _Section) -> bool:
        is_unwinding = section.kind == _UNWINDING or self._text(self._section_names, section.name) == ".eh_frame"
        return bool(section.flags & _ALLOCATED) and not is_unwinding

    def _bytes(self, section: _Section) -> bytes:
        return self._data[section.offset : section.offset + section.size]

    def _text(self, table: _Section, offset: int) -> str:
        start = table.offset + offset
        return self._data[start : self._data.index(0, start)].decode()

    def _in(self, table: _Section) -> list[_Symbol]:
        names = self._sections[table.link]
        fields = _SYMBOL.iter_unpack(self._bytes(table))
        return [_Symbol(self._text(names, name), section, value, size) for name, _, _, section, value, size in fields]

    def _append(self, data: bytes, alignment: int) -> int:
        self._code += bytes(-len(self._code) % max(alignment, 1))
        start = len(self._code)
        self._code += data
        return start

    def _place(self, symbol: _Symbol) -> int:
        """Where it is in the code; for an outer function, a stub that jumps there."""
        if symbol.section == _OUTER:
            return self._stub(symbol.name)
        if symbol.section == _COMMON:
            if symbol.name not in self._zeros:
                self._zeros[symbol.name] = self._append(bytes(symbol.size), symbol.value)  # its value is the alignment
            return self._zeros[symbol.name]
        if symbol.section not in self._starts:
            raise ObjectFileError(f"{symbol.name} is in a section that is left out")
        return self._starts[symbol.section] + symbol.value

    def _word(self, symbol: _Symbol) -> int:
        """The place of a word that holds its address."""
        words = self._words if symbol.section == _OUTER else self._own_words
        if symbol.name not in words:
            words[symbol.name] = self._append(bytes(8), 8)
            if symbol.section != _OUTER:
                self._set_base(words[symbol.name], self._place(symbol))
        return words[symbol.name]

    def _stub(self, name: str) -> int:
        if name not in self._stubs:
            word = self._word(_Symbol(name, _OUTER, 0, 0))
            self._stubs[name] = stub = self._append(bytes(8), 8)
            if self._machine == X86_64:
                struct.pack_into("<Hi", self._code, stub, 0x25FF, word - stub - 6)  # jmp [rip + distance]
            else:  # ldr x16, word; br x16
                struct.pack_into("<II", self._code, stub, 0x58000010 | (word - stub) // 4 % (1 << 19) << 5, 0xD61F0200)
        return self._stubs[name]

    def _set_base(self, at: int, offset: int) -> None:
        struct.pack_into("<q", self._code, at, offset)
        self._bases.append(at)

    def _relocate_x86_64(self, at: int, kind: int, symbol: _Symbol, addend: int) -> None:
        if kind == 1:  # R_X86_64_64
            self._set_base(at, self._place(symbol) + addend)
        elif kind in (2, 4):  # R_X86_64_PC32, R_X86_64_PLT32
            struct.pack_into("<i", self._code, at, self._place(symbol) + addend - at)
        elif kind == 24:  # R_X86_64_PC64
            struct.pack_into("<q", self._code, at, self._place(symbol) + addend - at)
        elif kind in (9, 41, 42):  # R_X86_64_GOTPCREL, and with X, and REX
            struct.pack_into("<i", self._code, at, self._word(symbol) + addend - at)
        else:
            raise ObjectFileError(f"relocation {kind} of {symbol.name} is not known")

    def _relocate_aarch64(self, at: int, kind: int, symbol: _Symbol, addend: int) -> None:
        if kind == 257:  # R_AARCH64_ABS64
            self._set_base(at, self._place(symbol) + addend)
            return
        is_word = kind in (311, 312)  # R_AARCH64_ADR_GOT_PAGE, LD64_GOT_LO12_NC
        target = (self._word(symbol) if is_word else self._place(symbol)) + addend
        if kind in (260, 261):  # R_AARCH64_PREL64, PREL32
            struct.pack_into("<q" if kind == 260 else "<i", self._code, at, target - at)
        elif kind in (282, 283):  # R_AARCH64_JUMP26, CALL26
            self._set_field(at, 0, 26, (target - at) >> 2)
        elif kind in (275, 311):  # R_AARCH64_ADR_PREL_PG_HI21: pages, in two fields
            pages = (target >> 12) - (at >> 12)
            self._set_field(at, 29, 2, pages)
            self._set_field(at, 5, 19, pages >> 2)
        elif kind in _SIZES:  # R_AARCH64_ADD_ABS_LO12_NC, LDST…_ABS_LO12_NC: the place in the page, in items
            self._set_field(at, 10, 12, target % (1 << 12) >> _SIZES[kind])
        else:
            raise ObjectFileError(f"relocation {kind} of {symbol.name} is not known")

    def _set_field(self, at: int, shift: int, bits: int, value: int) -> None:
        """Write a value into a field of an instruction of AArch64, which is zero."""
        (instruction,) = struct.unpack_from("<I", self._code, at)
        struct.pack_into("<I", self._code, at, instruction | value % (1 << bits) << shift)


_SIZES = {277: 0, 278: 0, 284: 1, 285: 2, 286: 3, 299: 4, 312: 3}  # of items, as powers of two
