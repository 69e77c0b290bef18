"""An index that is geometric given the odds h, with h random: K of the PFR [T3.3c].

    P(K = k | h) = h^(k-1)/(1 + h)^k,    P(K > n | h) = (h/(1 + h))^n

and h is given by nodes and weights. With a(h) = ln(1 + 1/h) = 1/h + O(1/h²), the terms are
exp(-(k-1) a)/(1 + h): none where k a > 745, and 1/(1 + h) to the last bit where k a < 1e-17. So of
nodes in increasing order of h only a window of 46 nats is looked at for each k.
"""

from abc import abstractmethod
from functools import cached_property
from math import ceil

import numpy as np

from rdtheory.arrays import Array
from rdtheory.channel_simulation.laws.index_law import IndexLaw
from rdtheory.units import NATS_PER_BIT

_NEVER = -1e300
"""ln h in place of -inf, where h = 0 and K = 1."""

_BLOCK = 32


class GeometricMixture(IndexLaw):
    """The law of K from nodes (ln h, ln weight)."""

    @abstractmethod
    def _nodes(self) -> tuple[Array, Array]:
        """ln h and the logarithms of weights that add up to 1; two vectors."""

    def _log_pmf(self, log_k: Array) -> Array:
        with np.errstate(divide="ignore"):
            log_before = log_k + np.log(-np.expm1(-log_k))  # ln(k - 1)
        log_first = -np.logaddexp(0.0, self._log_odds)
        return self._average(log_before, self._log_weights + log_first)

    def _log_survival(self, log_n: Array) -> Array:
        return self._average(log_n, self._log_weights)

    def _octaves(self) -> int:
        heavy = self._log_odds[self._log_weights > -46]
        return ceil((heavy[-1] + 4) / NATS_PER_BIT) + 1

    def _average(self, log_n: Array, log_weights: Array) -> Array:
        """ln Σ exp(log_weights - n a) for each n."""
        order = np.argsort(log_n)
        out = np.empty(log_n.shape)
        # Sums over all nodes from one on, from the largest h down.
        tails = np.logaddexp.accumulate(log_weights[::-1])[::-1]
        for start in range(0, log_n.size, _BLOCK):
            block = order[start : start + _BLOCK]
            some = log_n[block]
            # Nodes are in increasing order of h, so log_a decreases.
            first = np.searchsorted(-self._log_a, some[0] - 6.7)
            last = np.searchsorted(-self._log_a, some[-1] + 40)
            first = min(first, self._log_a.size - 1)
            window = slice(first, max(last, first + 1))
            with np.errstate(over="ignore", under="ignore"):
                terms = log_weights[window] - np.exp(some[:, None] + self._log_a[window])
            total = log_sum_exp(terms)
            if last < tails.size:
                total = np.logaddexp(total, tails[last])
            out[block] = total
        return out

    @cached_property
    def _sorted_nodes(self) -> tuple[Array, Array]:
        log_h, log_weight = self._nodes()
        order = np.argsort(log_h)
        return np.maximum(log_h[order], _NEVER), log_weight[order]

    @property
    def _log_odds(self) -> Array:
        return self._sorted_nodes[0]

    @property
    def _log_weights(self) -> Array:
        return self._sorted_nodes[1]

    @cached_property
    def _log_a(self) -> Array:
        return log_rate(self._log_odds)


def log_rate(log_h: Array) -> Array:
    """ln ln(1 + 1/h): ln of the rate with which P(K > n | h) falls.

    >>> np.exp(log_rate(np.array([0.0])))  # h = 1: ln 2
    array([0.69314718])
    """
    with np.errstate(under="ignore"):
        near = np.minimum(log_h, 36.0)
        return np.where(log_h > near, -log_h, np.log(np.logaddexp(0.0, -near)))


def log_geometric(log_h: Array, exponential: Array) -> Array:
    """ln K of K = 1 + ⌊E / ln(1 + 1/h)⌋, geometric given h for E ~ Exp(1) [T3.3g].

    Beyond e^36 whole numbers are finer than float64; there it is ln(h E).

    >>> log_geometric(np.array([0.0, 50.0]), np.array([1.5, 1.0])) / np.log(3)
    array([ 1.        , 45.51196133])
    """
    with np.errstate(divide="ignore", over="ignore", under="ignore"):
        log_quotient = np.log(exponential) - log_rate(log_h)
        whole = np.floor(np.exp(np.minimum(log_quotient, 36.0)))
    return np.where(log_quotient < 36, np.log1p(whole), log_quotient)


def log_sum_exp(terms: Array) -> Array:
    """ln Σ exp of the rows, without overflow; -inf for rows of -inf.

    >>> log_sum_exp(np.array([[1000.0, 1000.0]])) - 1000
    array([0.69314718])
    """
    top = terms.max(axis=1)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore", under="ignore"):
        return top + np.log(np.exp(terms - top[:, None]).sum(axis=1))
