"""The identities of the theory, proved by sympy: optimality conditions, slopes, forms, limits.

Each file has a topic's expressions and their proofs; `PROOFS` has all proofs.
"""

from rdtheory.symbolic import (
    ancestral_star,
    flow_star,
    gaussian,
    perception,
    progression,
    samplers,
    water_filling,
)
from rdtheory.symbolic.proof import Proof, Step, equal, positive, stationary, tends

PROOFS: tuple[Proof, ...] = (
    *gaussian.PROOFS,
    *water_filling.PROOFS,
    *ancestral_star.PROOFS,
    *flow_star.PROOFS,
    *progression.PROOFS,
    *perception.PROOFS,
    *samplers.PROOFS,
)
"""Every proof, by topic."""

__all__ = ["PROOFS", "Proof", "Step", "equal", "positive", "stationary", "tends"]
