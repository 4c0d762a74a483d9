"""Do intervals hold what they say? House prices with a tenth held out, on twenty splits.

`python -m examples.intervals` trains configs/ames.yaml with the seeds 0 to 19, each of which splits the sales anew, and
counts how many test prices lie in their 90 % intervals, in a new folder below runs/.
"""

from __future__ import annotations

from pathlib import Path
from statistics import mean, stdev

import nnctl
from examples.folders import new_folder

CONFIG = Path(__file__).parents[1] / "configs" / "ames.yaml"
LEVEL, SPLITS = 0.9, 20


def main() -> None:
    """Print the coverage and the mean width in dollars for each split, and those of all."""
    folder, found = new_folder("intervals"), []
    for seed in range(SPLITS):
        run = folder / str(seed)
        nnctl.train(CONFIG, (f"seed={seed}",), run=run)
        (told,) = nnctl.evaluate(run, interval=LEVEL).report["interval"]["targets"]
        found.append((told["coverage"], told["mean_width"]))
        print(f"seed {seed:<4} {found[-1][0]:.3f}  {found[-1][1]:9,.0f}", flush=True)
    covered, widths = zip(*found, strict=True)
    print(f"mean      {mean(covered):.3f}  {mean(widths):9,.0f}")
    print(f"deviation {stdev(covered):.3f}  {stdev(widths):9,.0f}")


if __name__ == "__main__":
    main()
