"""How many messages: the total bits of a T-step code, and the best T [T5.2].

More steps bring the cost of kernels of fixed variance down to the information, by the excess L²/T
[T5.1b]; but each message has an overhead, that of Eq. 3 unless told otherwise:

    bits(T) = C + L_b²/T + T · overhead(C/T),   overhead(c) = log2(c + 1) + 5

with C and L_b² = L²/ln 2 in bits. For this overhead and for any a + b ln(c + 1) with 2a >= b >= 0,
T² d bits/dT increases with T, so that there is one minimum.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rdtheory.arrays import number, whole_number
from rdtheory.errors import InputError
from rdtheory.units import bits_from_nats

Overhead = Callable[[float], float]
"""Bits that a message costs beyond its information, as a function of the latter in bits."""


def one_shot_overhead_bits(message_bits: float) -> float:
    """log2(c + 1) + 5 bits, the overhead of Eq. 3 [T1.2a].

    Args:
        message_bits: c, from 0 to 1e100.

    Raises:
        InputError: if it is not.

    >>> one_shot_overhead_bits(7.0)
    8.0
    """
    return float(bits_from_nats(np.log1p(_amount("message_bits", message_bits))) + 5)


@dataclass(frozen=True)
class StepCount:
    """A number T of messages and what they cost [T5.2].

    Attributes:
        steps: T.
        total_bits: the sum of the following three.
        information_bits: C.
        excess_bits: L_b²/T.
        overhead_bits: T · overhead(C/T).
        message_bits: C/T; the work of a message is exponential in it [T1.15b].

    >>> step_count(4, 2000.0, 225.634).message_bits
    500.0
    """

    steps: int
    total_bits: float
    information_bits: float
    excess_bits: float
    overhead_bits: float
    message_bits: float

    def to_dict(self) -> dict[str, Any]:
        """Names and numbers, ready for JSON."""
        return asdict(self)


def step_count(
    steps: int,
    information_bits: float,
    squared_length_bits: float,
    overhead: Overhead = one_shot_overhead_bits,
) -> StepCount:
    """bits(T) = C + L_b²/T + T · overhead(C/T) [T5.2].

    Args:
        steps: T, up to 10^12.
        information_bits: C, from 0 to 1e100.
        squared_length_bits: L_b² = L²/ln 2, from 0 to 1e100; `arc_length` gives L.
        overhead: takes the bits of a message, returns what it costs beyond them.

    Raises:
        InputError: if a number is out of range, or if the overhead is no finite number > 0.

    >>> round(step_count(4, 2000.0, 225.634).total_bits, 2)
    2112.28
    """
    steps = whole_number("steps", steps, _MOST_MESSAGES)
    information = _amount("information_bits", information_bits)
    squared_length = _amount("squared_length_bits", squared_length_bits)
    message, excess = information / steps, squared_length / steps
    overheads = steps * _overhead_at(overhead, message)
    total = information + excess + overheads
    return StepCount(steps, total, information, excess, overheads, message)


def best_step_count(
    information_bits: float,
    squared_length_bits: float,
    overhead: Overhead = one_shot_overhead_bits,
    largest_message_bits: float = np.inf,
) -> StepCount:
    """The T with the fewest bits, of those with C/T <= `largest_message_bits` [T5.2].

    Exact, by bisection, for an overhead such that bits(T) falls up to its minimum and rises from
    there, like that of Eq. 3 or a + b ln(c + 1) with 2a >= b >= 0.

    Args:
        information_bits: C, from 0 to 1e100.
        squared_length_bits: L_b² = L²/ln 2, from 0 to 1e100; `arc_length` gives L.
        overhead: takes the bits of a message, returns what it costs beyond them.
        largest_message_bits: what a machine can do: the work of a message is about 2^(C/T).

    Raises:
        InputError: if an argument is out of range, or if the best T is beyond 10^12.

    >>> best_step_count(2000.0, 225.634).steps
    4
    >>> round(best_step_count(2000.0, 225.634, largest_message_bits=16.0).total_bits, 2)
    3137.74
    """
    information = _amount("information_bits", information_bits)
    squared_length = _amount("squared_length_bits", squared_length_bits)
    largest = number(
        "largest_message_bits", largest_message_bits, lambda bits: bits > 0, "a number > 0"
    )
    fewest = np.ceil(information / largest)
    if not fewest < _MOST_MESSAGES:
        raise InputError(
            "largest_message_bits", largest, f"at least {information / _MOST_MESSAGES:.3g}"
        )

    def more_costs_more(steps: int) -> bool:
        here, next_ = (
            count * _overhead_at(overhead, information / count) for count in (steps, steps + 1)
        )
        return next_ - here >= squared_length / (steps * (steps + 1))

    candidates = range(max(1, int(fewest)), _MOST_MESSAGES)
    found = bisect_left(candidates, True, key=more_costs_more)
    if found == len(candidates):
        raise InputError(
            "overhead", "one for which more steps are always better", "a cost of every message"
        )
    return step_count(candidates[found], information, squared_length, overhead)


def stationary_step_count(information_bits: float, squared_length_bits: float) -> float:
    """The real T with L_b²/T² = log2(1 + x) - x/((1 + x) ln 2) + 5, x = C/T [T5.2].

    There bits(T) has its minimum over real T, with the overhead of Eq. 3; below 1 is one message.

    Args:
        information_bits: C, from 0 to 1e100.
        squared_length_bits: L_b² = L²/ln 2, finite and > 0; `arc_length` gives L.

    Raises:
        InputError: if an argument is out of range.

    >>> round(stationary_step_count(2000.0, 225.634), 3)
    4.259
    """
    information = _amount("information_bits", information_bits)
    squared_length = _amount("squared_length_bits", squared_length_bits)
    if squared_length == 0:
        raise InputError(
            "squared_length_bits", 0.0, "a number > 0", "without excess, T = 1 is best"
        )
    from scipy.optimize import root_scalar

    def excess(log_steps: float) -> float:
        x = information / np.exp(log_steps)
        marginal = bits_from_nats(np.log1p(x) - x / (1 + x)) + 5
        return 2 * log_steps + np.log(marginal / squared_length)

    # From 5 to 5 + log2(1 + x) bits, which is less than 5 e^12 whatever float64 holds.
    largest = np.log(squared_length / 5) / 2
    bracket = (largest - 6, largest + 1e-9)
    return float(np.exp(root_scalar(excess, bracket=bracket, xtol=1e-14, rtol=1e-14).root))


def _overhead_at(overhead: Overhead, message_bits: float) -> float:
    if not callable(overhead):
        raise InputError("overhead", overhead, "a function of the bits of a message")
    allowed = "a function with finite values > 0"
    return number("overhead", overhead(message_bits), lambda bits: 0 < bits < np.inf, allowed)


def _amount(name: str, value: Any) -> float:
    return number(name, value, lambda x: 0 <= x <= 1e100, "a number from 0 to 1e100")


_MOST_MESSAGES = 10**12
