"""Greedy Poisson rejection by branch and bound: GPRS for scalars in O(KL) steps [T3.7c].

The accepted point is found in the tree of `search_tree`, whose intervals are split at their points,
along a single path [Flamich2023].
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.channel_simulation.gaussian_pair import StandardPair
from rdtheory.channel_simulation.random_streams import Key
from rdtheory.channel_simulation.range_coder import floor_log2
from rdtheory.channel_simulation.search_tree import (
    Scalars,
    TreeSearch,
    border,
    child,
    divide,
    locations,
    refuse_deep_trees,
    waits,
    whole_line,
)
from rdtheory.channel_simulation.simulator import Selection
from rdtheory.channel_simulation.time_change import TimeChange
from rdtheory.errors import InputError


@dataclass(frozen=True)
class BranchAndBoundGreedyPoisson(TreeSearch):
    """GPRS along one path of the tree; exact, for scalar targets not wider than the prior.

    As r has a single mode, level sets {r >= h} are intervals about it. So after a point (t, z) has
    been rejected, t > σ(r(z)), the one to be accepted lies on that side of z where the mode is.
    The search takes O(KL) steps also where sup r is large or infinite [Flamich2023].

    Raises:
        InputError: at `encode` for targets of several components, or wider than the prior; if a
            search goes deeper than 61 levels, as may happen from about 25 bits on.

    >>> from rdtheory.channel_simulation import STANDARD_NORMAL, DiagonalGaussian, Key
    >>> gprs = BranchAndBoundGreedyPoisson()
    >>> code = gprs.encode(DiagonalGaussian([2.0], 1.0), STANDARD_NORMAL, Key(7))
    >>> bool((gprs.decode(code.received(), STANDARD_NORMAL, Key(7)) == code.sample).all())
    True
    """

    def select(self, pair: StandardPair, key: Key) -> Selection:
        """The node of the accepted point of every target."""
        scalars = Scalars(pair)
        if (scalars.std > 1).any():
            raise InputError(
                "target",
                f"a standard deviation of {scalars.std.max():.3g} times the prior's",
                "at most 1 times the prior's",
                "use PoissonFunctional(epsilon=...) or a wider prior",
            )
        refuse_deep_trees("KL", pair.kl_nats, "use a layered quantiser")
        change = TimeChange(np.abs(scalars.mean), scalars.std, 1)
        index = np.empty(pair.count, np.int64)
        active = np.arange(pair.count)
        heap, interval = np.ones(pair.count, np.int64), whole_line(pair.count)
        time = waits(key, active, heap >> 1)[:, 1]
        while active.size:
            left, right = divide(interval, locations(key, active, heap))
            z = border(left, right)
            rejected = time > change.time(scalars.log_ratio(z, active), active)
            index[active[~rejected]] = heap[~rejected]
            goes_right = (z < scalars.mode[active])[rejected]
            active, heap = active[rejected], heap[rejected]
            interval = np.where(goes_right, right[:, rejected], left[:, rejected])
            waited = np.where(goes_right, *waits(key, active, heap).T[::-1])
            time = time[rejected] + waited / interval[1]
            heap = child(heap, goes_right)
        return Selection(index, floor_log2(index) + 1, np.zeros(pair.count))
