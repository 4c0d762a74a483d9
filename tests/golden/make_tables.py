"""Write tables.npz: columns of ames.csv and penguins.csv as scikit-learn and pandas prepare them, in float64.

Run by hand where both are installed: python tests/golden/make_tables.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

DATA = Path(__file__).parent.parent.parent / "data"
TRAIN = {"ames": 1500, "penguins": 200}  # the first rows train, so that some categories are seen in the others only
SCALERS = {"standard": StandardScaler, "min_max": MinMaxScaler, "none": FunctionTransformer}
# file and column, and its settings as a config has them
CASES: list[dict[str, Any]] = [
    {"file": "penguins", "column": "bill_length_mm"},
    {"file": "penguins", "column": "bill_depth_mm", "missing": "mean"},
    {"file": "penguins", "column": "body_mass_g", "missing": "mean", "indicator": False, "scale": "min_max"},
    {"file": "penguins", "column": "flipper_length_mm", "missing": 200.5, "scale": "none"},
    {"file": "penguins", "column": "island"},
    {"file": "penguins", "column": "sex"},
    {"file": "penguins", "column": "sex", "missing": "mode"},
    {"file": "ames", "column": "Longitude"},
    {"file": "ames", "column": "Lot_Area", "transform": "log1p"},
    {"file": "ames", "column": "Gr_Liv_Area", "clip": 0.02},
    {"file": "ames", "column": "Total_Bsmt_SF", "clip": 0.01, "transform": "log1p", "scale": "min_max"},
    {"file": "ames", "column": "Neighborhood"},
    {"file": "ames", "column": "Neighborhood", "rare": 60},
    {"file": "ames", "column": "Overall_Cond", "rare": 20},
    {"file": "ames", "column": "Garage_Type", "rare": 30, "missing": "mode"},
]


def numbers(column: pd.Series, train: int, case: dict[str, Any]) -> np.ndarray:
    missing = case.get("missing", "median")
    fixed = {"strategy": "constant", "fill_value": missing} if isinstance(missing, float) else {"strategy": missing}
    clip = case.get("clip", 0.0)
    low, high = column[:train].quantile(clip), column[:train].quantile(1 - clip)
    steps = make_pipeline(
        SimpleImputer(**fixed),
        FunctionTransformer(lambda values: np.clip(values, low, high) if clip else values),
        FunctionTransformer(np.log1p if case.get("transform") == "log1p" else None),
        SCALERS[case.get("scale", "standard")](),
    )
    table = column.to_numpy(np.float64)[:, None]
    prepared = steps.fit(table[:train]).transform(table)
    if case.get("indicator", True) and column[:train].isna().any():
        prepared = np.hstack([prepared, np.isnan(table)])
    return prepared


def categories(column: pd.Series, train: int, case: dict[str, Any]) -> np.ndarray:
    table = column.astype(object).where(column.notna(), None).to_numpy()[:, None]
    if case.get("missing") == "mode":
        imputer = SimpleImputer(strategy="most_frequent", missing_values=None)
        table = imputer.fit(table[:train]).transform(table)
    encoder = OneHotEncoder(
        min_frequency=case.get("rare"), handle_unknown="infrequent_if_exist", sparse_output=False, dtype=np.uint8
    )
    return encoder.fit(table[:train]).transform(table)


def main() -> None:
    tables = {name: pd.read_csv(DATA / f"{name}.csv", keep_default_na=False, na_values=["NA", ""]) for name in TRAIN}
    arrays: dict[str, np.ndarray] = {"cases": np.array(json.dumps(CASES)), "train": np.array(json.dumps(TRAIN))}
    for index, case in enumerate(CASES):
        column, train = tables[case["file"]][case["column"]], TRAIN[case["file"]]
        prepare = numbers if pd.api.types.is_numeric_dtype(column) else categories
        arrays[str(index)] = prepare(column, train, case)
    prices = np.log(tables["ames"]["Sale_Price"].to_numpy(np.float64))[:, None]
    arrays["log_prices"] = StandardScaler().fit(prices[: TRAIN["ames"]]).transform(prices)
    np.savez_compressed(Path(__file__).with_name("tables.npz"), **arrays)


if __name__ == "__main__":
    main()
