"""The Poisson functional representation (PFR) [LiElGamal2018]: exact, certified or truncated.

Candidates z_k ~ p arrive at the times t_k of a Poisson process; the one with the least t_k / r(z_k)
is a sample of q, exactly [T1.15, T3.3a]. How the search knows that it may stop:

    exact       a candidate at time t cannot beat the best score s* once t >= s* sup r; about sup r
                are examined [T1.15b]
    certified   the expected number of later candidates that would, N(s*, t), is at most ε; the
                sample's law is then within 1 - exp(-ε) of q [T3.12]
    truncated   after N candidates; what was missed is said by N(s*, t_N) [T3.5b]
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array, check, float64, whole_number
from rdtheory.channel_simulation.codebook import candidates, candidates_at
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.race import Race
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.channel_simulation.simulator import ChannelSimulator, Selection
from rdtheory.errors import InputError

_PIECE = 2**19
"""Numbers of the candidates that are looked at together."""


@dataclass(frozen=True)
class PoissonFunctional(ChannelSimulator):
    """PFR that stops when nothing later can win, or when it is unlikely to.

    Attributes:
        epsilon: ε >= 0, the expected number of better candidates that may be missed; 0 is exact.
        most_candidates: targets that would need more are refused before the search. A search that
            still comes to so many stops there, and its stated error says what that costs.

    Raises:
        InputError: if ε is negative or NaN; at `encode` if the search would be too long, with the
            estimate of its length.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> code = PoissonFunctional().encode(DiagonalGaussian([2.0], 0.09), STANDARD_NORMAL, Key(7))
    >>> float(code.error), int(code.index) <= int(code.candidates)
    (0.0, True)
    """

    epsilon: float = 0.0
    most_candidates: int = 2**22

    def __post_init__(self) -> None:
        epsilon = float64(np, "epsilon", self.epsilon)
        check("epsilon", epsilon, epsilon >= 0, "numbers >= 0")
        if whole_number("most_candidates", self.most_candidates) > 2**40:
            raise InputError("most_candidates", self.most_candidates, "at most 2^40")

    def select(self, pair: StandardPair, key: Key) -> Selection:
        """The candidate of least t/r of every target."""
        self._refuse_long_searches(pair)
        search = _Search(pair, key, self._log_horizon(pair))
        search.run(self.most_candidates)
        missed = pair.expected_better(search.log_best, search.log_time)
        error = np.where(search.exhausted, -np.expm1(-missed), -np.expm1(-self.epsilon))
        return Selection(search.index, search.examined, np.where(pair.kl_nats == 0, 0.0, error))

    def sample(self, index: Array, dim: int, key: Key) -> Array:
        """The candidates of these indices, shape (n, d)."""
        return candidates_at(key, np.arange(len(index)), index, dim)

    def _log_horizon(self, pair: StandardPair) -> Callable[[Array, Array], Array]:
        """ln of the time after which a search with best score s* may stop, by target."""
        if self.epsilon == 0:
            return lambda targets, log_best: log_best + pair.log_sup[targets]
        return lambda targets, log_best: pair.log_horizon(targets, log_best, self.epsilon)

    def _refuse_long_searches(self, pair: StandardPair) -> None:
        # The winning score is Exp(1): its mean stands for it.
        everyone = np.arange(pair.count)
        log_expected = self._log_horizon(pair)(everyone, np.zeros(pair.count))
        worst = float(np.max(log_expected, initial=0.0))
        if worst > np.log(self.most_candidates):
            remedy = (
                "use epsilon > 0, ordered random coding, or a layered quantiser for scalar channels"
                if self.epsilon == 0
                else "use ordered random coding, or fewer bits a target"
            )
            raise InputError(
                "target",
                f"one that needs about 2^{worst / np.log(2):.0f} candidates",
                f"at most most_candidates = {self.most_candidates}",
                remedy,
            )


@dataclass(frozen=True)
class TruncatedPoissonFunctional(Race):
    """PFR among the first N candidates; for any Gaussian target, also of unequal variances.

    The stated error of a target is 1 - exp(-N(s*, t_N)), the chance, given the race as it went,
    that a later candidate would have won.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> pfr = TruncatedPoissonFunctional(candidates=2**10)
    >>> code = pfr.encode(DiagonalGaussian([1.0, 0.5]), STANDARD_NORMAL, Key(7))
    >>> bool(code.error < 1e-3)
    True
    """

    def times(self, exponentials: Array, first: int, before: Array) -> Array:
        """t_k = E_1 + ... + E_k."""
        return before + np.cumsum(exponentials, axis=1)

    def error(self, pair: StandardPair, log_best: Array, last_time: Array) -> Array:
        """The chance that a later candidate would have won."""
        return -np.expm1(-pair.expected_better(log_best, np.log(last_time)))


class _Search:
    """Searches of n targets side by side, in pieces of equal length."""

    def __init__(
        self, pair: StandardPair, key: Key, log_horizon: Callable[[Array, Array], Array]
    ) -> None:
        self.pair, self.key, self.log_horizon = pair, key, log_horizon
        self.index, self.examined = np.zeros((2, pair.count), np.int64)
        self.log_best, self.log_time = np.full((2, pair.count), np.inf)
        self.exhausted = np.full(pair.count, False)
        self._time = np.zeros(pair.count)

    def run(self, most: int) -> None:
        """Search until nobody is left, or until candidate number `most`."""
        active, first, count = np.arange(self.pair.count), 0, 16
        while active.size and first < most:
            fits = max(1, _PIECE // (self.pair.dim * active.size))
            count = min(count, most - first, fits)
            active = self._advance(active, first, count)
            first, count = first + count, 2 * count
        self.exhausted[active], self.examined[active] = True, first

    def _advance(self, active: Array, first: int, count: int) -> Array:
        """Look at `count` more candidates of the active targets; who is active after that."""
        exponentials = RandomStreams(self.key, Purpose.TIMES).exponentials_of_each(
            active, first, count
        )
        times = self._time[active, None] + np.cumsum(exponentials, axis=1)
        self._time[active] = times[:, -1]
        log_times = np.log(times)
        self.log_time[active] = log_times[:, -1]
        z = candidates(self.key, active, first, count, self.pair.dim)
        scores = log_times - self.pair.log_ratio(z, active)
        horizon = np.full(active.size, np.inf)
        known = self.index[active] > 0
        horizon[known] = self.log_horizon(active[known], self.log_best[active[known]])
        return self._walk(active, first, log_times, scores, horizon)

    def _walk(
        self, active: Array, first: int, log_times: Array, scores: Array, horizon: Array
    ) -> Array:
        """From one improvement to the next, until the horizon or the end of the piece."""
        columns, rows = np.arange(scores.shape[1]), np.arange(active.size)
        position, searching = np.full(active.size, -1), np.full(active.size, True)
        while rows.size:
            later = columns > position[rows, None]
            better = _first(later & (scores[rows] < self.log_best[active[rows], None]))
            beyond = _first(later & (log_times[rows] > horizon[rows, None]))
            stops = beyond <= np.minimum(better, columns.size - 1)
            stopped = rows[stops]
            searching[stopped] = False
            # The candidate beyond the horizon is not looked at, only its time.
            self.examined[active[stopped]] = first + beyond[stops]
            rows, better = rows[~stops], better[~stops]
            rows, better = rows[better < columns.size], better[better < columns.size]
            targets = active[rows]
            self.index[targets] = first + better + 1
            self.log_best[targets] = scores[rows, better]
            horizon[rows] = self.log_horizon(targets, self.log_best[targets])
            position[rows] = better
        return active[searching]


def _first(found: Array) -> Array:
    """The first column where it is true, or the number of columns."""
    return np.where(found.any(axis=1), found.argmax(axis=1), found.shape[1])
