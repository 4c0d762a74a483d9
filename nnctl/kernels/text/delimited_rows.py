"""Rows of delimited text, cut into cells: numbers become float64, texts positions among those that are different.

Parts of the text, which begin and end with a line, are independent of each other. Where a row is not plain, its part is
left to a reader that is more careful.
"""

from __future__ import annotations

import numpy as np

from nnctl.kernels.compiler.jit import inlined
from nnctl.kernels.kernel import Array, by_item, kernel
from nnctl.kernels.text.decimal_numbers import MOST_DIGITS, decimal_number

SKIPPED, NUMBER, TEXT = range(3)  # what a column is
LINE_FEED, RETURN, SPACE, QUOTE, PLUS, MINUS, DOT, ZERO, NINE, SMALL_E = 10, 13, 32, 34, 43, 45, 46, 48, 57, 101
CASE = 32  # by which a small letter of ASCII differs from the capital
MOST_EXPONENT = 1 << 16
PRIME = 0x100000001B3  # of the hash
LONGEST_CELL = 1 << 17  # bytes; the limit of Python's csv, in characters
NANOSECONDS = 2.0  # a byte, roughly


@kernel(lambda text, starts, counts: by_item(len(counts), 0.1 * len(text) / len(counts)))
def count_lines(begin: int, end: int, text: Array, starts: Array, counts: Array) -> None:
    """counts[i] = the line feeds in text[starts[i] : starts[i + 1]]. starts: (P + 1,) int64, counts: (P,)."""
    for part in range(begin, end):
        count = 0
        for place in range(starts[part], starts[part + 1]):
            count += text[place] == LINE_FEED
        counts[part] = count


@kernel(lambda text, starts, *_: by_item(len(starts) - 1, NANOSECONDS * len(text) / (len(starts) - 1)))
def read_rows(
    begin: int,
    end: int,
    text: Array,
    starts: Array,
    first_rows: Array,
    delimiter: int,
    columns: Array,
    words: Array,
    word_ends: Array,
    values: Array,
    codes: Array,
    texts: Array,
    text_counts: Array,
    table: Array,
    unread: Array,
    unread_counts: Array,
) -> None:
    """Read the rows of each part, one a line; unread_counts[part] = -1 where one is not plain.

    text: uint8, each part ends with a line feed. starts: (P + 1,) int64, of the parts in it. first_rows: (P + 1,)
    int64, of the parts. columns: (C, 2) int64, what each is, and its number among those like it. words: uint8, the
    words that mean missing, in small letters, one after the other, and word_ends: (W,) int64, where they end.
    values: (numbers, rows) float64, NaN where missing or unread. codes: (texts, rows) int32, positions among texts.
    texts: (texts, rows, 2) int64, where a part's different texts begin and end in `text`, from its first row on, and
    text_counts: (texts, P) int64, how many. table: (texts, P, a power of 2) int32, larger than twice the rows of any
    part, all -1. unread: (numbers * rows, 4) int64, number of the column, row, and where the cell begins and ends, from
    a part's first row times numbers on; unread_counts: (P,) int64.
    """
    for part in range(begin, end):
        _read_part(
            part, text, starts[part], first_rows[part], first_rows[part + 1], delimiter, columns,
            words, word_ends, values, codes, texts, text_counts, table, unread, unread_counts,
        )  # fmt: skip


@inlined
def _read_part(
    part: int, text: Array, place: int, first_row: int, end_row: int, delimiter: int, columns: Array,
    words: Array, word_ends: Array, values: Array, codes: Array, texts: Array, text_counts: Array, table: Array,
    unread: Array, unread_counts: Array,
) -> None:  # fmt: skip
    last = len(columns) - 1
    found = 0
    for column in range(len(text_counts)):
        text_counts[column, part] = 0
    unread_counts[part] = -1
    for row in range(first_row, end_row):
        if text[place] == LINE_FEED or text[place] == RETURN:
            return  # a blank line
        for column in range(last + 1):
            kind, number = columns[column, 0], columns[column, 1]
            quoted = text[place] == QUOTE
            begin = place + quoted
            value, stop = np.nan, begin
            if kind == NUMBER:
                value, stop = _number(text, begin)
            is_read = stop > begin and _ends(text, stop, delimiter, quoted)
            hashed = 0
            if not is_read:
                stop, hashed = _end_of_text(text, begin, delimiter, quoted)
                if stop < 0:
                    return
            place = stop + quoted
            if text[place] == RETURN and text[place + 1] == LINE_FEED:
                place += 1
            if text[place] != (LINE_FEED if column == last else delimiter):
                return
            place += 1
            if kind == NUMBER:
                values[number, row] = value if is_read else np.nan
                if (not is_read or value != value) and not _is_missing(text, begin, stop, words, word_ends):
                    entry = first_row * len(values) + found
                    unread[entry, 0], unread[entry, 1] = number, row
                    unread[entry, 2], unread[entry, 3] = begin, stop
                    found += 1
            elif kind == TEXT:
                codes[number, row] = _position(
                    text, begin, stop, hashed, table[number, part], texts[number], first_row, text_counts[number], part
                )
    unread_counts[part] = found


