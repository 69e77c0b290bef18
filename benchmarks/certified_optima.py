"""R(D) and perfect realism on 401 points, beside dit's Blahut-Arimoto and POT's Sinkhorn; R(D, P).

All aim at a gap of 1e-8 bits. Peers say nothing of a gap: dit's is that of the dual at its output
law, and as it stops when D changes by less than 1e-5 of itself, it is started again from where it
stopped until it is there or four seconds are over (then the ratio flatters dit). POT's is that of
its coupling, rounded to the marginals, over our dual; the steps it needs are found before, by
doubling. What was reached is said in the table, ours in parentheses. A peer that is not installed
has no rows. The surface R(D, P) of a Gaussian vector stands beside as many square roots.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.side_by_side import Row, compare
from rdtheory.perception.perfect_realism import PerfectRealism
from rdtheory.perception.wasserstein import WassersteinTradeoff
from rdtheory.rate_distortion.blahut_arimoto import DiscreteRateDistortion
from rdtheory.rate_distortion.mixture_likelihood import gap_nats
from rdtheory.rate_distortion.quantisation import discretise
from rdtheory.sources.embedded import patches
from rdtheory.sources.laplace import Laplace
from rdtheory.sources.scalar_mixture import GaussianMixture, normal
from rdtheory.sources.uniform import Uniform
from rdtheory.units import bits_from_nats, nats_from_bits

GAP_NATS = nats_from_bits(1e-8)
SECONDS = 4.0
MOST_STEPS = 2**11
LAWS = {
    name: discretise(source, 401).law
    for name, source in {
        "normal": normal(),
        "Laplace": Laplace(scale=0.5**0.5),
        "uniform": Uniform(half_width=3**0.5),
        "mixture": GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3]),
    }.items()
}


def rows() -> Iterator[Row]:
    """All rows."""
    yield from _rate_distortion()
    yield from _perfect_realism()
    yield from _surface()


def _rate_distortion() -> Iterator[Row]:
    try:
        from dit.rate_distortion.blahut_arimoto import (  # pyright: ignore[reportMissingImports]
            _blahut_arimoto,  # pyright: ignore[reportPrivateUsage]
        )
    except ImportError:
        return
    for name, law in LAWS.items():
        for multiplier in (1.0, 10.0):
            p, d = law.probabilities, law.squared_errors()
            curve = DiscreteRateDistortion(law, tolerance_nats=GAP_NATS)

            def ours(curve: Any = curve, multiplier: float = multiplier) -> Any:
                return curve.at_slope(-multiplier)

            def theirs(p: Any = p, d: Any = d, multiplier: float = multiplier) -> float:
                kernel, beta = np.exp(-multiplier * d), bits_from_nats(multiplier)
                channel, reached = np.full(d.shape, 1 / p.size), np.inf
                end = time.perf_counter() + SECONDS
                while reached > GAP_NATS and time.perf_counter() < end:
                    joint = _blahut_arimoto(p, beta, channel, lambda *_: d, max_iters=1000)[1]
                    channel, reached = joint / p[:, None], gap_nats(kernel, p, joint.sum(axis=0))
                return reached

            yield Row(
                f"R(D), {name}, s = {multiplier:g} ({bits_from_nats(ours().gap_nats):.0e} b)",
                f"dit, to {bits_from_nats(theirs()):.0e} b",
                compare(ours, theirs, rounds=2),
                at_most=0.1,
            )


def _perfect_realism() -> Iterator[Row]:
    try:
        import ot  # pyright: ignore[reportMissingImports]
    except ImportError:
        return
    for name, law in LAWS.items():
        for epsilon in (2.0, 0.1):
            p, d = law.probabilities, law.squared_errors()
            ours = PerfectRealism(law, tolerance_nats=GAP_NATS)
            best = ours.at_regularisation(epsilon)
            least = best.lower_rate_nats + best.distortion / epsilon

            def theirs(steps: int, p: Any = p, d: Any = d, epsilon: float = epsilon) -> Any:
                return ot.sinkhorn(p, p, d, epsilon, numItermax=steps, stopThr=1e-15, warn=False)

            def gap(
                steps: int,
                p: Any = p,
                d: Any = d,
                epsilon: float = epsilon,
                least: float = least,
                theirs: Any = theirs,
            ) -> float:
                return _cost_nats(_rounded(theirs(steps), p), p, d / epsilon) - least

            steps, reached = _steps_to(gap)
            yield Row(
                f"R_pr, {name}, ε = {epsilon:g} ({bits_from_nats(best.gap_nats):.0e} b)",
                f"POT, to {bits_from_nats(max(reached, 0)):.0e} b",
                compare(
                    lambda ours=ours, epsilon=epsilon: ours.at_regularisation(epsilon),
                    lambda theirs=theirs, steps=steps: theirs(steps),
                    rounds=5,
                ),
                at_most=1.0,
            )


def _surface() -> Iterator[Row]:
    tradeoff = WassersteinTradeoff(patches())
    total = float(tradeoff.source.total_variance)
    distortions = np.geomspace(0.01, 1.5, 50) * total
    budgets = np.linspace(0.001, 0.3, 50)[:, None] * total
    levels = np.geomspace(1e-3, 1e3, 50)
    realism = np.linspace(0.0, 1.0, 50)[:, None]
    numbers = np.random.default_rng(0).random((50 * 50, tradeoff.source.dim))
    for what, ours in (
        ("R(D, P), 50 x 50 targets, M = 256", lambda: tradeoff.at(distortions, budgets)),
        ("(R, D, P), 50 x 50 (θ, β), M = 256", lambda: tradeoff.surface(levels, realism)),
    ):
        timing = compare(ours, lambda: np.sqrt(numbers), rounds=5)
        yield Row(what, "as many square roots", timing, ours_at_most_ms=1000)


def _steps_to(gap: Callable[[int], float]) -> tuple[int, float]:
    """The first power of two of steps that reaches the gap, or the last that is tried."""
    steps, reached = 4, gap(4)
    while reached > GAP_NATS and steps < MOST_STEPS:
        steps *= 2
        reached = gap(steps)
    return steps, reached


def _rounded(coupling: Any, p: Any) -> Any:
    """A coupling with marginals p close by (Altschuler, Weed and Rigollet 2017)."""
    for axis in (1, 0):
        sums = coupling.sum(axis=axis, keepdims=True)
        wanted = p[:, None] if axis == 1 else p
        coupling = coupling * np.minimum(wanted / np.maximum(sums, 1e-300), 1)
    rows, columns = (np.maximum(p - coupling.sum(axis=axis), 0) for axis in (1, 0))
    return coupling + np.outer(rows, columns) / max(rows.sum(), 1e-300)


def _cost_nats(coupling: Any, p: Any, scaled: Any) -> float:
    """I + E d/ε."""
    from scipy.special import rel_entr

    return float(np.sum(rel_entr(coupling, np.outer(p, p)) + coupling * scaled))
