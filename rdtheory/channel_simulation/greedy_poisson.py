"""Greedy Poisson rejection sampling (GPRS) over all candidates in order [Flamich2023].

Candidate z_k ~ p arrives at time t_k = E_1 + ... + E_k, E_k ~ Exp(1); the first with
t_k <= σ(r(z_k)) is a sample of q, exactly, with σ of `time_change`. As for greedy rejection the
search takes sup r candidates on average [T3.7a].
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.greedy_rejection import Acceptance, FirstAccepted
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.channel_simulation.time_change import TimeChange


@dataclass(frozen=True)
class GreedyPoisson(FirstAccepted):
    """GPRS: exact, for targets of one variance in all components, less than the prior's.

    Attributes:
        most_candidates: targets that would need more, on average, are refused before the search.

    Raises:
        InputError: at `encode` if the search would be too long, with the mean of its length; if
            variances differ.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> code = GreedyPoisson().encode(DiagonalGaussian([0.4, -0.3], 0.5), STANDARD_NORMAL, Key(7))
    >>> sample = GreedyPoisson().decode(code.received(), STANDARD_NORMAL, Key(7))
    >>> bool((sample == code.sample).all())
    True
    """

    most_candidates: int = 2**20

    def acceptance(self, pair: StandardPair, change: TimeChange, key: Key) -> Acceptance:
        """Accept once t <= σ(r)."""
        stream, time = RandomStreams(key, Purpose.TIMES), np.zeros(pair.count)

        def accepts(targets: Array, first: int, log_ratio: Array) -> Array:
            waits = stream.exponentials_of_each(targets, first, log_ratio.shape[1])
            times = time[targets, None] + np.cumsum(waits, axis=1)
            time[targets] = times[:, -1]
            return times <= change.time(log_ratio, targets)

        return accepts
