"""Yes and no in their usual spellings, in any case."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from nnctl.data.table.cells import canonical

NO_YES = (
    *(("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"), ("off", "on"), ("0", "1")),
    *(("nein", "ja"), ("non", "oui"), ("no", "si"), ("no", "sí"), ("falsch", "wahr"), ("faux", "vrai"), ("-", "+")),
)
TRUTH = {word: float(value) for pair in NO_YES for value, word in enumerate(pair)}
SETS = tuple(  # of what one column may have: `yes` and `Y`, but not `yes` and `ja`
    frozenset(word for pair in pairs for word in pair)
    for pairs in (NO_YES[:2], NO_YES[2:4], *((pair,) for pair in NO_YES[4:]))
)
MOST = 16  # spellings of yes and no, with their cases


def truth(text: str) -> float | None:
    """1 for yes, 0 for no; None for anything else."""
    return TRUTH.get(canonical(text).casefold())


def are_yes_and_no(texts: Collection[str]) -> bool:
    """Whether these texts are all spellings of yes and no that go together."""
    return len(texts) <= MOST and any(words.issuperset(map(str.casefold, texts)) for words in SETS)


class Spelling:
    """How a column writes no and yes."""

    def __init__(self) -> None:
        self._words: dict[float, str] = {}

    def notice(self, cells: Iterable[str]) -> None:
        """Look at some cells; the first no and the first yes count."""
        if len(self._words) < 2:
            for text in map(canonical, map(str.strip, dict.fromkeys(cells))):
                if text.casefold() in TRUTH:
                    self._words.setdefault(TRUTH[text.casefold()], text)

    @property
    def labels(self) -> tuple[str, str]:
        """No and yes. What does not occur is written like the other."""
        words = dict(self._words)
        for value, other in ((0.0, 1.0), (1.0, 0.0)):
            if value not in words and (text := words.get(other)):
                pair = next(pair for pair in NO_YES if text.casefold() in pair)
                word = pair[int(value)]
                words[value] = word.upper() if text.isupper() else word.title() if text.istitle() else word
        return words.get(0.0, "no"), words.get(1.0, "yes")
