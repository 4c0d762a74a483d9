"""Numbers as people write them: $1,255 or 1.255,50 € or 7% or 1'000 or 0.19 kg or (12)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from nnctl.text import is_number

Decimal = Literal[".", ","]

SYMBOL = r"[A-Z]{0,3}[$€£¥₩₪₫₭₮₱₲₴₵₸₹₺₽₿¢]"  # US$ and R$ too
CODE = (
    "AED|ARS|AUD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KRW|MXN|MYR|NGN|NOK|NZD|PHP|PKR"
    "|PLN|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
CURRENCY = re.compile(rf"{SYMBOL}|{CODE}|Rs\.?|Fr\.?|kr\.?", re.IGNORECASE)
LETTER = r"[^\W\d_]"
SUFFIX = rf"(?:[%‰°]|{SYMBOL}|{LETTER})(?:{LETTER}|[%°²³/·.^ ]|{SYMBOL}|(?<=[mtn])[23]){{0,15}}"
SPELLED = re.compile(
    rf"(?P<open>\()?\s*(?P<before>[-+])?\s*(?P<prefix>{CURRENCY.pattern})?\s*(?P<inside>[-+])?\s*"
    rf"(?P<digits>[0-9][0-9.,' ]*|[.,][0-9]+)(?P<power>[eE][-+]?[0-9]+)?\s*(?P<suffix>{SUFFIX})?"
    rf"\s*(?P<after>-)?\s*(?P<close>\))?"
)
GROUPED = {
    ".": re.compile(r"[1-9][0-9]{0,2}([,' ])[0-9]{3}(?:\1[0-9]{3})*|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"),
    ",": re.compile(r"[1-9][0-9]{0,2}([.' ])[0-9]{3}(?:\1[0-9]{3})*"),
}
SIGNS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "－": "-", "\xa0": " ", "\u2009": " ", "\u202f": " ", "’": "'"})
NO_CENTS = re.compile(r"(?<=[0-9])[.,]-+(?=\D*$)")  # 12.- and 12,--
NO_UNITS = frozenset(("st", "nd", "rd", "th", "am", "pm"))  # 2nd is a rank, 10 PM a time
SHORT_UNITS = frozenset(("kg", "km", "cm", "mm", "ml", "lb", "ft", "hp"))  # of which no other case means anything else
GROUPED_OR_WHOLE = re.compile(r"[-+]?([0-9]{1,3}|[1-9][0-9]{0,2}\.[0-9]{3})")
LONGEST = 48  # characters of a number with its unit
LEAST_DOTTED = 3  # different ones; fewer prove nothing
SAMPLE = 256  # cells that a look at all of them begins with
LEAST_SHARE = 0.1  # of the numbers, which a unit must stand at if it is to be the column's
TOLERATED = 0.02  # of the cells, which may not fit


class _Spelled(NamedTuple):
    """A number that is not read yet."""

    negative: bool
    digits: str
    power: str
    unit: str

    def value(self, decimal: Decimal) -> float | None:
        """None where the digits do not fit the decimal sign."""
        whole, _, fraction = self.digits.partition(decimal)
        if not (whole.isdigit() or not whole):
            if self.power or not GROUPED[decimal].fullmatch(whole):
                return None
            whole = re.sub(r"\D", "", whole)
        if (fraction and not fraction.isdigit()) or not whole + fraction:
            return None
        value = float(f"{'-' if self.negative else ''}{whole}.{fraction}{self.power}")
        return value if math.isfinite(value) else None


@dataclass(frozen=True)
class NumberFormat:
    """How a column writes numbers."""

    decimal: Decimal = "."
    unit: str = ""
    """What stands before or behind them; those without it are read too."""

    @property
    def is_plain(self) -> bool:
        """Whether what float() reads is a number."""
        return self.decimal == "."

    def value(self, text: str) -> float | None:
        """A finite number; None where the text is not one. text: without blanks around it."""
        if self.is_plain and is_number(text):
            value = float(text)
            return value if math.isfinite(value) else None
        spelled = _spelled(text)
        if spelled is None or (spelled.unit and alike(spelled.unit) != alike(self.unit)):
            return None
        return spelled.value(self.decimal)


class FoundNumbers(NamedTuple):
    """The format of numbers that was found in cells."""

    format: NumberFormat
    fitting: int
    """Cells that are numbers in it, or infinite."""
    grouped: str = ""
    """A number whose only separator was taken for one between thousands, and could be the decimal sign."""

    @property
    def tolerates_others(self) -> bool:
        """Whether the unit, if any, is a sign of a number: words may be the unit of anything, such as in `2 doors`."""
        unit = self.format.unit
        return not unit or unit.startswith(("%", "‰")) or CURRENCY.fullmatch(unit) is not None


def find_numbers(counts: Mapping[str, int], decimal: Decimal | None = None, unit: str | None = None) -> FoundNumbers:
    """How these cells write numbers. counts: how often each occurs, without blanks around it.

    decimal, unit: where they are known.
    """
    found = {text: spelled for text in counts if (spelled := _spelled(text)) is not None}
    if unit is None:
        unit = _unit(found, counts)
    found = {text: spelled for text, spelled in found.items() if not spelled.unit or alike(spelled.unit) == alike(unit)}
    grouped = ""
    if decimal is None:
        decimal, grouped = _decimal(found, counts, unit)
    written = NumberFormat(decimal, unit)
    fitting = sum(count for text, count in counts.items() if written.value(text) is not None or is_number(text))
    return FoundNumbers(written, fitting, grouped)


def is_grouped_by_dots(cells: Sequence[str]) -> bool:
    """Whether dots in these plain numbers stand between thousands: 1.250, 980, 12.400.

    Three decimals would be written in all of them, or fewer in some.
    """
    if not may_be_grouped_by_dots(cells[:SAMPLE]):
        return False
    dotted = {cell.strip() for cell in cells if "." in cell}
    proven = len(dotted) >= LEAST_DOTTED and any("." not in cell for cell in cells)
    return proven and may_be_grouped_by_dots(cells)


def may_be_grouped_by_dots(cells: Sequence[str]) -> bool:
    """Whether dots in these plain numbers can stand between thousands, as in none that begins with 0."""
    return all(GROUPED_OR_WHOLE.fullmatch(cell.strip()) for cell in cells)


def unit_of(text: str) -> str:
    """The unit of a number with one, else nothing."""
    spelled = _spelled(text)
    return "" if spelled is None else spelled.unit


def alike(unit: str) -> str:
    """The same for units that mean the same: kg and KG, year and years; mW and MW do not."""
    folded = unit.rstrip(".").casefold()
    if len(folded) < 3:
        return folded if folded in SHORT_UNITS else unit.rstrip(".")
    return folded.removesuffix("s")


def _spelled(text: str) -> _Spelled | None:
    if len(text) > LONGEST:
        return None
    text = NO_CENTS.sub("", text.translate(SIGNS))
    match = SPELLED.fullmatch(text)
    if match is None or (match["open"] is None) != (match["close"] is None):
        return None
    signs = [sign for sign in (match["open"], match["before"], match["inside"], match["after"]) if sign]
    prefix, suffix = (match[side] or "" for side in ("prefix", "suffix"))
    if len(signs) > 1 or suffix.strip().casefold() in NO_UNITS:
        return None
    unit = f"{prefix} {suffix.strip()}".strip()
    return _Spelled(signs not in ([], ["+"]), match["digits"].strip(), match["power"] or "", unit)


def _unit(found: Mapping[str, _Spelled], counts: Mapping[str, int]) -> str:
    """The one at the most numbers; none where hardly any has one."""
    by_unit: Counter[str] = Counter()
    for text, spelled in found.items():
        by_unit[spelled.unit] += counts[text]
    total = by_unit.total()
    del by_unit[""]
    meanings: Counter[str] = Counter()
    for unit, count in by_unit.items():
        meanings[alike(unit)] += count
    if not meanings or meanings.most_common(1)[0][1] < LEAST_SHARE * total:
        return ""
    meaning = meanings.most_common(1)[0][0]
    return next(unit for unit, _ in by_unit.most_common() if alike(unit) == meaning)


def _decimal(found: Mapping[str, _Spelled], counts: Mapping[str, int], unit: str) -> tuple[Decimal, str]:
    """The decimal sign, and a number that could be read with either, where no other tells."""
    only: Counter[Decimal] = Counter()
    either: dict[str, str] = {}  # a number with one separator that may be either, and the separator
    for text, spelled in found.items():
        dot, comma = spelled.value("."), spelled.value(",")
        if dot is not None and comma is None:
            only["."] += counts[text]
        elif comma is not None and dot is None:
            only[","] += counts[text]
        elif dot is not None and dot != comma:
            either[text] = "," if "," in spelled.digits else "."
    unsure = sum(counts[text] for text in either)
    if only[","] > max(only["."], TOLERATED * unsure):
        return ",", ""
    if only["."] > TOLERATED * unsure or not either:
        return ".", ""
    text, money = next(iter(either)), CURRENCY.fullmatch(unit) is not None  # which has no thousandths
    if money and len(either) > 1 and all(mark == "." for mark in either.values()):
        return ",", text
    return ".", text if either[text] == "," and not money else ""
