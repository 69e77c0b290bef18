"""A chain of inequalities, evaluated: its members in order, each with how well it is known."""

from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any


@dataclass(frozen=True)
class Member:
    """One side of an inequality.

    Attributes:
        name: the expression, in plain text.
        value: its value; infinite where the bound says nothing.
        error: |true - value| is at most that; 0 where only rounding is left.

    >>> Member("I", 0.91).error
    0.0
    """

    name: str
    value: float
    error: float = 0.0


@dataclass(frozen=True)
class Chain:
    """a_1 <= a_2 <= ..., evaluated for one source at one noise level.

    Attributes:
        members: from the smallest to the largest; equal ones count as in order.
        unit: what the values are measured in.

    >>> chain = Chain((Member("R", 1.0), Member("I", 1.25)), "nats")
    >>> chain.holds, chain.margin
    (True, 0.25)
    """

    members: tuple[Member, ...]
    unit: str

    @property
    def slacks(self) -> tuple[float, ...]:
        """How much each member exceeds the one before."""
        return tuple(_slack(below, above) for below, above in pairwise(self.members))

    @property
    def margin(self) -> float:
        """The smallest slack: how tight the chain is here."""
        return min(self.slacks)

    @property
    def holds(self) -> bool:
        """Whether no slack is negative beyond the errors of its two members and rounding."""
        pairs = zip(pairwise(self.members), self.slacks, strict=True)
        return all(slack >= -_allowance(*pair) for pair, slack in pairs)

    def to_dict(self) -> dict[str, Any]:
        """Names and values, ready for JSON."""
        return {
            "unit": self.unit,
            "members": {member.name: _plain(member.value) for member in self.members},
            "errors": {member.name: member.error for member in self.members},
            "holds": self.holds,
            "margin": _plain(self.margin),
        }


_ROUNDING = 1e-12
"""Relative: what the library promises of a closed form."""


def _slack(below: Member, above: Member) -> float:
    # Two infinities of one sign compare as equal: nothing is claimed there.
    return 0.0 if below.value == above.value else above.value - below.value


def _allowance(below: Member, above: Member) -> float:
    scale = min(abs(below.value), abs(above.value))  # never infinite where it matters
    return below.error + above.error + _ROUNDING * scale


def _plain(value: float) -> float | None:
    """None for what JSON has no number for."""
    return value if abs(value) < inf else None
