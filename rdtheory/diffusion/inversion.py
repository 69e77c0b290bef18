"""From a rate or a distortion back to the noise level: one monotone equation a target [T1.9].

Solved for x = ln s₁ in the form ln q(e^x) = ln target, where a relative error of the target is an
absolute one, and where both ends of a curve are straight lines. One NumPy number goes through
SciPy's bracketing root finder, many through a spline and two Newton steps, with the root finder for
those that miss; JAX arrays go through optimistix, which also differentiates the root by the
implicit function theorem.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from rdtheory.arrays import Array, is_numpy, namespace

LOWEST, HIGHEST = -690.0, 600.0
"""Range of ln s₁, within float64: from 1e-300 nats to 430 bits in the leading component."""


def solve_log(quantity: Callable[[Array], Array], target: Array) -> Array:
    """The s₁ with quantity(s₁) = target, for a positive quantity that increases with s₁.

    Args:
        quantity: takes an array of s₁ of any shape, returns an array of that shape.
        target: positive. Below the range of the quantity the result is 0, beyond it NaN.

    Raises:
        RuntimeError: if the root finder gives up (not for JAX: there the result is NaN).

    >>> solve_log(np.sqrt, np.array([2.0, 1e-4])).round(9)
    array([4.e+00, 1.e-08])
    """
    xp = namespace(target)
    if not is_numpy(xp):
        return _solve_jax(quantity, target, xp)
    flat = np.reshape(target, -1)
    root = np.full(flat.shape, np.nan)
    smallest, largest = quantity(np.exp([LOWEST, HIGHEST]))
    inside = (flat >= smallest) & (flat <= largest)
    root[flat < smallest] = 0.0
    if inside.any():
        root[inside] = np.exp(_solve_numpy(quantity, flat[inside]))
    return root.reshape(np.shape(target))


def _solve_numpy(quantity: Callable[[Array], Array], target: Array) -> Array:
    # A coarse ladder over all levels brackets the targets together; one number is found from there.
    # Many are read off a spline through a finer ladder, to 1e-6 or so, and each of two Newton steps
    # with the spline's slope leaves 1e-4 of that or less. Rungs cost little beside the targets.
    rungs, log_target = np.linspace(LOWEST, HIGHEST, 48), np.log(target)
    low, high = _bracket(rungs, np.log(quantity(np.exp(rungs))), log_target)
    if target.size == 1:
        return _find_root(quantity, target, low, high)
    from scipy.interpolate import CubicSpline

    rungs = np.linspace(low.min(), high.max(), min(128, 16 + target.size))
    values = np.log(quantity(np.exp(rungs)))
    spline = CubicSpline(values, rungs)
    root, slope, step = spline(log_target), spline(log_target, 1), np.inf
    for _ in range(2):
        step = np.log(quantity(np.exp(root)) / target) * slope
        root = np.clip(root - step, rungs[0], rungs[-1])
    missed = ~(np.abs(step) < 1e-10)
    if missed.any():
        low, high = _bracket(rungs, values, log_target[missed])
        root[missed] = _find_root(quantity, target[missed], low, high)
    return root


def _bracket(rungs: Array, values: Array, target: Array) -> tuple[Array, Array]:
    """The neighbouring rungs between which increasing values pass each target."""
    above = np.clip(np.searchsorted(values, target), 1, rungs.size - 1)
    return rungs[above - 1], rungs[above]


def _find_root(quantity: Callable[[Array], Array], target: Array, low: Array, high: Array) -> Array:
    from scipy.optimize import elementwise

    def excess(x: Array, target: Array) -> Array:
        return np.log(quantity(np.exp(x)) / target)

    # A level is good to a few units in its last place; no digit of the target is asked for that
    # the sums do not have.
    tolerances = {"xatol": 1e-15, "xrtol": 4e-16, "fatol": 4e-15, "frtol": 0.0}
    result = elementwise.find_root(excess, (low, high), args=(target,), tolerances=tolerances)
    if not result.success.all():
        raise RuntimeError(f"no noise level found for {int((~result.success).sum())} targets")
    return result.x


def _solve_jax(quantity: Callable[[Array], Array], target: Array, xp: Any) -> Array:
    import jax
    import optimistix

    def solve_one(target: Array) -> Array:
        smallest, largest = quantity(xp.exp(xp.asarray([LOWEST, HIGHEST])))
        inside = (target >= smallest) & (target <= largest)

        def excess(x: Array, target: Array) -> Array:
            # Where there is no root, a stand-in with one: what comes of it is not used.
            return xp.where(inside, xp.log(quantity(xp.exp(x)) / target), x)

        solution = optimistix.root_find(
            excess,
            optimistix.Bisection(rtol=1e-15, atol=1e-15, flip=False),
            xp.zeros(()),
            args=xp.where(inside, target, quantity(xp.ones(()))),
            options={"lower": xp.asarray(LOWEST), "upper": xp.asarray(HIGHEST)},
            max_steps=128,
            throw=False,
        )
        found = inside & (solution.result == optimistix.RESULTS.successful)
        return xp.where(found, xp.exp(solution.value), xp.where(target < smallest, 0.0, xp.nan))

    flat = xp.reshape(target, (-1,))
    return xp.reshape(jax.vmap(solve_one)(flat), target.shape)
