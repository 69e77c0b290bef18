"""The law of the index that sends a sample of one target q = N(μ, s² I_d), p = N(0, I_d)."""

from typing import Any

import numpy as np

from rdtheory.arrays import float64
from rdtheory.channel_simulation.laws.index_law import IndexLaw
from rdtheory.channel_simulation.level_sets import LevelSets
from rdtheory.errors import InputError
from rdtheory.units import bits_from_nats


class TargetLaw(IndexLaw):
    """What the laws of all schemes for one target share."""

    def __init__(self, shift: Any, std: Any = 1.0, dim: int = 1) -> None:
        for name, value in (("shift", shift), ("std", std)):
            if np.ndim(float64(np, name, value)):
                raise InputError(name, f"shape {np.shape(value)}", "a number")
        self._sets = LevelSets(shift, std, dim)

    @property
    def shift(self) -> float:
        """‖μ‖."""
        return float(self._sets.shift)

    @property
    def std(self) -> float:
        """s."""
        return float(self._sets.std)

    @property
    def dim(self) -> int:
        """d."""
        return self._sets.dim

    @property
    def kl_bits(self) -> float:
        """KL(q ‖ p) in bits."""
        return float(bits_from_nats(self._sets.kl_nats))
