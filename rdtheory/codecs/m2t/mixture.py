"""The quantised mixture of Gaussians that predicts a whole number, and its lattice [68].

    P(k) = Σ_m w_m [Φ((k + 1/2 - μ_m)/s_m) - Φ((k - 1/2 - μ_m)/s_m)]

From a prediction (a_m, b_m, c_m) of the network, w = softmax(a), μ = 5 b, s = exp(c). Coders round
these to a lattice, so that probabilities are made of whole numbers: a to 1/16, μ to 1/64, and ln s
to the 64 equal steps between ln 0.04 and ln 64.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import log_ndtr, logsumexp

from rdtheory.codecs.m2t.transformer import INPUT_SCALE

LEAST_SCALE, MOST_SCALE, SCALES = 0.04, 64.0, 64

_SCALE_STEP = float(np.log(MOST_SCALE / LEAST_SCALE)) / (SCALES - 1)
STEPS_A_UNIT = np.array([16.0, 64.0 * INPUT_SCALE, 1 / _SCALE_STEP])
"""Lattice steps of a unit of a, b and c."""

LATTICE_START = np.array([0.0, 0.0, float(np.log(LEAST_SCALE)) / _SCALE_STEP])
"""The lattice's number of a = 0, b = 0; of c, what number 0 is at, in steps."""


def log_probability(predictions: jax.Array, tokens: jax.Array) -> jax.Array:
    """ln P(y) of each number, whole or not, shape (..., c).

    Args:
        predictions: a, b and c of each, shape (..., c, 3, N_M).
        tokens: y, shape (..., c).

    >>> predictions = jnp.zeros((1, 3, 2)).at[:, 2].set(-1.0)
    >>> log_probability(predictions, jnp.zeros(1)).round(3)  # ln(Φ(e/2) - Φ(-e/2))
    Array([-0.191], dtype=float64)
    """
    a, b, c = (predictions[..., kind, :] for kind in range(3))
    c = jnp.clip(c, np.log(LEAST_SCALE), np.log(MOST_SCALE))
    # |y - μ| has the same probability and keeps both ends left of 0, where logarithms are exact.
    distance = jnp.abs(tokens[..., None] - INPUT_SCALE * b)
    upper, lower = ((half - distance) * jnp.exp(-c) for half in (0.5, -0.5))
    below = log_ndtr(lower) - log_ndtr(upper)
    inside = log_ndtr(upper) + jnp.log(-jnp.expm1(jnp.minimum(below, -1e-30)))
    return logsumexp(jax.nn.log_softmax(a, axis=-1) + inside, axis=-1)


def on_lattice(predictions: np.ndarray) -> np.ndarray:
    """Whole numbers of steps of a, μ and ln s, shape (..., 3, N_M), int32.

    >>> on_lattice(np.array([[0.1], [0.5], [0.0]])).tolist()  # 1.6, 160, and ln 1 of 0.04 .. 64
    [[2], [160], [27]]
    """
    return np.rint(_in_steps(predictions)).astype(np.int32)


def distance_from_tie(predictions: np.ndarray) -> np.ndarray:
    """How far each is from where rounding changes, in steps: 0 to 1/2."""
    steps = _in_steps(predictions)
    return 0.5 - np.abs(steps - np.rint(steps))


def other_side(predictions: np.ndarray) -> np.ndarray:
    """The second nearest number of the lattice, int32: what the other rounding would be.

    >>> other_side(np.array([[0.1], [0.5], [0.0]])).tolist()  # 1.6, 160, and 27.48
    [[1], [161], [28]]
    """
    steps = _in_steps(predictions)
    nearest = np.rint(steps)
    return (nearest + np.where(steps >= nearest, 1, -1)).astype(np.int32)


def _in_steps(predictions: np.ndarray) -> np.ndarray:
    steps = np.asarray(predictions, np.float64) * STEPS_A_UNIT[:, None] - LATTICE_START[:, None]
    least, most = _RANGE[..., None]
    return np.clip(steps, least, most)


_RANGE = np.array([[-(2.0**20), -(2.0**20), 0.0], [2.0**20, 2.0**20, SCALES - 1]])
"""Of the lattice's numbers: what a network says beyond is taken for the nearest."""
