"""Rigorous proof of f > 0 over a box: best-first branch and bound on intervals.

Arithmetic on balls with outward rounding (`flint.arb`) turns a formula into a function that takes a
box and returns an interval holding every value of f on it. Three things make the enclosures tight
enough for wide boxes:

- the *centred form* f(c) + Σ ∂_i f(B) (B_i - c_i), whose excess shrinks with the square of the box;
- *monotonicity*: where ∂_i f has one sign on the box, the minimum lies on a face, and the box is
  replaced by that face;
- the box with the lowest bound is bisected next, along the direction in which f may vary most.

So the minimum over the whole box is enclosed from both sides: from below by the lowest bound left,
from above by the smallest value seen. The search ends when the lower end is positive and at least
half of the upper end (proved), when a value is certified negative (refuted: a counter-example), or
when the work runs out (undecided: as for an f that touches 0).
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from math import inf, isfinite, nextafter
from typing import Any

import numpy as np
from flint import arb, ctx

from rdtheory.arrays import float64, whole_number
from rdtheory.bounds.dual import Dual, Number, evaluate
from rdtheory.errors import InputError

Region = tuple[tuple[float, float], ...]
"""Lower and upper end of every variable."""


@dataclass(frozen=True)
class Enclosure:
    """What is certain about the minimum of f over a box.

    Attributes:
        lowest: certified: f >= lowest on the whole box; -inf if nothing could be said.
        smallest: certified: f <= smallest at `point`; inf if f was defined at no point looked at.
        point: where, by the names of the variables; the counter-example where f is negative.
        boxes: boxes examined.
        depth: the most bisections that led to one of them.

    >>> Enclosure(0.5, 0.6, {"x": 1.0}, 7, 3).outcome
    'proved'
    """

    lowest: float
    smallest: float
    point: Mapping[str, float]
    boxes: int
    depth: int

    @property
    def outcome(self) -> str:
        """'proved' (f > 0 on the box), 'refuted' (f < 0 at `point`) or 'undecided'."""
        if self.lowest > 0:
            return "proved"
        return "refuted" if self.smallest < 0 else "undecided"

    @property
    def holds(self) -> bool:
        """Whether f > 0 on the whole box is proved."""
        return self.outcome == "proved"

    def to_dict(self) -> dict[str, Any]:
        """Names and plain numbers, ready for JSON; None for what is not known."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        finite = {
            name: value if name == "point" or isfinite(value) else None
            for name, value in values.items()
        }
        return finite | {"point": dict(self.point), "outcome": self.outcome}


def enclose_minimum(
    function: Callable[..., Number],
    box: Mapping[str, tuple[float, float]],
    *,
    precision_bits: int = 106,
    most_boxes: int = 20_000,
) -> Enclosure:
    """Proves f > 0 on a box, refutes it, or says that the work did not suffice.

    Args:
        function: f, of one positional argument for each variable of the box, in its order; written
            with arithmetic and the methods of `rdtheory.bounds.dual.Dual`.
        box: the ends of every variable, by name; finite, lower <= upper. Floats are taken as the
            exact numbers that they are.
        precision_bits: of the arithmetic, 2 to 100,000.
        most_boxes: the work limit.

    Raises:
        InputError: if the function, what it returns, the box or a limit is not as above.

    >>> enclose_minimum(lambda x: x * x - x + 1, {"x": (-2.0, 2.0)}).outcome
    'proved'
    >>> enclose_minimum(lambda x: x * x - x, {"x": (-2.0, 2.0)}).point
    {'x': 0.5}
    >>> touching = enclose_minimum(lambda x: x * x, {"x": (-1.0, 2.0)}, most_boxes=100)
    >>> touching.outcome
    'undecided'
    """
    region = _checked_region(box)
    if whole_number("precision_bits", precision_bits, most=100_000) < 2:
        raise InputError("precision_bits", precision_bits, "at least 2")
    if not callable(function):
        raise InputError("function", function, "a function of the variables of the box")
    most_boxes = whole_number("most_boxes", most_boxes)
    with ctx.workprec(precision_bits):
        search = _Search(function)
        search.examine(region, 0)
        while not search.finished and search.boxes + 2 <= most_boxes:
            search.split_lowest()
    point = dict(zip(box, search.point, strict=True)) if search.point else {}
    return Enclosure(search.lowest, search.smallest, point, search.boxes, search.depth)


