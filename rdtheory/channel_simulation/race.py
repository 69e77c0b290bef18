"""Candidates that race to arrive first: the index of min t_k / r(z_k) among N candidates.

Truncated PFR, ordered random coding and minimal random coding differ in the arrival times alone:

    Poisson functional representation   t_k = E_1 + ... + E_k         (a Poisson process)
    ordered random coding               t_k = Σ_{i<=k} N E_i / (N - i + 1)  (N sorted exponentials)
    minimal random coding               t_k = E_k                     (N exponentials, unsorted)

with E_k ~ Exp(1). For the second and third the winner is candidate k with probability
r(z_k) / Σ_j r(z_j), as in importance sampling; the first is exact PFR cut short [T3.5b].
"""

from abc import abstractmethod
from dataclasses import dataclass, field

import numpy as np

from rdtheory.arrays import Array, whole_number
from rdtheory.channel_simulation.codebook import Codebook, Independent
from rdtheory.channel_simulation.gaussian_pair import DiagonalGaussian, StandardPair, standardise
from rdtheory.channel_simulation.random_streams import Key, Purpose, RandomStreams
from rdtheory.channel_simulation.simulator import ChannelSimulator, Code, Selection
from rdtheory.errors import InputError
from rdtheory.progress import track
from rdtheory.units import bits_from_nats

_HOPELESS_BITS = 8
"""Bits of a target beyond log2 N at which its stated error is all but 1."""

_BATCH = 2**15
"""Numbers of the candidates of targets that race side by side."""


@dataclass(frozen=True)
class Race(ChannelSimulator):
    """N candidates of which the one with the least t/r wins.

    Attributes:
        candidates: N, from 1 to 2^30.
        codebook: `Independent()`, or `Circulant()` where speed matters.

    Raises:
        InputError: if N is out of range.
    """

    candidates: int
    codebook: Codebook = field(default_factory=Independent)

    def __post_init__(self) -> None:
        if whole_number("candidates", self.candidates) > 2**30:
            raise InputError(
                "candidates",
                self.candidates,
                "1 to 2^30",
                "send fewer bits a block: split the components or the step",
            )

    @abstractmethod
    def times(self, exponentials: Array, first: int, before: Array) -> Array:
        """Arrival times of candidates first+1, ... from their exponentials, shape (n, c).

        `before` is the time of candidate `first`, shape (n, 1).
        """

    @abstractmethod
    def error(self, pair: StandardPair, log_best: Array, last_time: Array) -> Array:
        """A bound on the total variation from q, shape (n,).

        `log_best` is the winner's ln(t/r), `last_time` the arrival of candidate N.
        """

    def encode(self, target: DiagonalGaussian, prior: DiagonalGaussian, key: Key) -> Code:
        """As `ChannelSimulator.encode`; targets far beyond N candidates are refused.

        Raises:
            InputError: also if a target carries 8 bits more than log2 N: nothing near it is found.
        """
        bits = bits_from_nats(standardise(target, prior).kl_nats).max(initial=0.0)
        most = np.log2(self.candidates) + _HOPELESS_BITS
        if bits > most:
            raise InputError(
                "target",
                f"one of {bits:.1f} bits, which needs about 2^{bits:.0f} candidates",
                f"at most {most:.1f} bits for {self.candidates} candidates",
                "use more candidates, or a layered quantiser or search tree for scalars",
            )
        return super().encode(target, prior, key)

    def select(self, pair: StandardPair, key: Key) -> Selection:
        """The winner of every target's race."""
        index, log_best, last = np.empty(pair.count, np.int64), *np.empty((2, pair.count))
        together = max(1, _BATCH // (self.candidates * pair.dim))
        starts = range(0, pair.count, together)
        for start in track(starts, "coding blocks"):
            targets = np.arange(start, min(start + together, pair.count))
            index[targets], log_best[targets], last[targets] = self._race(pair, key, targets)
        examined = np.full(pair.count, self.candidates)
        return Selection(index, examined, self.error(pair, log_best, last))

    def sample(self, index: Array, dim: int, key: Key) -> Array:
        """The candidates of these indices, shape (n, d)."""
        if (index > self.candidates).any():
            raise InputError("code.index", index.max(), f"at most {self.candidates}")
        return self.codebook.at(key, np.arange(len(index)), index, dim)

    def _race(self, pair: StandardPair, key: Key, targets: Array) -> tuple[Array, Array, Array]:
        stream, rows = RandomStreams(key, Purpose.TIMES), np.arange(len(targets))
        best, winner = np.full(len(targets), np.inf), np.zeros(len(targets), np.int64)
        first, before = 0, np.zeros((len(targets), 1))
        for log_ratio in self.codebook.log_ratios(pair, key, targets, self.candidates):
            count = log_ratio.shape[1]
            exponentials = stream.exponentials_of_each(targets, first, count)
            times = self.times(exponentials, first, before)
            scores = np.log(times) - log_ratio
            fastest = scores.argmin(axis=1)
            wins = scores[rows, fastest] < best
            best = np.where(wins, scores[rows, fastest], best)
            winner = np.where(wins, first + fastest, winner)
            first, before = first + count, times[:, -1:]
        return winner + 1, best, before[:, 0]


def importance_error(pair: StandardPair, candidates: int) -> Array:
    """A bound on the total variation of importance sampling with N candidates, shape (n,).

    min over a of P_q(r > a) + a/(a + N) (*derived here*): the winner's density at z is
    p(z) E[N r/(r + r_2 + ... + r_N)] >= q(z) N/(r + N - 1), by Jensen and as E r_j = 1; so the
    distance is at most E_q[(r - 1)_+/(r + N - 1)]. See [ChatterjeeDiaconis2018]: about e^KL
    candidates are needed.
    """
    log_a = np.log(candidates) - np.linspace(0.0, 40.0, 81)[:, None]
    with np.errstate(under="ignore"):
        share = 1 / (1 + candidates / np.exp(log_a))
        bound = np.exp(pair.log_target_mass(log_a)) + share
    return np.where(pair.kl_nats == 0, 0.0, np.minimum(bound.min(axis=0), 1.0))
