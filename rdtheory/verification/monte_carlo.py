"""Statements shown on samples, with a stated probability of a false alarm.

Kolmogorov-Smirnov and chi-square tests raise a false alarm with probability 1e-9 each if the
statement is true; the random numbers are fixed. The margin is the distance of the statistic from
where the alarm would be, in units of that.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from rdtheory.bounds.verdict import Verdict
from rdtheory.channel_simulation import (
    STANDARD_NORMAL,
    DiagonalGaussian,
    Key,
    PoissonFunctional,
)
from rdtheory.channel_simulation.laws import PFRIndexLaw
from rdtheory.diffusion import scheme
from rdtheory.diffusion.scalar_channel import ScalarChannel
from rdtheory.sources import GaussianMixture, Laplace, patches
from rdtheory.verification.check import Check

SAMPLES = 20_000
FALSE_ALARM = 1e-9

_HOW = f"Monte Carlo, {SAMPLES} draws, false alarm {FALSE_ALARM:g}"
_MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])


def _same_law(sample: np.ndarray, cdf: Any) -> Verdict:
    """Kolmogorov and Smirnov's test of one sample."""
    statistic = float(stats.kstest(sample, cdf).statistic)
    alarm = float(stats.kstwo.isf(FALSE_ALARM, sample.size))
    detail = f"largest distance {statistic:.5f}, alarm at {alarm:.5f}"
    return Verdict(statistic < alarm, 1 - statistic / alarm, detail)


def _flow_is_realistic() -> Verdict:
    rng = np.random.default_rng(1)
    source = Laplace(1.0)
    channel = ScalarChannel(source, 0.7)
    return _same_law(channel.flow(channel.send(source.sample(rng, SAMPLES), rng)), source.cdf)


def _ancestral_is_realistic() -> Verdict:
    rng = np.random.default_rng(2)
    channel = ScalarChannel(_MIXTURE, 0.4)
    y = channel.send(_MIXTURE.sample(rng, SAMPLES), rng)
    return _same_law(channel.ancestral(y, rng), _MIXTURE.cdf)


def _poisson_functional_is_exact() -> Verdict:
    rng = np.random.default_rng(3)
    target = DiagonalGaussian(rng.uniform(0, 2, (SAMPLES, 1)), 0.09)
    code = PoissonFunctional().encode(target, STANDARD_NORMAL, Key(4))
    return _same_law((code.sample - target.mean)[:, 0] / 0.3, stats.norm.cdf)


def _index_law() -> Verdict:
    """Classes of at least 20 expected: there the chi-square approximation is good to its tail."""
    law = PFRIndexLaw(2.0, 0.3)
    target = DiagonalGaussian(np.full((SAMPLES, 1), 2.0), 0.09)
    index = np.asarray(PoissonFunctional().encode(target, STANDARD_NORMAL, Key(5)).index)
    last = 40
    counts = np.bincount(np.minimum(index, last), minlength=last + 1)[1:]
    expected = SAMPLES * np.append(law.pmf(np.arange(1, last)), law.survival(last - 1))
    statistic = float(np.sum((counts - expected) ** 2 / expected))
    alarm = float(stats.chi2.isf(FALSE_ALARM, last - 1))
    detail = f"chi-square {statistic:.1f}, alarm at {alarm:.1f}"
    return Verdict(statistic < alarm, 1 - statistic / alarm, detail)


def _gaussian_distortion(name: str, seed: int) -> Callable[[], Verdict]:
    """‖X - X̂‖² is a weighted sum of chi-squares with 256 terms: its mean over draws is normal."""

    def run() -> Verdict:
        source = patches()
        point = scheme(name, source).at(bits_per_dim=0.391)
        rng = np.random.default_rng(seed)
        x = source.sample(rng, SAMPLES // 10)
        z = point.channel.send(x, rng)
        channel = point.channel
        found = channel.flow(z) if "-f" in name else channel.posterior_sample(z, rng)
        errors = np.mean((x - found) ** 2, axis=1)
        miss = abs(errors.mean() - float(point.distortion_per_dim))
        alarm = float(stats.norm.isf(FALSE_ALARM / 2)) * errors.std() / np.sqrt(errors.size)
        detail = f"off by {miss:.3g}, alarm at {alarm:.3g}"
        return Verdict(bool(miss < alarm), float(1 - miss / alarm), detail)

    return run


MONTE_CARLO = (
    Check("T(Y) ~ X for a Laplace source", ("T1.1c", "T1.1d"), _HOW, _flow_is_realistic),
    Check("X̂ ~ P(X | Y) has the law of X for a mixture", ("T1.1b",), _HOW, _ancestral_is_realistic),
    Check("PFR sends exact samples", ("T1.15a", "T3.3a"), _HOW, _poisson_functional_is_exact),
    Check("the index of the PFR is a mixture of geometrics", ("T3.3c", "P12"), _HOW, _index_law),
    *(
        Check(
            f"distortion of {name} on patches at 0.391 bits per dimension",
            labels,
            f"Monte Carlo, {SAMPLES // 10} draws, false alarm {FALSE_ALARM:g}",
            _gaussian_distortion(name, seed),
        )
        for seed, (name, labels) in enumerate(
            (
                ("diffc-a", ("T1.6b",)),
                ("diffc-f", ("T1.6c",)),
                ("diffc-f-star", ("T1.9c",)),
            )
        )
    ),
)
"""Checks on samples."""
