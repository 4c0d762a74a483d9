"""`make docs`: makes anew what the documents show of the program: pictures of runs, lists of keys and kinds, times.

tests/test_docs.py notices where they are stale. A picture in which only numbers are new stays as it is, so that times
do not change with every run; `python -m docs --numbers` takes the new numbers, too. Tables of the bench are those of
bench/results/.
"""

from __future__ import annotations

import sys

from docs.measured import with_measured
from docs.pictures import ROOT, with_pictures
from docs.reference import with_lists

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def main(numbers: bool) -> None:
    for document in DOCUMENTS:
        old = document.read_text(encoding="utf-8")
        new = with_measured(with_lists(with_pictures(old, numbers=numbers)))
        if new != old:
            document.write_text(new, encoding="utf-8")
            print(f"wrote {document.relative_to(ROOT)}")


if __name__ == "__main__":
    main("--numbers" in sys.argv[1:])
