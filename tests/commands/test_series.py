"""A table as a series by the real command: trained, measured beside naive forecasts, continued, and refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.command import CONFIGS, DATA, checkpoints_of, nnctl, report_of
from tests.support.refusal import refusal_of

FIRST = np.datetime64("2020-01")
SERIES = "series: {window: 4, season: 12}"
CONFIG = """
name: waves
data:
  source: waves.csv
  target: height
  {series}
  validation: {{column: month, from: 2026, to: 2026}}
  test: {{column: month, from: 2027}}
layers: [flatten, {{type: linear, out_features: {outputs}}}]
loss: {loss}
learning_rate: 0.02
batch_size: 16
epochs: 30
metrics: {metrics}
"""


def config(series: str = SERIES, outputs: int = 1, loss: str = "mse", metrics: str = "[rmse, skill]") -> str:
    return CONFIG.format(series=series, outputs=outputs, loss=loss, metrics=metrics)


def waves(count: int = 100) -> np.ndarray:
    """A year's wave, which four months before tell exactly."""
    return 10 + np.sin(2 * np.pi * np.arange(count) / 12)


def rows_of(values: np.ndarray, shop: str = "") -> list[str]:
    return [f"{FIRST + n}-01,{value:.9f}{shop}" for n, value in enumerate(values)]


def written(folder: Path, text: str, rows: list[str], header: str = "month,height") -> None:
    (folder / "waves.csv").write_text("\n".join([header, *rows]) + "\n")
    (folder / "waves.yaml").write_text(text)


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("waves")
    written(folder, config(), rows_of(waves()))
    report_of("train", "waves.yaml", "--run", "run", "-q", cwd=folder)
    return folder


def test_eval_stands_beside_the_naive_forecasts(trained: Path) -> None:
    report = report_of("eval", "run", cwd=trained)
    assert report["samples"] == 16  # 84 rows to the end of 2026
    values = waves()
    last, truth = values[83:99], values[84:100]
    expected = {"samples": 16, "rmse": np.sqrt(np.mean((last - truth) ** 2)), "mae": np.mean(np.abs(last - truth))}
    assert report["baselines"]["last value"] == pytest.approx(expected, abs=1e-7)
    assert report["baselines"]["seasonal value"] == pytest.approx({"samples": 16, "rmse": 0, "mae": 0}, abs=1e-6)
    metrics = report["metrics"]
    assert metrics["skill"] == pytest.approx(1 - metrics["rmse"] / expected["rmse"], abs=1e-6)
    assert metrics["skill"] > 0.8
    text = nnctl("eval", "run", cwd=trained).stdout
    assert "last value: rmse 0.3" in text
    assert "seasonal value: rmse" in text


def test_the_run_measures_skill_of_its_own_splits(trained: Path) -> None:
    report = report_of("eval", "run", "--split", "validation", cwd=trained)
    best = report_of("runs", "run", cwd=trained)
    assert report["samples"] == 12
    assert best["runs"][0]["metrics"]["val_skill"] == pytest.approx(report["metrics"]["skill"], abs=1e-6)


def test_check_shows_the_windows(trained: Path) -> None:
    report = report_of("check", "waves.yaml", cwd=trained)
    assert report["inputs"] == [4, 1]
    assert {name: split["samples"] for name, split in report["data"]["splits"].items()} == {
        **{"train": 68, "validation": 12, "test": 16},
    }


def test_predictions_are_of_each_window(trained: Path) -> None:
    header, *rows = read_csv(nnctl("predict", "run", "waves.csv", cwd=trained).stdout)
    assert header == ["month", "height"]
    assert [row[0] for row in rows] == [f"{FIRST + n}-01" for n in range(4, 101)]  # the last is not in the file
    np.testing.assert_allclose([float(row[1]) for row in rows], waves(101)[4:], atol=0.2)


def test_steps_feed_predictions_back(trained: Path) -> None:
    """As loops over `nnctl predict` on the file with its own predictions added."""
    header, *rows = read_csv(nnctl("predict", "run", "waves.csv", "--steps", "3", cwd=trained).stdout)
    assert header == ["month", "step", "height"]
    assert [row[:2] for row in rows] == [[f"{FIRST + 100 + n}-01", str(n + 1)] for n in range(3)]
    lines = (trained / "waves.csv").read_text().splitlines()
    for month, _, height in rows:
        (trained / "grown.csv").write_text("\n".join(lines) + "\n")
        last = read_csv(nnctl("predict", "run", "grown.csv", cwd=trained).stdout)[-1]
        assert last[0] == month
        assert float(last[1]) == pytest.approx(float(height), abs=1e-6)
        lines.append(f"{month},{height}")


