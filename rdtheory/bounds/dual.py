"""Derivatives of functions of intervals: dual numbers, forward mode, nested to any order.

A dual number is a value and its gradient with respect to the variables of a function. Values are
intervals (`flint.arb`) or dual numbers themselves, so that every derivative is an enclosure too,
and `partial(partial(f, 0), 1)` is a mixed second derivative. A function that is to be enclosed
takes all of its variables as arguments and uses arithmetic and the methods below, which `arb` has
under the same names.
"""

from collections.abc import Callable, Iterable
from typing import Any

Number = Any
"""An interval (`flint.arb`), a dual number of them, or an exact constant."""


class Dual:
    """A value and its gradient.

    >>> from flint import arb
    >>> x = Dual(arb(3), (1,))
    >>> (x * x + 1).value, (x * x + 1).gradient
    (10.0000000000000, (6.00000000000000,))
    """

    __slots__ = ("gradient", "value")

    def __init__(self, value: Number, gradient: Iterable[Number]) -> None:
        self.value, self.gradient = value, tuple(gradient)

    def __add__(self, other: Number) -> "Dual":
        if isinstance(other, Dual):
            slopes = zip(self.gradient, other.gradient, strict=True)
            return Dual(self.value + other.value, (a + b for a, b in slopes))
        return Dual(self.value + other, self.gradient)

    def __mul__(self, other: Number) -> "Dual":
        if isinstance(other, Dual):
            x, y = self.value, other.value
            slopes = zip(self.gradient, other.gradient, strict=True)
            return Dual(x * y, (y * a + x * b for a, b in slopes))
        return Dual(self.value * other, (other * a for a in self.gradient))

    def __truediv__(self, other: Number) -> "Dual":
        if isinstance(other, Dual):
            ratio = self.value / other.value
            slopes = zip(self.gradient, other.gradient, strict=True)
            return Dual(ratio, ((a - ratio * b) / other.value for a, b in slopes))
        return Dual(self.value / other, (a / other for a in self.gradient))

    def __neg__(self) -> "Dual":
        return Dual(-self.value, (-a for a in self.gradient))

    def __sub__(self, other: Number) -> "Dual":
        return self + (-other)

    def __rsub__(self, other: Number) -> "Dual":
        return -self + other

    def __rtruediv__(self, other: Number) -> "Dual":
        ratio = other / self.value
        return self._chain(ratio, -ratio / self.value)

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, power: int) -> "Dual":
        """x^n for whole n >= 1; tighter than a product of equal intervals."""
        return self._chain(self.value**power, power * self.value ** (power - 1))

    def sqrt(self) -> "Dual":
        """√x."""
        root = self.value.sqrt()
        return self._chain(root, 1 / (2 * root))

    def exp(self) -> "Dual":
        """e^x."""
        power = self.value.exp()
        return self._chain(power, power)

    def log(self) -> "Dual":
        """ln x."""
        return self._chain(self.value.log(), 1 / self.value)

    def cos(self) -> "Dual":
        """cos x."""
        return self._chain(self.value.cos(), -self.value.sin())

    def sin(self) -> "Dual":
        """sin x."""
        return self._chain(self.value.sin(), self.value.cos())

    def _chain(self, value: Number, slope: Number) -> "Dual":
        return Dual(value, (slope * a for a in self.gradient))


def evaluate(function: Callable[..., Number], *arguments: Number) -> Dual:
    """f and its gradient at the arguments.

    >>> from flint import arb
    >>> evaluate(lambda x, y: x * y, arb(3), arb(4)).gradient
    (4.00000000000000, 3.00000000000000)
    """
    return _as_dual(function(*_variables(arguments)), len(arguments))


def gradient(function: Callable[..., Number]) -> Callable[..., tuple[Number, ...]]:
    """∇f as a function of the same arguments.

    `function` must not capture variables of an outer derivative: all go through its arguments.

    >>> from flint import arb
    >>> gradient(lambda x, y: x * y * y)(arb(1), arb(4))
    (16.0000000000000, 8.00000000000000)
    """
    return lambda *arguments: evaluate(function, *arguments).gradient


def hessian(function: Callable[..., Number]) -> Callable[..., tuple[tuple[Number, ...], ...]]:
    """The second derivatives of f, row by row, as a function of the same arguments.

    >>> from flint import arb
    >>> hessian(lambda x, y: x * y * y)(arb(1), arb(4))[1]
    (8.00000000000000, 2.00000000000000)
    """

    def rows(*arguments: Number) -> tuple[tuple[Number, ...], ...]:
        count = len(arguments)
        slopes = gradient(function)(*_variables(arguments))
        return tuple(_as_dual(slope, count).gradient for slope in slopes)

    return rows


def _variables(arguments: tuple[Number, ...]) -> list[Dual]:
    """Each with derivative 1 with respect to itself."""
    count = range(len(arguments))
    return [Dual(value, (int(i == j) for j in count)) for i, value in enumerate(arguments)]


def _as_dual(value: Number, count: int) -> Dual:
    """A constant has the gradient 0."""
    return value if isinstance(value, Dual) else Dual(value, (0,) * count)
