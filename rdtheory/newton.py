"""Roots of many increasing functions at once: Newton's steps inside brackets.

SciPy's vectorised root finder takes no derivatives: where each value of a function is a sum or an
integral of its own, it would cost from four to twenty times as much.
"""

from collections.abc import Callable

import numpy as np

from rdtheory.arrays import Array


def increasing_root(
    excess: Callable[[Array, Array], tuple[Array, Array, Array | float]],
    start: Array,
    low: Array | float,
    high: Array | float,
    fine: Array | float = 1e-10,
) -> Array:
    """The x in [low, high] at which each function, increasing in x, passes 0.

    Where a function has one sign all over its bracket, the end next to its root.

    Args:
        excess: (x, index) -> value, slope and rounding error of the value, for the functions of
            these indices. Where slope or value is no finite number, the bracket is halved.
        start: where to begin, shape (n,).
        low: where the brackets begin.
        high: where they end.
        fine: a step that is short enough to be the last: after one of Newton's the error is of
            the order of its square, after one of halving of its size.

    Raises:
        RuntimeError: if a root is not found in 200 steps.

    >>> def excess(x, index):
    ...     return np.exp(x) - index - 1, np.exp(x), 1e-16
    >>> increasing_root(excess, np.zeros(2), -50.0, 50.0).round(12)
    array([0.        , 0.69314718])
    """
    x = np.clip(start, low, high)
    below, above, fine = (np.array(np.broadcast_to(part, x.shape)) for part in (low, high, fine))
    left, last = np.arange(x.size), np.full(x.shape, np.inf)
    for _ in range(200):
        at = x[left]
        value, slope, rounding = excess(at, left)
        below[left] = np.where(value < 0, at, below[left])
        above[left] = np.where(value > 0, at, above[left])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            to = at - value / slope
        # Newton's step if it stays inside and the steps shrink; else bisection.
        good = (to >= below[left]) & (to <= above[left]) & (2 * np.abs(to - at) <= last[left])
        to = np.where(good, to, below[left] / 2 + above[left] / 2)
        x[left], last[left] = to, np.abs(to - at)
        done = (last[left] <= fine[left]) | (good & (np.abs(value) <= rounding))
        left = left[~done]
        if left.size == 0:
            return x
    raise RuntimeError(f"{left.size} roots were not found in 200 steps")
