"""How a message is divided: layered components, blocks of equal information, sections.

A message sends n vectors of M standardised components, component i through a Gaussian channel of
relative noise variance v_i, worth I_i = -½ log2 v_i bits each. A component worth more than the
crossover goes to the layered quantiser, which adds half a bit; the others are gathered, the most
informative first and all vectors of a component in a row, into blocks of equal expected information
for the truncated PFR, which adds about three bits a block.

Both sides derive the plan from v, n and three settings. Informations are rounded to 2^-16 bit first
and divided as whole numbers, so that the last digits of a float cannot change the plan.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rdtheory.arrays import Array, check, float64, whole_number
from rdtheory.errors import InputError

_UNIT = 2**16
"""Units in a bit."""

_MOST_BITS = 48
"""Bits of a component, so that the quantiser's whole numbers stay below 2^53."""

_LAYERED_SYMBOLS = 2**15
_BLOCKS = 512
"""Symbols of a layered section and blocks of a section: a few kilobytes, of which framing is 10."""


@dataclass(frozen=True)
class BlockSettings:
    """How components of little information are sent.

    Attributes:
        block_bits: expected information of a block, 4 to 24 bits.
        padding_bits: a block of I bits is chosen from 2^ceil(I + padding) candidates, 0 to 16.
        crossover_bits: components worth more are quantised one by one.
        circulant: whether blocks of 16 components and more use circulant codebooks.

    Raises:
        InputError: if a number is out of range.

    >>> BlockSettings(block_bits=14, padding_bits=2).candidates(13.5)
    65536
    """

    block_bits: float = 12.0
    padding_bits: float = 4.0
    crossover_bits: float = 1.5
    circulant: bool = True

    def __post_init__(self) -> None:
        ranges = {"block_bits": (4, 24), "padding_bits": (0, 16), "crossover_bits": (0, 24)}
        for name, (least, most) in ranges.items():
            value = float64(np, name, getattr(self, name))
            check(name, value, (value >= least) & (value <= most), f"{least} to {most} bits")
            object.__setattr__(self, name, float(value))
        if self.crossover_bits > self.block_bits / 2:
            raise InputError(
                "crossover_bits",
                self.crossover_bits,
                f"at most half of block_bits = {self.block_bits}, so that no block is empty",
            )

    def candidates(self, information_bits: float) -> int:
        """How many candidates a block of that expected information is chosen from."""
        return 2 ** int(np.ceil(information_bits + self.padding_bits))


@dataclass(frozen=True, eq=False)
class Block:
    """Some components of some vectors, coded together.

    Attributes:
        number: of the block in its message: its stream of candidates.
        components: i of each member, shape (d,).
        vectors: which vector each member belongs to, shape (d,).
    """

    number: int
    components: Array
    vectors: Array


@dataclass(frozen=True, eq=False)
class Plan:
    """The plan of a message of `vectors` vectors with relative noise variances v.

    Attributes:
        variances: v, shape (M,), in (0, 1]; 1 where nothing is sent.
        vectors: n.
        settings: how small components are gathered.

    Raises:
        InputError: if a variance is out of range, or a component is worth more than 48 bits.

    >>> plan = Plan(np.array([2.0**-8, 0.5, 0.5, 1.0]), vectors=20, settings=BlockSettings())
    >>> plan.layered, plan.block_count, len(plan.block(0).components)
    ([array([0])], 2, 20)
    """

    variances: Array
    vectors: int
    settings: BlockSettings

    def __post_init__(self) -> None:
        v = float64(np, "variances", self.variances)
        check("variances", v, (v > 0) & (v <= 1), "numbers above 0, at most 1")
        whole_number("vectors", self.vectors)
        if self._units.max(initial=0) > _MOST_BITS * _UNIT:
            raise InputError(
                "rate",
                f"{self._units.max() / _UNIT:.1f} bits in one component",
                f"at most {_MOST_BITS} bits in a component and step",
                "ask for a lower rate, or for more steps",
            )

    @cached_property
    def _units(self) -> Array:
        """Information of each component in units of 2^-16 bit, shape (M,)."""
        return np.rint(-np.log2(self.variances) / 2 * _UNIT).astype(np.int64)

    @cached_property
    def _large(self) -> Array:
        """The components that are quantised, the most informative first."""
        order = np.argsort(-self._units, kind="stable")
        return order[self._units[order] > self.settings.crossover_bits * _UNIT]

    @cached_property
    def _small(self) -> Array:
        """The components that go to blocks, the most informative first."""
        order = np.argsort(-self._units, kind="stable")
        units = self._units[order]
        return order[(units <= self.settings.crossover_bits * _UNIT) & (units > 0)]

    @cached_property
    def _before(self) -> Array:
        """Units of information before each small component and after all, over all vectors."""
        return np.concatenate(([0], np.cumsum(self._units[self._small] * self.vectors)))

    @property
    def sent(self) -> Array:
        """Which components are sent: those worth a unit at least, shape (M,)."""
        return self._units > 0

    @property
    def information_bits(self) -> float:
        """Expected information of the message, bits in all."""
        return float(-np.log2(self.variances[self.sent]).sum() / 2 * self.vectors)

    @property
    def layered(self) -> list[Array]:
        """The components that are quantised one by one, a group for each section."""
        group = max(1, _LAYERED_SYMBOLS // self.vectors)
        return [self._large[i : i + group] for i in range(0, len(self._large), group)]

    @property
    def block_count(self) -> int:
        """B, the number of blocks."""
        return int(-(-int(self._before[-1]) // round(self.settings.block_bits * _UNIT)))

    @property
    def block_information_bits(self) -> float:
        """Expected information of a block, bits."""
        return float(self._before[-1]) / _UNIT / max(1, self.block_count)

    @property
    def block_candidates(self) -> int:
        """How many candidates a block is chosen from."""
        return self.settings.candidates(self.block_information_bits)

    @property
    def block_sections(self) -> list[range]:
        """The numbers of the blocks of each section."""
        count = self.block_count
        return [range(i, min(i + _BLOCKS, count)) for i in range(0, count, _BLOCKS)]

    @property
    def section_count(self) -> int:
        """Sections of the message."""
        return len(self.layered) + len(self.block_sections)

    def block(self, number: int) -> Block:
        """Block `number`, from 0 to B - 1."""
        members = np.arange(self._start(number), self._start(number + 1))
        return Block(number, self._small[members // self.vectors], members % self.vectors)

    def _start(self, number: int) -> int:
        """The first member of a block, counting all vectors of one component, then of the next."""
        total, count = int(self._before[-1]), self.block_count
        if number == count:
            return len(self._small) * self.vectors
        # Exact: NumPy's whole numbers would overflow here.
        wanted = number * total // count
        component = int(np.searchsorted(self._before, wanted, side="right")) - 1
        units = int(self._units[self._small[component]])
        inside = (wanted - int(self._before[component])) // units
        return component * self.vectors + inside
