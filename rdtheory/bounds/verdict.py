"""What a check of the theory found: the one result that `rdtheory verify` reads."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Whether a statement holds, by how much, and how that was seen.

    Attributes:
        holds: whether it was shown.
        margin: how tight it is. Of an inequality, the smallest certified slack; of an identity,
            0.0.
        detail: one line on how it was shown, or on where it fails.

    >>> Verdict(holds=True, margin=0.0, detail="3 steps").holds
    True
    """

    holds: bool
    margin: float
    detail: str