def test_what_is_filled_in_is_told(trained: Path) -> None:
    lines = ["month,height", *rows_of(waves(20))]
    lines[-1], lines[3] = f"{FIRST + 19}-01,", f"{FIRST + 2}-01,"
    (trained / "holes.csv").write_text("\n".join(lines) + "\n")
    told = "some have no value, which is filled in as `numbers` and `categories` say: height in"
    report = report_of("predict", "run", "holes.csv", "-o", "filled.csv", cwd=trained)
    assert f"of the 20 rows in windows {told} 2" in report["notes"]
    report = report_of("predict", "run", "holes.csv", "--steps", "2", "-o", "filled-steps.csv", cwd=trained)
    assert f"of the 4 rows in windows {told} 1" in report["notes"]


def test_steps_into_a_file(trained: Path) -> None:
    report = report_of("predict", "run", "waves.csv", "--steps", "2", "-o", "two.csv", cwd=trained)
    assert (report["rows"], report["columns"]) == (2, ["month", "step", "height"])
    assert len(read_csv((trained / "two.csv").read_text())) == 3


def test_a_resumed_run_ends_in_the_same_bits(trained: Path, tmp_path: Path) -> None:
    written(tmp_path, config(), rows_of(waves()))
    report_of("train", "waves.yaml", "epochs=10", "--run", "run", "-q", cwd=tmp_path)
    report_of("train", "waves.yaml", "--run", "run", "--resume", "-q", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "run") == checkpoints_of(trained / "run")


def test_the_resolved_config_runs_again(trained: Path, tmp_path: Path) -> None:
    report_of("train", trained / "run" / "config.yaml", "--run", "again", "-q", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "again") == checkpoints_of(trained / "run")


@pytest.mark.slow
def test_folds_and_sweeps(trained: Path, tmp_path: Path) -> None:
    text = config().replace("  test: {column: month, from: 2027}\n", "").replace("epochs: 30", "epochs: 2")
    text = text.replace("{column: month, from: 2026, to: 2026}", "0.2").replace(
        "flatten", "{type: gru, hidden_size: 3}"
    )
    written(tmp_path, text, rows_of(waves()))
    report = report_of("train", "waves.yaml", "--folds", "3", "--run", "folds", "-q", cwd=tmp_path)
    assert [fold["samples"] for fold in report["folds"]] == [24, 24, 24]
    assert set(report["mean"]) >= {"rmse", "skill"}
    swept = report_of("sweep", "waves.yaml", "data.series.window=2,4", "--run", "swept", "-q", cwd=tmp_path)
    assert len(swept["trials"]) == 2


def test_several_series_and_several_steps_at_once(tmp_path: Path) -> None:
    rows = [*rows_of(waves(), ",north"), *rows_of(waves() + 5, ",south"), *rows_of(waves(3), ",new")]
    text = config("series: {window: 4, horizon: 3, group: coast}", outputs=3)
    written(tmp_path, text, rows, "month,height,coast")
    report = report_of("train", "waves.yaml", "--run", "run", "-q", cwd=tmp_path)
    assert any("1 of the 3 series has no 7 rows that follow each other" in note for note in report["notes"])
    done = nnctl("predict", "run", "waves.csv", "--steps", "5", cwd=tmp_path)
    header, *found = read_csv(done.stdout)
    assert header == ["month", "coast", "step", "height"]
    assert [row[:3] for row in found] == [
        [f"{FIRST + 100 + n}-01", coast, str(n + 1)] for coast in ("north", "south") for n in range(5)
    ]
    assert "1 group has no 4 rows at the end that follow each other, and no predictions: new" in done.stderr
    header, *found = read_csv(nnctl("predict", "run", "waves.csv", cwd=tmp_path).stdout)
    assert header == ["month", "coast", "height+1", "height+2", "height+3"]
    assert len(found) == 2 * 97


