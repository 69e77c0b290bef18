"""Chernoff bounds on level sets: above the exact masses where these are known, and above draws."""

import numpy as np
import pytest

from rdtheory.channel_simulation.gaussian_pair import STANDARD_NORMAL, DiagonalGaussian, standardise
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.channel_simulation.tail_bounds import TailBounds

LEVELS = np.linspace(-3.0, 12.0, 61)[:, None]


@pytest.mark.parametrize("std", [0.3, 0.8, 1.0])
@pytest.mark.parametrize("dim", [1, 3])
def test_bounds_are_above_the_exact_masses_and_not_far(std, dim):
    mean = np.full((1, dim), 2.0 / dim**0.5)
    bounds = TailBounds(mean, np.full((1, dim), std**2))
    exact = LevelSets(np.array([2.0]), std, dim)
    inside = exact.log_sup - 0.1 > LEVELS
    for name in ("log_target_mass", "log_excess"):
        bound, value = getattr(bounds, name)(LEVELS), getattr(exact, name)(LEVELS)
        assert (bound[inside] >= value[inside] - 1e-12).all()
        # A few factors in the tail, where Chernoff's bound lacks a power of the level.
        assert (bound[inside] <= value[inside] + 4.0).all()


def test_bounds_are_above_draws_where_variances_differ():
    """1e6 draws; an empirical mass exceeds a true one by six standard errors once in 1e9."""
    mean, variances = np.array([[1.0, -0.5, 0.2]]), np.array([[0.3, 0.7, 0.95]])
    target = DiagonalGaussian(mean, variances)
    pair = standardise(target, STANDARD_NORMAL)
    draws = np.random.default_rng(0).standard_normal((1_000_000, 3)) * np.sqrt(variances) + mean
    log_ratio = pair.log_ratio(draws[None])[0]
    for level in (-1.0, 1.0, 2.0, 3.0):
        mass = (log_ratio >= level).mean()
        error = np.sqrt(mass * (1 - mass) / draws.shape[0])
        assert np.exp(pair.log_target_mass(np.array([level]))[0]) > mass - 6 * error
        # E_p (r - h)_+ = E_q (1 - h/r)_+
        gains = np.maximum(1 - np.exp(level - log_ratio), 0.0)
        error = gains.std() / 1000
        better = pair.expected_better(np.zeros(1), np.array([level]))[0]
        assert better > gains.mean() - 6 * error


def test_the_horizon_is_where_the_bound_falls_to_epsilon():
    bounds = TailBounds(np.array([[1.0, 0.5], [0.2, 2.0]]), np.array([[0.5, 1.0], [0.9, 0.4]]))
    log_best = np.array([0.3, -1.0])
    log_time = bounds.log_horizon(log_best, 0.01)
    np.testing.assert_allclose(
        log_best + bounds.log_excess(log_time - log_best), np.log(0.01), rtol=1e-9
    )
    assert (bounds.log_horizon(np.log([0.005, 0.009]), 0.01) == -np.inf).all()


@pytest.mark.parametrize("variances", [[0.3, 0.7], [1.0, 1.0], [1.4, 0.8]])
def test_ratio_divergence_and_supremum_are_those_of_the_densities(variances):
    """ln r from two log-densities; KL by quadrature of draws' mean; D_∞ by a search."""
    from scipy import optimize, stats

    mean = np.array([0.7, -1.1])
    pair = standardise(DiagonalGaussian(mean, np.array(variances)), STANDARD_NORMAL)
    z = np.random.default_rng(1).normal(size=(1, 50, 2))
    q = stats.multivariate_normal(mean, np.diag(variances))
    p = stats.multivariate_normal(np.zeros(2), np.eye(2))
    np.testing.assert_allclose(pair.log_ratio(z)[0], q.logpdf(z[0]) - p.logpdf(z[0]), atol=1e-12)
    v = np.array(variances)
    expected = ((v + mean**2 - 1 - np.log(v)) / 2).sum()
    np.testing.assert_allclose(pair.kl_nats, [expected], rtol=1e-13)
    if max(variances) >= 1:
        assert pair.log_sup[0] == np.inf
    else:
        found = optimize.minimize(lambda x: -pair.log_ratio(x[None, None])[0, 0], mean, tol=1e-12)
        assert pair.log_sup[0] == pytest.approx(-found.fun, rel=1e-9)
