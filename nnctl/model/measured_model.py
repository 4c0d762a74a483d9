"""Loss and metrics of a trained network on some samples: what evaluation and pruning share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nnctl.config.run_config import RunConfig
from nnctl.data.dataset import Split
from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import Tally
from nnctl.model.network import Network
from nnctl.model.trained_model import TrainedModel

if TYPE_CHECKING:
    from nnctl.metrics.scores import Scores
    from nnctl.model.objective import Measure


def metrics_of(config: RunConfig) -> list[Metric]:
    """The usual metrics for the kind of targets, then those of the config."""
    from nnctl.metrics.accuracy import Accuracy
    from nnctl.metrics.f1 import F1
    from nnctl.metrics.mae import MAE
    from nnctl.metrics.precision import Precision
    from nnctl.metrics.r2 import R2
    from nnctl.metrics.recall import Recall
    from nnctl.metrics.rmse import RMSE
    from nnctl.metrics.skill import Skill

    usual: list[Metric] = (
        [MAE(), RMSE(), R2()] if config.loss.targets == "values" else [Accuracy(), Precision(), Recall(), F1()]
    )
    if config.data.has_naive_forecasts:
        usual += [metric for metric in (Skill(),) if config.loss.targets in metric.fits]
    return list({metric.name: metric for metric in [*usual, *config.metrics]}.values())


def measure_of(
    trained: TrainedModel,
    network: Network,
    metrics: Sequence[Metric],
    samples: Split,
    threads: int | None,
    tallies: Sequence[Tally] = (),
) -> tuple[Scores, Measure]:
    """What measures these samples, and the scores that it fills. tallies: that are kept beside those of the metrics."""
    from nnctl.kernels.runtime.workers import set_threads
    from nnctl.metrics.scores import Scores
    from nnctl.model.objective import Measure, Objective, sizes_of

    set_threads(threads)
    config, fitted = trained.config, trained.fitted
    metrics = [metric.beside(samples.last_value_rmse) for metric in metrics]
    sizes = sizes_of(samples, network.plan.outputs[-1], len(fitted.classes))
    boundary = trained.boundary / (trained.temperature or 1.0)  # metrics see calibrated outputs
    scores = Scores(metrics, sizes, boundary, network.device, tallies)
    transform = fitted.transform
    limit = None if transform is None or transform.limits() is None else transform.limit
    objective = Objective(network, config.loss, samples, transform, trained.class_weights, trained.temperature)
    return scores, Measure(objective, samples, scores, limit)
