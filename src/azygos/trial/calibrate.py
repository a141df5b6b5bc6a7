"""Calibration of what misleads: which constants go with the open-label curve of the studies listed as calibration.

    python benchmarks/trial.py calibrate      writes src/azygos/trial/tables/calibrated.csv

For each draw of the constants from their priors, with no effect of the procedure, the study is simulated some times;
its published shares s then have the (synthetic) likelihood

    L = exp(-d' C^-1 d / 2),     d = s - mean of the simulated shares,     C = S (1 + 1/k) + e^2 I

S the covariance of the shares between repeats with the same constants, averaged over all; k the repeats of each mean; e
an error of 0.03 for what the model leaves out, such as what the study counted as improved (assumed). Draws are kept in
proportion to L, whole, since what expectation explains the coming of bad times need not.

This asks: what if the procedure did nothing? That it did nothing is assumed here, not found.
"""

from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from azygos.rng import stream
from azygos.trial.run import asked_of, simulate
from azygos.trial.study import Study

__all__ = ["CALIBRATED", "as_csv", "calibrate"]

Floats: TypeAlias = NDArray[np.float64]

CALIBRATED = ("seeking", "expectation_physical", "expectation_mental", "expectation_half_life", "answering")
DISCREPANCY = 0.03
SHARING = 4  # repeats with the same constants
DRAWS = 8000
KEPT = 1000


def calibrate(studies: tuple[Study, ...], seed: int = 1, draws: int = DRAWS) -> tuple[dict[str, Floats], float]:
    """Joint draws of the constants named in CALIBRATED, and the effective number of draws behind them."""
    log_likelihood = np.zeros(draws)
    for study in studies:
        if not study.is_calibration:
            raise ValueError(f"{study.name} is not listed as calibration")
        log_likelihood += _log_likelihood(study, seed, draws)
    constants = simulate(
        replace(studies[0], use_calibration=False),
        seed,
        draws * SHARING,
        asked=asked_of(studies[0])[:1],
        share_constants=SHARING,
    ).constants
    weight = np.exp(log_likelihood - log_likelihood.max())
    weight /= weight.sum()
    # Systematic resampling: one uniform number, evenly spaced steps.
    steps = (np.arange(KEPT) + stream(seed, "calibrate").random()) / KEPT
    rows = np.searchsorted(np.cumsum(weight), steps).clip(max=draws - 1)
    kept = {name: constants[name][::SHARING][rows] for name in CALIBRATED}
    return kept, float(1.0 / np.sum(weight**2))


def _log_likelihood(study: Study, seed: int, draws: int) -> Floats:
    published = [one for one in study.published if np.isfinite(one.estimate)]
    keys = [(one.analysis, one.arm or study.design.active.name) for one in published]
    found = simulate(replace(study, use_calibration=False), seed, draws * SHARING, asked=keys, share_constants=SHARING)
    shares = np.stack([found.of[key].estimate for key in keys], axis=1).reshape(draws, SHARING, len(keys))
    mean = shares.mean(axis=1)
    within = (shares - mean[:, None]).reshape(-1, len(keys))
    covariance = within.T @ within / (draws * (SHARING - 1)) * (1.0 + 1.0 / SHARING)
    covariance += DISCREPANCY**2 * np.eye(len(keys))
    d = np.array([one.estimate for one in published]) - mean
    return np.asarray(-0.5 * np.einsum("ri,ij,rj->r", d, np.linalg.inv(covariance), d))


def as_csv(kept: dict[str, Floats]) -> str:
    rows = [",".join(kept), *(",".join(f"{value:.5g}" for value in row) for row in zip(*kept.values(), strict=True))]
    return "\n".join(rows) + "\n"