@inlined
def _number(text: Array, place: int) -> tuple[float, int]:
    """The number that begins here, NaN where it is not certain, and where it ends: here where there is none."""
    begin = place
    while text[place] == SPACE:
        place += 1
    negative = text[place] == MINUS
    if negative or text[place] == PLUS:
        place += 1
    significand, exponent = 0, 0
    start = place
    while ZERO <= text[place] <= NINE:
        significand = significand * 10 + (text[place] - ZERO)
        place += 1
    length = place - start
    if text[place] == DOT:
        place += 1
        start = place
        while ZERO <= text[place] <= NINE:
            significand = significand * 10 + (text[place] - ZERO)
            place += 1
        exponent = start - place
        length -= exponent
    if length == 0:
        return np.nan, begin
    if text[place] | CASE == SMALL_E:
        place += 1
        is_below = text[place] == MINUS
        if is_below or text[place] == PLUS:
            place += 1
        power, start = 0, place
        while ZERO <= text[place] <= NINE:
            power = min(10 * power + (text[place] - ZERO), MOST_EXPONENT)
            place += 1
        if place == start:
            return np.nan, begin
        exponent += -power if is_below else power
    while text[place] == SPACE:
        place += 1
    if length > MOST_DIGITS:
        return np.nan, place
    value = decimal_number(significand, exponent)
    return (-value if negative else value), place


@inlined
def _ends(text: Array, place: int, delimiter: int, quoted: bool) -> bool:
    """Whether a cell ends here."""
    if quoted:
        return bool(text[place] == QUOTE)
    return bool(text[place] == delimiter or text[place] == LINE_FEED or text[place] == RETURN)


@inlined
def _end_of_text(text: Array, place: int, delimiter: int, quoted: bool) -> tuple[int, int]:
    """Where the cell that begins here ends, -1 where it is not plain, and a hash of it (Fowler, Noll and Vo's FNV-1a).

    Its last byte may be one of a long character.
    """
    begin, hashed = place, 0
    if quoted:
        while text[place] != QUOTE and text[place] != LINE_FEED and text[place] != RETURN:
            hashed = (hashed ^ text[place]) * PRIME
            place += 1
        is_plain = text[place] == QUOTE
    else:
        while text[place] != delimiter and text[place] != LINE_FEED and text[place] != RETURN and text[place] != QUOTE:
            hashed = (hashed ^ text[place]) * PRIME
            place += 1
        is_plain = text[place] != QUOTE
    return (place if is_plain and place - begin < LONGEST_CELL else -1), hashed


@inlined
def _is_missing(text: Array, begin: int, end: int, words: Array, word_ends: Array) -> bool:
    """Whether a cell is empty or a word that means missing."""
    while begin < end and text[begin] == SPACE:
        begin += 1
    while begin < end and text[end - 1] == SPACE:
        end -= 1
    if begin == end:
        return True
    start = 0
    for word in range(len(word_ends)):
        stop = word_ends[word]
        if stop - start == end - begin:
            same = True
            for offset in range(end - begin):
                letter = text[begin + offset]
                small = letter + CASE if 65 <= letter <= 90 else letter
                same = same and small == words[start + offset]
            if same:
                return True
        start = stop
    return False


@inlined
def _position(
    text: Array, begin: int, end: int, hashed: int, table: Array, texts: Array, first: int, counts: Array, part: int
) -> int:
    """The position of a text among the different ones, of which it may be a new one."""
    mask = len(table) - 1
    slot = (hashed ^ (hashed >> 32)) & mask
    while table[slot] >= 0:
        known = texts[first + table[slot]]
        if known[1] - known[0] == end - begin:
            offset = 0
            while offset < end - begin and text[known[0] + offset] == text[begin + offset]:
                offset += 1
            if offset == end - begin:
                return int(table[slot])
        slot = (slot + 1) & mask
    position = counts[part]
    table[slot] = position
    texts[first + position, 0], texts[first + position, 1] = begin, end
    counts[part] = position + 1
    return int(position)
