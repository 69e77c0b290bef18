"""DiffC jointly: a whole trajectory Z_T, ..., Z_t as one candidate (Eq. (4), 5) [T1.2, T1.3].

Candidates are drawn from p(z_{T:t}) by the exact reverse kernels; each is weighed by the product of
its steps' density ratios. As X, Z_t, ..., Z_T is a Markov chain the product depends on Z_t alone:
the index has the same law as if Z_t were sent at once, and costs one overhead in place of T. What
it does not save is candidates: about 2^I, and each is a trajectory.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from constriction import stream  # pyright: ignore[reportAttributeAccessIssue]

from rdtheory import scheme
from rdtheory.channel_simulation.index_codes import Zipf
from rdtheory.diffusion import Posterior, Progression, one_shot_bound_bits
from rdtheory.sources import from_spec
from simulations.measures import against_theory, decoder


@dataclass(frozen=True)
class Config:
    """Joint coding of a source of few bits.

    Attributes:
        source: SPEC of the source.
        scheme: whose noise is used; all reconstructions are measured.
        bits: information of a vector, all components.
        steps: T.
        candidates: N trajectories for each vector.
        vectors: n.
        seed: of everything.
    """

    source: str = "ar1:rho=0.9,dim=4"
    scheme: str = "diffc-f-star"
    bits: float = 6.0
    steps: int = 4
    candidates: int = 2**12
    vectors: int = 400
    seed: int = 0


def run(config: Config) -> dict[str, Any]:
    """Send every vector by the index of a trajectory, and by that of Z_t alone."""
    operated = scheme(config.scheme, from_spec(config.source))
    source, rng = operated.source, np.random.default_rng(config.seed)
    rates = config.bits / source.dim * np.arange(1, config.steps + 1) / config.steps
    progression = Progression(operated, bits_per_dim=rates)
    levels = progression.snr
    x = source.sample(rng, config.vectors)
    each_step = np.full(config.steps, config.bits / config.steps)
    found: dict[str, Any] = {
        "information_bits": config.bits,
        "bound_bits_jointly": one_shot_bound_bits(config.bits),
        "bound_bits_stepwise": one_shot_bound_bits(each_step).sum(),
    }
    for name, steps in (("jointly", levels), ("at_once", levels[-1:])):
        components = source.to_components(x)
        sent = [_send(one, steps, source.eigenvalues, config, rng) for one in components]
        index, mean = np.array([one[0] for one in sent]), np.array([one[1] for one in sent])
        state = Posterior(source.eigenvalues, mean, np.broadcast_to(levels[-1], mean.shape))
        leading_snr = progression.points.leading_snr[-1]
        found[name] = {
            "index": index,
            "bits": _bits(index, config) / config.vectors,
            "reconstructions": against_theory(
                operated, leading_snr, x, decoder(state, source, rng)
            ),
        }
    return found


def _send(
    x: np.ndarray, levels: np.ndarray, eigenvalues: np.ndarray, config: Config, rng: Any
) -> tuple[int, np.ndarray]:
    """Index and E[X | Z_t] of the trajectory of least t/r, the times sorted (ORC)."""
    state = Posterior.before_anything(eigenvalues, config.candidates)
    log_ratio = np.zeros(config.candidates)
    for snr in levels:
        z = rng.standard_normal(state.mean.shape)
        mean, variances = state.targets(x, snr), state.variances(snr)
        terms = z * z - (z - mean) ** 2 / variances - np.log(variances)
        log_ratio += terms.sum(axis=1) / 2
        state = state.after(z, snr)
    times = np.sort(rng.exponential(size=config.candidates))
    winner = int(np.argmin(np.log(times) - log_ratio))
    return winner + 1, state.mean[winner]


def _bits(index: np.ndarray, config: Config) -> int:
    encoder = stream.queue.RangeEncoder()
    Zipf(config.bits, largest=config.candidates).encode(index, encoder)
    return int(encoder.num_bits())
