"""`python -m bench.peers.houses_worker TABLE ROWS`: scikit-learn's models on the rows that nnctl has."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

AREAS = ["Lot_Area", "Gr_Liv_Area", "Total_Bsmt_SF", "Garage_Area"]
MODELS: dict[str, Callable[[int], Any]] = {
    "ridge": lambda seed: RidgeCV(np.logspace(-2, 3, 21)),
    "ridge, areas as logarithms": lambda seed: RidgeCV(np.logspace(-2, 3, 21)),
    "MLP": lambda seed: MLPRegressor(
        hidden_layer_sizes=(128, 128), alpha=0.01, early_stopping=True, max_iter=300, random_state=seed
    ),
    "gradient boosting": lambda seed: GradientBoostingRegressor(
        n_estimators=500, learning_rate=0.05, max_depth=4, subsample=0.7, random_state=seed
    ),
}


def main(file: str, rows_file: str) -> None:
    table = pd.read_csv(file)
    prices, rows = table.pop("Sale_Price"), np.load(rows_file)
    seeds = range(len(rows.files) // 2)
    scores: dict[str, list[dict[str, float]]] = {name: [] for name in MODELS}
    for name, model in MODELS.items():
        areas = AREAS if name.endswith("logarithms") else []
        for seed in seeds:
            train, test = rows[f"train{seed}"], rows[f"test{seed}"]
            fitted = _logarithmic(make_pipeline(_columns(table, areas), model(seed))).fit(
                table.iloc[train], prices.iloc[train]
            )
            predicted, true = fitted.predict(table.iloc[test]), prices.iloc[test]
            rmsle = np.sqrt(np.mean((np.log(predicted) - np.log(true)) ** 2))
            scores[name].append({"rmsle": float(rmsle), "r2": float(r2_score(true, predicted))})
    print(json.dumps(scores))


def _columns(table: pd.DataFrame, areas: list[str]) -> Any:
    words = list(table.select_dtypes(exclude="number").columns)
    return make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", min_frequency=4), words),
        (make_pipeline(FunctionTransformer(np.log1p), StandardScaler()), areas),
        remainder=StandardScaler(),
        sparse_threshold=0,
    )


def _logarithmic(model: Any) -> Any:
    """A model of the standardized logarithm."""
    scaled = TransformedTargetRegressor(model, transformer=StandardScaler())
    return TransformedTargetRegressor(scaled, func=np.log, inverse_func=np.exp)


if __name__ == "__main__":
    main(*sys.argv[1:])
