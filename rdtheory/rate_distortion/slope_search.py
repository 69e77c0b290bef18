"""From a rate or a distortion back to the slope of the curve: one monotone equation [T4.3]."""

from collections.abc import Callable

import numpy as np

_FIRST_STEP = 0.05
_LARGEST = 700.0
"""Of |ln s|: all of float64."""


def search_multiplier(value: Callable[[float], float], guess: float) -> float:
    """The s > 0 where `value`, which falls as s grows, passes 0; s good to 1e-10 relative.

    Raises:
        RuntimeError: if there is none.

    >>> round(search_multiplier(lambda s: 3 - s, 1.0), 9)
    3.0
    """
    from scipy.optimize import root_scalar

    known: dict[float, float] = {}

    def at_logarithm(x: float) -> float:
        if x not in known:
            known[x] = value(float(np.exp(x)))
        return known[x]

    x = float(np.log(guess))
    step = _FIRST_STEP if at_logarithm(x) > 0 else -_FIRST_STEP
    while abs(x) < _LARGEST:
        following = min(max(x + step, -_LARGEST), _LARGEST)
        if at_logarithm(x) * at_logarithm(following) <= 0:
            found = root_scalar(at_logarithm, bracket=(x, following), xtol=1e-10)
            return float(np.exp(found.root))
        x, step = following, 2 * step
    raise RuntimeError("no slope of the curve has this value")
