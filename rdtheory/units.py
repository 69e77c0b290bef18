"""Nats, bits, decibels: the only place where units are converted [T0].

Inside the library rates are nats, summed over dimensions; at the interfaces they are bits, per
dimension where the name says so. Every function is elementwise and keeps the kind of its argument
(number, NumPy or JAX array).
"""

from math import log
from typing import Any

NATS_PER_BIT = log(2.0)
NATS_PER_DB = log(10.0) / 10.0
"""A power ratio of 1 dB is a ratio of exp(NATS_PER_DB)."""


def bits_from_nats(nats: Any) -> Any:
    """Bits = nats / ln 2.

    >>> bits_from_nats(NATS_PER_BIT)
    1.0
    """
    return nats / NATS_PER_BIT


def nats_from_bits(bits: Any) -> Any:
    """Nats = bits · ln 2.

    >>> round(nats_from_bits(1.0), 6)
    0.693147
    """
    return bits * NATS_PER_BIT


def db_from_nats(log_ratio: Any) -> Any:
    """Decibels of a power ratio given by its natural logarithm: 10 log10 r = ln r · 10 / ln 10.

    >>> round(db_from_nats(NATS_PER_BIT), 4)  # the 3 dB of the flow: a factor of two
    3.0103
    """
    return log_ratio / NATS_PER_DB


def nats_from_db(db: Any) -> Any:
    """Natural logarithm of a power ratio given in decibels.

    >>> round(nats_from_db(10.0), 6)
    2.302585
    """
    return db * NATS_PER_DB
