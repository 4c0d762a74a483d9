"""Write data/reviews.csv: sentences of product reviews with how positive 20 people found each.

Run it by `python -m examples.make_reviews FILE`. FILE is amazonReviewSnippets_GroundTruth.txt of
additional_resources/hutto_ICWSM_2014.tar.gz in the source distribution of vaderSentiment 3.3.2 on PyPI.
Source: Hutto and Gilbert 2014, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text".
"""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from nnctl import random

FILE = Path(__file__).parents[1] / "data" / "reviews.csv"
CLEAR = 0.5  # sentences whose mean rating, of -4 to 4, is nearer to 0 are left out: they are neither
TEST = 5  # of so many reviews one is kept to test on


def table(ratings: str) -> str:
    """The file. ratings: lines of an id, a mean rating and a sentence, with tabs between them.

    An id is the number of a review and that of its sentence: all sentences of a review are in the same part.
    """
    rows = [line.split("\t") for line in ratings.splitlines() if line.strip()]
    reviews = list(dict.fromkeys(name.split("_")[0] for name, _, _ in rows))
    order = random.generator(0, "split", 0).permutation(len(reviews))
    test = {reviews[place] for place in order[: len(reviews) // TEST]}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["text", "rating", "sentiment", "part"])
    for name, rating, text in rows:
        if abs(float(rating)) >= CLEAR:
            sentiment = "positive" if float(rating) > 0 else "negative"
            part = "test" if name.split("_")[0] in test else "train"
            writer.writerow([text.strip(), rating, sentiment, part])
    return out.getvalue()


if __name__ == "__main__":
    FILE.write_text(table(Path(sys.argv[1]).read_text(encoding="utf-8")), encoding="utf-8")
