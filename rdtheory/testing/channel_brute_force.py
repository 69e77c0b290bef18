"""Channel simulation by brute force: many runs at once of the pseudo-code, candidate by candidate.

PFR [T1.15a], stopped by sup r or, where that is infinite, by the rule of [T3.12]; GRS [T3.7b]; GPRS
(accept the first point (t_i, z_i) of a unit-rate Poisson process with t_i <= σ(r(z_i))). Target
q = N(μ, s² I_d), coding distribution p = N(0, I_d), see `channel_oracles`.
"""

from dataclasses import dataclass
from functools import cache
from math import exp, log
from typing import TypeAlias

import numpy as np

from rdtheory.testing.channel_greedy_oracles import acceptance_times, grs_steps
from rdtheory.testing.channel_oracles import Pair, excess

Array: TypeAlias = np.ndarray


@dataclass(frozen=True)
class Runs:
    """What the runs returned.

    Attributes:
        index: K of each run, from 1; 0 where a run was cut off (`simulate_grs`).
        projection: u = μ·z/m of the sample z (its first coordinate where m = 0).
        norm2: ‖z‖².
        examined: candidates drawn by each run.
    """

    index: Array
    projection: Array
    norm2: Array
    examined: Array


def log_ratio(pair: Pair, u: Array, norm2: Array) -> Array:
    """Ln q(z)/p(z) from the projection on μ and ‖z‖².

    >>> float(log_ratio(Pair(2.0), np.array(1.0), np.array(1.0)))
    0.0
    """
    m, s = pair.shift, pair.std
    return -pair.dim * log(s) - (norm2 - 2 * m * u + m**2) / (2 * s**2) + norm2 / 2


