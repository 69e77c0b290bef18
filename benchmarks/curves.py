"""Curves: the time of 1,000 points, beside one sort and beside the bisection one would write.

R*(D) needs its eigenvalues sorted, so a sort is its limit: M log M comparisons. Beyond that it
reads and writes a handful of arrays of M numbers (prefix sums of rates, distortions and their
complements), each about as costly as a third of a sort, and O(log M) a point. The other schemes
evaluate M logarithms or roots a point and iteration; the peer, a bisection for isotropic noise and
ancestral sampling, needs 60 of these for a point, the library about 5.
"""

from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.side_by_side import Row, compare
from rdtheory import SCHEMES, scheme, sources

POINTS = 1000
RATES = np.linspace(0.01, 4.0, POINTS)


def bisect(total: Callable[[float], float], target: float, low: float, high: float) -> float:
    """The level at which an increasing total reaches its target: plain bisection in ln(level)."""
    for _ in range(60):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if total(middle) < target else (low, middle)
    return low


def rows() -> Iterator[Row]:
    """One row a claim."""
    yield from _water_filling()
    yield from _schemes()


def _water_filling() -> Iterator[Row]:
    eigenvalues = np.random.default_rng(0).exponential(size=1_000_000)
    targets = {
        "bits_per_dim": RATES,
        "snr_db": RATES * 6 + 4,
        "distortion_per_dim": np.linspace(0.001, 0.99, POINTS),
    }
    for target, values in targets.items():
        timing = compare(
            lambda target=target, values=values: scheme("rd", eigenvalues).at(**{target: values}),
            lambda: np.sort(eigenvalues),
        )
        yield Row(f"R*(D), M = 1e6, by {target}", "one np.sort", timing, at_most=6.0)

    def plain() -> None:
        for distortion in (0.1, 0.5):
            level = bisect(lambda t: np.minimum(eigenvalues, t).mean(), distortion, 1e-6, 1e2)
            _ = 0.5 * np.log(eigenvalues / np.minimum(eigenvalues, level)).mean()

    timing = compare(lambda: scheme("rd", eigenvalues).curve(bits_per_dim=RATES), plain, rounds=3)
    yield Row("R*(D), M = 1e6, by rate", "bisection, 2 points only", timing)


def _schemes() -> Iterator[Row]:
    source = sources.patches()
    eigenvalues = source.eigenvalues

    def plain() -> None:
        for rate in RATES:
            target = rate * np.log(2) * source.dim
            level = bisect(lambda s: 0.5 * np.log1p(s * eigenvalues).sum(), target, 1e-12, 1e12)
            _ = (2 * eigenvalues / (1 + level * eigenvalues)).sum()

    for name in SCHEMES:
        one = scheme(name, source)
        at_rates = one.at(bits_per_dim=RATES)
        for target in ("bits_per_dim", "snr_db", "distortion_per_dim"):
            values = getattr(at_rates, target)
            timing = compare(
                lambda one=one, target=target, values=values: one.at(**{target: values}),
                plain,
                rounds=5,
            )
            what = f"{name}, M = 256, by {target}"
            yield Row(what, "bisection for diffc-a", timing, ours_at_most_ms=20.0)
