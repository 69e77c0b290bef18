"""From a rate or a distortion back to the noise level: one monotone equation a target [T1.9].

Solved for x = ln s₁ in the form ln q(e^x) = ln target, where a relative error of the target is an
absolute one, and where both ends of a curve are straight lines. NumPy arrays go through SciPy's
vectorised bracketing root finder, JAX arrays through optimistix, which also differentiates the root
by the implicit function theorem.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from rdtheory.arrays import Array, is_numpy, namespace

LOWEST, HIGHEST = -80.0, 600.0
"""Range of ln s₁: from 1e-35 nats to 430 bits in the leading component, within float64."""


def solve_log(quantity: Callable[[Array], Array], target: Array) -> Array:
    """The s₁ with quantity(s₁) = target, for a positive quantity that is monotone in s₁.

    Args:
        quantity: takes an array of s₁ of any shape, returns an array of that shape.
        target: positive and within the range of the quantity; elsewhere the result is NaN.

    Raises:
        RuntimeError: if the root finder gives up; the message names the target.

    >>> solve_log(lambda s: s / (1 + s), np.array([0.5, 0.75])).round(9)
    array([1., 3.])
    """
    xp = namespace(target)
    if not is_numpy(xp):
        return _solve_jax(quantity, target, xp)
    flat = np.reshape(target, -1)
    root = np.full(flat.shape, np.nan)
    ends = quantity(np.exp([LOWEST, HIGHEST]))
    inside = (flat >= ends.min()) & (flat <= ends.max())
    if inside.any():
        root[inside] = np.exp(_solve_numpy(quantity, flat[inside]))
    return root.reshape(np.shape(target))


def _solve_numpy(quantity: Callable[[Array], Array], target: Array) -> Array:
    from scipy.optimize import elementwise

    def excess(x: Array, target: Array) -> Array:
        return np.log(quantity(np.exp(x)) / target)

    # A coarse ladder over all levels brackets the targets together, a finer one each of them:
    # cheap, as rungs are few, and it leaves the root finder four or five steps a target.
    low, high = _bracket(quantity, target, np.linspace(LOWEST, HIGHEST, 32))
    rungs = np.linspace(low.min(), high.max(), min(64, 1 + target.size))
    low, high = _bracket(quantity, target, rungs) if target.size > 1 else (low, high)
    # A level is good to a few units in its last place; no digit of the target is asked for that
    # the sums do not have.
    tolerances = {"xatol": 1e-15, "xrtol": 4e-16, "fatol": 4e-15, "frtol": 0.0}
    result = elementwise.find_root(excess, (low, high), args=(target,), tolerances=tolerances)
    if not result.success.all():
        raise RuntimeError(f"no noise level found for the total {target[~result.success][0]!r}")
    return result.x


def _bracket(
    quantity: Callable[[Array], Array], target: Array, rungs: Array
) -> tuple[Array, Array]:
    """The neighbouring rungs between which the quantity passes each target."""
    values = quantity(np.exp(rungs))
    if values[0] > values[-1]:
        values, target = -values, -target
    above = np.clip(np.searchsorted(values, target), 1, rungs.size - 1)
    return rungs[above - 1], rungs[above]


def _solve_jax(quantity: Callable[[Array], Array], target: Array, xp: Any) -> Array:
    import jax
    import optimistix

    def solve_one(target: Array) -> Array:
        def excess(x: Array, target: Array) -> Array:
            return xp.log(quantity(xp.exp(x)) / target)

        ends = xp.log(quantity(xp.exp(xp.asarray([LOWEST, HIGHEST]))))
        inside = (xp.log(target) >= xp.min(ends)) & (xp.log(target) <= xp.max(ends))
        solution = optimistix.root_find(
            excess,
            optimistix.Bisection(rtol=1e-15, atol=1e-15, flip="detect"),
            xp.zeros(()),
            args=xp.where(inside, target, quantity(xp.ones(()))),
            options={"lower": xp.asarray(LOWEST), "upper": xp.asarray(HIGHEST)},
            max_steps=128,
            throw=False,
        )
        return xp.where(inside, xp.exp(solution.value), xp.nan)

    flat = xp.reshape(target, (-1,))
    return xp.reshape(jax.vmap(solve_one)(flat), target.shape)
