"""A proof by sympy: a statement and the steps that establish it, each decided symbolically.

Nothing is evaluated numerically. A step holds if sympy simplifies a difference to 0, knows an
expression to be positive from the signs of its symbols, or finds a limit; where it cannot decide,
the step fails. A number in (0, 1) is written x/(1 + x) with x > 0, so that its range is in its
form and not in an assumption that sympy would have to reason with.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import sympy

from rdtheory.bounds.stated import stated
from rdtheory.bounds.verdict import Verdict

Expression = Any
"""A sympy expression."""


@dataclass(frozen=True)
class Step:
    """One claim, decided.

    Attributes:
        claim: what is claimed.
        residual: what is left to show of it: 0 if it holds.

    >>> from sympy import Integer
    >>> Step("1 = 1", Integer(0)).holds
    True
    """

    claim: str
    residual: Expression

    @property
    def holds(self) -> bool:
        """Whether nothing is left to show."""
        return self.residual == 0


@dataclass(frozen=True)
class Proof:
    """A statement with the labels of the theory page, and the steps of its proof.

    Attributes:
        statement: one line of plain text.
        labels: of the theory page.
        steps: makes the steps, as `equal`, `positive` and `tends` do.

    >>> x = sympy.Symbol("x", positive=True)
    >>> proof = Proof("√(x²) = x for x > 0", (), lambda: [equal(sympy.sqrt(x**2), x)])
    >>> proof.run()
    Verdict(holds=True, margin=0.0, detail='1 step')
    """

    statement: str
    labels: tuple[str, ...]
    steps: Callable[[], Iterable[Step]]

    @property
    def how(self) -> str:
        """By what means it is shown."""
        return "sympy identity"

    def run(self) -> Verdict:
        """Decides the steps; the detail names the first that fails and what is left of it."""
        steps = list(self.steps())
        for step in steps:
            if not step.holds:
                return Verdict(False, 0.0, f"{step.claim} is not shown: {step.residual} is left")
        return Verdict(bool(steps), 0.0, f"{len(steps)} step{'s' * (len(steps) != 1)}")


def proof(steps: Callable[[], Iterable[Step]]) -> Proof:
    """Makes a `Proof` of the function that yields its steps; its docstring is the statement.

    >>> @proof
    ... def binomial():
    ...     '''(R + D)² = R² + 2RD + D² [T1.4].'''
    ...     r, d = sympy.symbols("R D")
    ...     yield equal((r + d) ** 2, r**2 + 2 * r * d + d**2)
    >>> binomial.statement, binomial.run().holds
    ('(R + D)² = R² + 2RD + D²', True)
    """
    return Proof(*stated(steps), steps)


def equal(left: Expression, right: Expression) -> Step:
    """left = right, wherever the symbols satisfy their assumptions.

    >>> x = sympy.Symbol("x", positive=True)
    >>> equal(sympy.log(x**2), 2 * sympy.log(x)).holds, equal(x, x + 1).residual
    (True, -1)
    """
    return Step(f"{left} = {right}", _simplified(sympy.sympify(left) - right))


def positive(expression: Expression) -> Step:
    """The expression is > 0: as a quotient of polynomials of positive symbols it has no minus.

    >>> x = sympy.Symbol("x", positive=True)
    >>> positive(1 - x / (1 + x)).holds, positive(1 - x).holds
    (True, False)
    """
    factored = sympy.factor(_simplified(expression))
    return Step(f"{expression} > 0", sympy.Integer(0) if factored.is_positive else factored)


def tends(expression: Expression, symbol: Expression, point: Any, value: Expression) -> Step:
    """The expression tends to `value` as a positive symbol tends to 0 from above, or to ∞.

    >>> x = sympy.Symbol("x", positive=True)
    >>> tends(sympy.sin(x) / x, x, 0, 1).holds
    True
    """
    found = sympy.limit(expression, symbol, point, "+")
    residual = sympy.Integer(0) if found == value else _simplified(found - value)
    return Step(f"{expression} -> {value} as {symbol} -> {point}", residual)


def stationary(expression: Expression, symbol: Expression, point: Expression) -> Step:
    """The derivative by a symbol vanishes at a point.

    >>> x = sympy.Symbol("x")
    >>> stationary((x - 1) ** 2, x, 1).holds
    True
    """
    return equal(sympy.diff(expression, symbol).subs(symbol, point), 0)


def _simplified(expression: Expression) -> Expression:
    """In lowest terms if rational, which decides whether it is 0; else as sympy can."""
    rational = expression.is_rational_function()
    return sympy.cancel(expression) if rational else sympy.simplify(expression)