_TIGHT = 0.5
"""The lower bound is driven up to this share of the smallest value seen."""


class _Search:
    """The queue of boxes, lowest bound first, and the smallest value seen."""

    def __init__(self, function: Callable[..., Number]) -> None:
        self.function = function
        self.queue: list[tuple[float, int, int, Region, int | None]] = []
        self.boxes, self.depth = 0, 0
        self.smallest, self.point = inf, ()

    @property
    def lowest(self) -> float:
        return self.queue[0][0]

    @property
    def finished(self) -> bool:
        if self.smallest < 0 or self.queue[0][-1] is None:
            return True
        return self.lowest > 0 and self.lowest >= _TIGHT * self.smallest

    def split_lowest(self) -> None:
        _, _, depth, region, axis = heapq.heappop(self.queue)
        assert axis is not None
        low, high = region[axis]
        middle = low / 2 + high / 2
        for ends in ((low, middle), (middle, high)):
            self.examine((*region[:axis], ends, *region[axis + 1 :]), depth + 1)

    def examine(self, region: Region, depth: int) -> None:
        """Bounds f on a box from below, after reducing it to the face that holds its minimum."""
        self.boxes, self.depth = self.boxes + 1, max(self.depth, depth)
        value = self._evaluate(region)
        while (face := _minimising_face(region, value.gradient)) != region:
            region, value = face, self._evaluate(face)
        centre = tuple(low / 2 + high / 2 for low, high in region)
        at_centre = arb(self.function(*map(arb, centre)))
        self._see(at_centre, centre)
        centred = at_centre + sum(
            slope * (_interval(ends) - middle)
            for slope, ends, middle in zip(value.gradient, region, centre, strict=True)
        )
        lowest = max(_float_below(value.value), _float_below(centred))
        axis = _steepest_axis(region, value.gradient)
        heapq.heappush(self.queue, (lowest, self.boxes, depth, region, axis))

    def _evaluate(self, region: Region) -> Dual:
        value = evaluate(self.function, *map(_interval, region))
        try:
            if value.value is None:  # which arb takes for 0
                raise TypeError
            return Dual(arb(value.value), map(arb, value.gradient))
        except (TypeError, ValueError):
            given = f"one that returns {value.value!r}"
            raise InputError("function", given, "one that returns a number") from None

    def _see(self, value: arb, point: tuple[float, ...]) -> None:
        highest = -_float_below(-value)
        if highest < self.smallest:
            self.smallest, self.point = highest, point


def _minimising_face(region: Region, gradient: tuple[arb, ...]) -> Region:
    return tuple(
        (low, low) if slope >= 0 else (high, high) if slope <= 0 else (low, high)
        for (low, high), slope in zip(region, gradient, strict=True)
    )


def _steepest_axis(region: Region, gradient: tuple[arb, ...]) -> int | None:
    """The axis along which f may vary most; None if the box cannot be divided."""
    widths = [high - low if low < low / 2 + high / 2 < high else 0.0 for low, high in region]
    slopes = [float(slope.abs_upper()) for slope in gradient]
    if not all(map(isfinite, slopes)):
        slopes = [1.0] * len(slopes)
    variations = [width * slope for width, slope in zip(widths, slopes, strict=True)]
    return max(range(len(widths)), key=variations.__getitem__) if any(variations) else None


def _interval(ends: tuple[float, float]) -> arb:
    low, high = ends
    return arb(low) if low == high else arb(low).union(arb(high))


def _float_below(value: arb) -> float:
    """A float that every number of the interval exceeds or equals; -inf for no number."""
    return nextafter(float(value.lower()), -inf) if value.is_finite() else -inf


def _checked_region(box: Mapping[str, tuple[float, float]]) -> Region:
    allowed = "names of variables, each with finite ends (lower, upper), lower <= upper"
    if not isinstance(box, Mapping) or not box:
        raise InputError("box", box, allowed)
    ends = float64(np, "box", list(box.values()))
    if (
        ends.shape != (len(box), 2)
        or not np.isfinite(ends).all()
        or (ends[:, 0] > ends[:, 1]).any()
    ):
        raise InputError("box", box, allowed)
    return tuple((low, high) for low, high in ends.tolist())
