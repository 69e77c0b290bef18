"""An inequality of the theory that intervals prove over a box: the object and its decorator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rdtheory.bounds.dual import Number
from rdtheory.bounds.enclosure import Enclosure, enclose_minimum
from rdtheory.bounds.stated import stated
from rdtheory.bounds.verdict import Verdict


@dataclass(frozen=True)
class EnclosedInequality:
    """f > 0 for every point of a box, shown by `enclose_minimum`.

    Attributes:
        statement: what f > 0 says, in a line.
        labels: of the theory page.
        box: the ends of every variable, by name.
        slack: f, of the variables in the order of the box.

    >>> square = EnclosedInequality("1 + x² > 0", (), {"x": (-9.0, 9.0)}, lambda x: x**2 + 1)
    >>> square.run().margin >= 0.5
    True
    """

    statement: str
    labels: tuple[str, ...]
    box: Mapping[str, tuple[float, float]]
    slack: Callable[..., Number]

    @property
    def how(self) -> str:
        """By what means it is shown."""
        return "interval arithmetic over a box"

    def enclose(self) -> Enclosure:
        """The minimum of the slack over the box, from both sides."""
        return enclose_minimum(self.slack, self.box)

    def run(self) -> Verdict:
        """Whether f > 0 is proved; the margin is a certified lower bound of f on the box."""
        found = self.enclose()
        where = ", ".join(f"{name} = {value:.6g}" for name, value in found.point.items())
        detail = (
            f"{found.outcome}: least slack in [{found.lowest:.3g}, {found.smallest:.3g}],"
            f" {found.boxes} boxes; smallest seen at {where}"
        )
        return Verdict(found.holds, found.lowest, detail)


def inequality(
    **box: tuple[float, float],
) -> Callable[[Callable[..., Number]], EnclosedInequality]:
    """Makes an `EnclosedInequality` of its slack, whose docstring says what is > 0, with labels.

    >>> @inequality(log_steps=(0.0, 7.0))
    ... def steps_exceed_their_logarithm(log_steps):
    ...     '''T > ln T [T5.2].'''
    ...     return log_steps.exp() - log_steps
    >>> steps_exceed_their_logarithm.run().holds
    True
    """

    def wrap(slack: Callable[..., Number]) -> EnclosedInequality:
        return EnclosedInequality(*stated(slack), box, slack)

    return wrap