def test_words_and_columns_that_are_not_known(tmp_path: Path) -> None:
    rows = [f"{FIRST + n}-01,{value:.3f},{'high' if value > 10 else 'low'}" for n, value in enumerate(waves())]
    text = config("series: {window: 4}", 2, "cross_entropy", "[accuracy]").replace("height", "tide")
    written(tmp_path, text, rows, "month,wind,tide")
    report_of("train", "waves.yaml", "--run", "run", "-q", cwd=tmp_path)
    report = report_of("eval", "run", cwd=tmp_path)
    assert set(report["baselines"]["last value"]) == {"samples", "accuracy"}
    refused = refusal_of("predict", "run", "waves.csv", "--steps", "2", "-o", "x.csv", cwd=tmp_path, code=2)
    refused.says(
        "--steps 2 feeds predictions back, and wind is an input that is not known then", "use --steps 1 at most"
    )
    header, *_ = read_csv(nnctl("predict", "run", "waves.csv", "--steps", "1", cwd=tmp_path).stdout)
    assert header == ["month", "step", "prediction", "probability_high", "probability_low"]
    report_of("train", "waves.yaml", "data.features=[tide]", "--run", "alone", "-q", cwd=tmp_path)
    header, *found = read_csv(nnctl("predict", "alone", "waves.csv", "--steps", "8", cwd=tmp_path).stdout)
    assert {row[2] for row in found} <= {"high", "low"}
    assert len(found) == 8


def test_the_columns_of_a_series_are_its_features(tmp_path: Path) -> None:
    rows = [f"{FIRST + n}-01,{value:.3f},{n % 7}" for n, value in enumerate(waves())]
    written(tmp_path, config("series: {window: 4, columns: [height]}"), rows, "month,height,noise")
    checked = report_of("check", "waves.yaml", cwd=tmp_path)
    assert checked["parameters"] == 4 * 1 + 1
    report_of("train", "waves.yaml", "epochs=1", "--run", "run", "-q", cwd=tmp_path)
    assert report_of("check", "run/config.yaml", cwd=tmp_path)["parameters"] == checked["parameters"]


