"""`python -m bench.peers.table_worker FOLDER`: pandas reads the folder's table, scikit-learn prepares it and trains."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from time import perf_counter

import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bench.serve import peak_bytes


def main(folder: Path) -> None:
    warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is what is wanted
    marks = [perf_counter()]
    table = pd.read_csv(folder / "table.csv")
    marks.append(perf_counter())
    read_peak = peak_bytes()
    target = table.pop("y")
    columns = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
    )
    inputs, values = columns.fit_transform(table), StandardScaler().fit_transform(target.to_frame())[:, 0]
    marks.append(perf_counter())
    MLPRegressor(hidden_layer_sizes=(64, 64), batch_size=1024, max_iter=1).fit(inputs, values)
    marks.append(perf_counter())
    parts = zip(("read", "preprocess", "epoch"), marks, marks[1:], strict=False)
    seconds = {name: end - start for name, start, end in parts}
    print(json.dumps({**seconds, "read_peak_bytes": read_peak, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
