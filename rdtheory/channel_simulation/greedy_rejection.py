"""Greedy rejection sampling (GRS) [Harsha2010]: accept as much of q as early as possible.

Candidate k is accepted with probability clip((r(z_k) - L_k)/S_k, 0, 1), where L_1 = 0, S_1 = 1 and

    L_{k+1} = L_k + S_k,    S_{k+1} = E_p (r - L_{k+1})_+       [T3.7b]

S_k is the probability that the search comes to candidate k. Its length has mean sup r exactly, and
a heavy tail [T3.7a]: greedy rejection is for little information, or as a reference.
"""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array, whole_number
from rdtheory.channel_simulation.codebook import candidates, candidates_at
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.channel_simulation.simulator import ChannelSimulator, Selection
from rdtheory.channel_simulation.time_change import TimeChange
from rdtheory.errors import InputError

_PIECE = 2**17
"""Numbers of the candidates that are looked at together."""


Acceptance = Callable[[Array, int, Array], Array]
"""A search's rule, which remembers how far each target has come. From targets of shape (k,), the
number of candidates before, and ln r of the next ones, shape (k, c): whether each is accepted."""


@dataclass(frozen=True)
class FirstAccepted(ChannelSimulator):
    """Candidates are looked at in order; the index is the number of the first accepted one.

    Attributes:
        most_candidates: targets that would need more, on average, are refused before the search.
    """

    most_candidates: int = 2**14

    def __post_init__(self) -> None:
        whole_number("most_candidates", self.most_candidates)

    @abstractmethod
    def acceptance(self, pair: StandardPair, change: TimeChange, key: Key) -> Acceptance:
        """The rule for the targets of a pair."""

    def select(self, pair: StandardPair, key: Key) -> Selection:
        """The first accepted candidate of every target."""
        sets = pair.level_sets
        self._refuse_long_searches(pair)
        accepts = self.acceptance(pair, TimeChange(sets.shift, sets.std, pair.dim), key)
        index = np.empty(pair.count, np.int64)
        active, first, count = np.arange(pair.count), 0, 4
        while active.size:
            z = candidates(key, active, first, count, pair.dim)
            accepted = accepts(active, first, pair.log_ratio(z, active))
            found = accepted.any(axis=1)
            index[active[found]] = first + accepted[found].argmax(axis=1) + 1
            active, first = active[~found], first + count
            fits = max(1, _PIECE // (pair.dim * max(active.size, 1)))
            count = min(2 * count, fits, first)
        return Selection(index, index.copy(), np.zeros(pair.count))

    def sample(self, index: Array, dim: int, key: Key) -> Array:
        """The candidates of these indices, shape (n, d)."""
        return candidates_at(key, np.arange(len(index)), index, dim)

    def _refuse_long_searches(self, pair: StandardPair) -> None:
        worst = float(np.max(pair.log_sup, initial=0.0))
        if worst > np.log(self.most_candidates):
            remedy = (
                "use BranchAndBoundGreedyPoisson()"
                if pair.dim == 1
                else "use PoissonFunctional(epsilon=...) or ordered random coding"
            )
            raise InputError(
                "target",
                f"one that needs 2^{worst / np.log(2):.1f} candidates on average",
                f"at most most_candidates = {self.most_candidates}",
                remedy,
            )


@dataclass(frozen=True)
class GreedyRejection(FirstAccepted):
    """GRS: exact, for targets of one variance in all components, less than the prior's.

    Attributes:
        most_candidates: targets that would need more, on average, are refused before the search.

    Raises:
        InputError: at `encode` if the search would be too long, with the mean of its length; if
            variances differ.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> target = DiagonalGaussian([0.4, -0.3], 0.5)
    >>> code = GreedyRejection().encode(target, STANDARD_NORMAL, Key(7))
    >>> sample = GreedyRejection().decode(code.received(), STANDARD_NORMAL, Key(7))
    >>> bool((sample == code.sample).all())
    True
    """

    def acceptance(self, pair: StandardPair, change: TimeChange, key: Key) -> Acceptance:
        """Accept with probability (r - L_k)/S_k."""
        return _Rejection(pair, change, key)


class _Rejection:
    """L_k and S_k of all targets, as far as each has come."""

    def __init__(self, pair: StandardPair, change: TimeChange, key: Key) -> None:
        self._stream, self._change = RandomStreams(key, Purpose.TIMES), change
        self._level, self._survival = np.zeros(pair.count), np.ones(pair.count)

    def __call__(self, targets: Array, first: int, log_ratio: Array) -> Array:
        level, survival = self._level[targets], self._survival[targets]
        uniforms = np.exp(-self._stream.exponentials_of_each(targets, first, log_ratio.shape[1]))
        accepted = np.empty(log_ratio.shape, bool)
        for column, ratio in enumerate(np.exp(log_ratio).T):
            accepted[:, column] = uniforms[:, column] * survival < ratio - level
            level = level + survival
            survival = self._change.excess(np.log(level), targets)
        self._level[targets], self._survival[targets] = level, survival
        return accepted