def test_importance_permutes_whole_windows(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = [f"{FIRST + n}-01,{value:.6f},{random.normal():.6f}" for n, value in enumerate(waves())]
    written(tmp_path, config(), rows, "month,height,noise")
    report_of("train", "waves.yaml", "--run", "run", "-q", cwd=tmp_path)
    importance = report_of("eval", "run", "--importance", cwd=tmp_path)["importance"]
    assert [column["column"] for column in importance] == ["height", "noise"]


# what: (the series, the rows, the exit code, what is wrong, the remedy)
BAD: dict[str, tuple[str, list[str], int, str, str]] = {
    "no rows": ("series: {window: 0}", rows_of(waves()), 2, "series.window: expected", "1"),
    "an id": (f"id: month\n  {SERIES}", rows_of(waves()), 2, "has `id` and `series`", "leave `id` out"),
    "no spacing": (
        "series: {window: 4, every: fortnight}",
        rows_of(waves()),
        2,
        "is 'fortnight'",
        "write month, day, 15 minutes",
    ),
    "inputs named twice": (
        "features: [height]\n  series: {window: 4, columns: [height]}",
        rows_of(waves()),
        2,
        "has `features` and `series.columns`, which say the same",
        "leave one of them out",
    ),
    "too short": (SERIES, rows_of(waves(4)), 3, "has 4 rows, a window of 4 and 1 row behind it", "{window: 3}"),
    "classes of several rows": (
        "series: {window: 4, horizon: 3}",
        rows_of(waves().round()),
        2,
        "data.series.horizon: is 3, and cross_entropy predicts the class of one row",
        "with `gap: 2` it is that of the last of these rows",
    ),
    "twice": (
        SERIES,
        [*rows_of(waves()), "2020-03-01,1"],
        3,
        "waves.csv:102: column month: the time 2020-03-01",
        "group",
    ),
    "nothing to test on": (SERIES, rows_of(waves(80)), 3, "data.test: takes none of the 80 rows", "from 2020-01-01 to"),
    "only gaps": (
        SERIES,
        [row for n, row in enumerate(rows_of(waves())) if n % 4],
        3,
        "not more than 3 rows in a row a month apart",
        "`series: {every: row}`",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_series_are_refused(tmp_path: Path, case: str) -> None:
    series, rows, code, what, help = BAD[case]
    loss, metrics = ("cross_entropy", "[accuracy]") if case.startswith("classes") else ("mse", "[rmse, skill]")
    written(tmp_path, config(series, loss=loss, metrics=metrics), rows)
    refused = refusal_of("train", "waves.yaml", "--run", "run", cwd=tmp_path, code=code)
    refused.says(what, help)


def test_odd_series_are_told(tmp_path: Path) -> None:
    rows = rows_of(waves())
    written(tmp_path, config(), [*rows[50:70], *rows[:50], *rows[75:]])
    notes = report_of("check", "waves.yaml", cwd=tmp_path)["notes"]
    assert "50 rows are not in the order of month: all are sorted by it" in notes
    assert any(
        note.startswith("rows of the series are a month apart, with 1 gap that no window spans") for note in notes
    )


def test_skill_is_of_series_alone(tmp_path: Path) -> None:
    written(tmp_path, config().replace(SERIES, "shuffle: true"), rows_of(waves()))
    refused = refusal_of("train", "waves.yaml", "--run", "run", cwd=tmp_path, code=2)
    refused.says("metrics.1: skill compares with the last value of a series", "remove it, or set data.series")


@pytest.mark.parametrize(
    ("arguments", "code", "what", "help"),
    [
        (["waves.csv", "--id", "month"], 2, "--id month names rows", "leave --id out"),
        (["waves.csv", "--steps", "2", "--id", "month"], 2, "--id month is set", "leave --id out"),
        (["short.csv"], 3, "short.csv: has 3 rows, a window has 4 rows", "at least 4 rows"),
        (["short.csv", "--steps", "2"], 3, "short.csv: has 3 rows, a window has 4 rows", "at least 4 rows"),
        (["other.csv"], 3, "other.csv: has no column month", "did you mean Month?"),
    ],
)
def test_bad_files_to_predict(trained: Path, arguments: list[str], code: int, what: str, help: str) -> None:
    (trained / "short.csv").write_text("\n".join(["month,height", *rows_of(waves(3))]) + "\n")
    (trained / "other.csv").write_text("\n".join(["Month,height", *rows_of(waves(9))]) + "\n")
    refused = refusal_of("predict", "run", *arguments, "-o", "predictions.csv", cwd=trained, code=code)
    refused.says(what, help)


def test_steps_of_single_samples(tmp_path: Path) -> None:
    config_of_rows = config("features: [n]", metrics="[rmse]").replace(", from: 2026, to: 2026", ", last: 0.2")
    rows = [f"{row},{n}" for n, row in enumerate(rows_of(waves()))]
    written(tmp_path, config_of_rows.replace("epochs: 30", "epochs: 1"), rows, "month,height,n")
    report_of("train", "waves.yaml", "--run", "run", "-q", cwd=tmp_path)
    refused = refusal_of("predict", "run", "waves.csv", "--steps", "2", "-o", "x.csv", cwd=tmp_path, code=2)
    refused.says("--steps predicts the rows behind a series", "leave --steps out")


def metrics_over_seeds(name: str, folder: Path) -> tuple[list[float], dict[str, Any]]:
    """The RMSE on the test samples for three seeds, and what naive forecasts have."""
    errors = []
    for seed in range(3):
        report_of("train", CONFIGS / name, f"seed={seed}", "--run", f"run-{seed}", "-q", cwd=folder)
        report = report_of("eval", f"run-{seed}", cwd=folder)
        errors.append(report["metrics"]["rmse"])
    return errors, report["baselines"]


@pytest.mark.slow
def test_weather(tmp_path: Path) -> None:
    errors, naive = metrics_over_seeds("weather.yaml", tmp_path)
    assert np.mean(errors) <= 2.75
    assert naive["last value"]["rmse"] == pytest.approx(2.907, abs=1e-3)


@pytest.mark.slow
def test_sunspots(tmp_path: Path) -> None:
    """Linear regression on the 24 months has 16.6, PyTorch's GRU of the same size 16.2."""
    errors, naive = metrics_over_seeds("sunspots.yaml", tmp_path)
    assert np.mean(errors) <= 16.4
    assert naive["last value"]["rmse"] == pytest.approx(18.371, abs=1e-3)
    steps = read_csv(nnctl("predict", "run-0", DATA / "sunspots.csv", "--steps", "24", cwd=tmp_path).stdout)
    assert [row[0] for row in steps[1::12]] == ["2009-07-01", "2010-07-01"]