def _candidates(pair: Pair, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[Array, ...]:
    """Projection, squared norm and ln r of candidates z ~ p."""
    z = rng.standard_normal((*shape, pair.dim))
    u, norm2 = z[..., 0], np.sum(z**2, axis=-1)
    return u, norm2, log_ratio(pair, u, norm2)


def _block(active: int, runs: int) -> int:
    """Candidates to draw at once for each of the runs that are left."""
    return int(np.clip(runs // (2 * active), 1, 512))


def simulate_pfr(
    pair: Pair,
    runs: int,
    rng: np.random.Generator,
    clock: np.random.Generator | None = None,
    epsilon: float = 1e-5,
) -> Runs:
    """PFR [T1.15a].

    Args:
        pair: target and coding distribution.
        runs: how many.
        rng: of the candidates.
        clock: of the times, `rng` unless given. A generator of the same seed gives candidates and
            times that share a stream: a mistake to detect.
        epsilon: where s >= 1, a run is not exact with probability at most this [T3.12b].

    >>> simulate_pfr(Pair(2.0, 0.3), 3, np.random.default_rng(1)).index.shape
    (3,)
    """
    clock = rng if clock is None else clock
    time, best = np.zeros(runs), np.full(runs, np.inf)
    examined = np.zeros(runs, int)
    index, u_best, norm_best = np.zeros(runs, int), np.zeros(runs), np.zeros(runs)
    active = np.arange(runs)
    while len(active):
        shape = (len(active), _block(len(active), runs))
        times = time[active, None] + np.cumsum(clock.standard_exponential(shape), axis=1)
        u, norm2, log_r = _candidates(pair, shape, rng)
        scores = times * np.exp(-log_r)
        lowest = np.minimum.accumulate(np.column_stack([best[active], scores]), axis=1)
        # The best score before a candidate says whether that candidate is still drawn.
        stopped = times > _horizon(pair, lowest[:, :-1], epsilon)
        ends = np.where(stopped.any(axis=1), stopped.argmax(axis=1), shape[1])
        scores[np.arange(shape[1]) >= ends[:, None]] = np.inf
        at = scores.argmin(axis=1)
        rows = np.flatnonzero(scores[np.arange(len(at)), at] < best[active])
        winners, columns = active[rows], at[rows]
        best[winners] = scores[rows, columns]
        index[winners] = examined[winners] + columns + 1
        u_best[winners], norm_best[winners] = u[rows, columns], norm2[rows, columns]
        examined[active] += ends
        time[active] = times[:, -1]
        active = active[ends == shape[1]]
    return Runs(index, u_best, norm_best, examined)


def _horizon(pair: Pair, best: Array, epsilon: float) -> Array:
    """The time after which no candidate can win, s* sup r, or t_ε(s*) of [T3.12c] from above."""
    if pair.std < 1:
        square = (1 - pair.std) * (1 + pair.std)
        return best * exp(-pair.dim * log(pair.std) + pair.shift**2 / (2 * square))
    levels, excesses = _excess_table(pair)
    # N = s* S(t/s*) <= ε: the first tabulated level where S is at most ε/s*.
    with np.errstate(divide="ignore"):
        place = np.searchsorted(-excesses, -epsilon / best)
    times = best * np.append(levels, np.inf)[place]
    return np.where(best <= epsilon, 0, times)


@cache
def _excess_table(pair: Pair) -> tuple[Array, Array]:
    """Levels η, 0.05 apart in ln η, and S(η), down to S = 1e-9."""
    logs, found = [-5.0], []
    while not found or found[-1] > 1e-9:
        found.append(float(excess(pair, logs[-1])))
        logs.append(logs[-1] + 0.05)
    return np.exp(logs[:-1]), np.array(found)


def simulate_grs(pair: Pair, runs: int, rng: np.random.Generator, steps: int = 400) -> Runs:
    """GRS [T3.7b], each run cut off after some steps (index 0).

    >>> simulate_grs(Pair(2.0, 0.3), 3, np.random.default_rng(1)).index.shape
    (3,)
    """
    levels, survivals = grs_steps(pair, steps)
    u_all, norm_all, index = np.zeros(runs), np.zeros(runs), np.zeros(runs, int)
    examined = np.full(runs, steps)
    active, k = np.arange(runs), 0
    while k < steps and len(active):
        shape = (len(active), min(_block(len(active), runs), steps - k))
        u, norm2, log_r = _candidates(pair, shape, rng)
        part = slice(k, k + shape[1])
        chance = np.clip((np.exp(log_r) - levels[part]) / survivals[part], 0, 1)
        accepted = rng.random(shape) < chance
        rows = np.flatnonzero(accepted.any(axis=1))
        columns = accepted.argmax(axis=1)[rows]
        winners = active[rows]
        index[winners] = examined[winners] = k + columns + 1
        u_all[winners], norm_all[winners] = u[rows, columns], norm2[rows, columns]
        active = np.delete(active, rows)
        k += shape[1]
    return Runs(index, u_all, norm_all, examined)


def simulate_gprs(pair: Pair, runs: int, rng: np.random.Generator, last: int = 100_000) -> Runs:
    """GPRS by its definition, each run cut off after `last` candidates or more (index 0).

    >>> simulate_gprs(Pair(2.0, 0.3), 3, np.random.default_rng(1)).index.shape
    (3,)
    """
    log_levels, stretched = acceptance_times(pair)
    time, u_all, norm_all = np.zeros(runs), np.zeros(runs), np.zeros(runs)
    index, examined = np.zeros(runs, int), np.zeros(runs, int)
    active, drawn = np.arange(runs), 0
    while drawn < last and len(active):
        shape = (len(active), _block(len(active), runs))
        times = time[active, None] + np.cumsum(rng.standard_exponential(shape), axis=1)
        u, norm2, log_r = _candidates(pair, shape, rng)
        sigma = np.interp(log_r, log_levels, stretched, left=0.0, right=np.inf)
        accepted = times <= sigma
        rows = np.flatnonzero(accepted.any(axis=1))
        columns = accepted.argmax(axis=1)[rows]
        winners = active[rows]
        index[winners] = drawn + columns + 1
        u_all[winners], norm_all[winners] = u[rows, columns], norm2[rows, columns]
        examined[active] = drawn + shape[1]
        examined[winners] = index[winners]
        time[active] = times[:, -1]
        active = np.delete(active, rows)
        drawn += shape[1]
    return Runs(index, u_all, norm_all, examined)
