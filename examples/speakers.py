"""Spoken digits of a speaker whom the network never heard: each of the six is left out once.

`python -m examples.speakers` trains configs/speech.yaml on the recordings of five speakers and tests it on all of the
sixth, in a new folder below runs/.
"""

from __future__ import annotations

from pathlib import Path

import nnctl
from examples.folders import new_folder

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "configs" / "speech.yaml"
RECORDINGS = ROOT / "data" / "speech" / "train"


def main() -> None:
    """Print the accuracy for each speaker, and the mean of all."""
    speakers = sorted({file.name.split("_")[0] for file in RECORDINGS.glob("*/*.wav")})
    folder, found = new_folder("speakers"), []
    for speaker in speakers:
        rule = f"data.test={{name: '{speaker}_*'}}"
        run = folder / speaker
        nnctl.train(CONFIG, (f"data.source={RECORDINGS}", rule), run=run)
        found.append(nnctl.evaluate(run).report["metrics"]["accuracy"])
        print(f"{speaker:10}{found[-1]:.3f}", flush=True)
    print(f"{'mean':10}{sum(found) / len(found):.3f}")


if __name__ == "__main__":
    main()
