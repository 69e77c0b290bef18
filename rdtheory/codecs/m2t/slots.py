"""The transformer's input: slots that carry a token each, and predict another.

MT      w slots: slot j carries token j, or the mask, and predicts token j; all see all [67-71]
M2T     group i of slots carries the tokens of M_{i-1} and predicts those of M_i; it sees the
        groups up to i, so that one pass predicts everything, and a coder feeds group after
        group. The shorter of the two is filled up: by masks at the input [76], where a
        schedule has shrinking groups by slots that predict nothing [72-82]
full AR M2T with groups of one in raster order: slot 1 carries the mask, START [78]
"""

from dataclasses import dataclass

import numpy as np

from rdtheory.codecs.m2t.schedule import Schedule


@dataclass(frozen=True, eq=False)
class Slots:
    """What N slots carry and predict. Locations are 0 .. w - 1; w stands for none.

    Attributes:
        tokens: w.
        carried: location of the token that a slot carries, shape (N,).
        predicted: location of the token that it predicts, shape (N,).
        lengths: slots of each group, which follow each other.

    >>> from rdtheory.codecs.m2t.schedule import schedule
    >>> slots = grouped(schedule("raster", 2, 2, alpha=1.6))
    >>> slots.carried, slots.predicted, slots.lengths
    (array([4, 0, 4, 4]), array([0, 1, 2, 3]), (1, 3))
    """

    tokens: int
    carried: np.ndarray
    predicted: np.ndarray
    lengths: tuple[int, ...]

    @property
    def groups(self) -> np.ndarray:
        """Number of the group of each slot, shape (N,)."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @property
    def visible(self) -> np.ndarray:
        """Whether slot i sees slot j, shape (N, N): block triangular [75]."""
        return self.groups[:, None] >= self.groups

    @property
    def slices(self) -> list[slice]:
        """Where each group is."""
        ends = np.cumsum(self.lengths).tolist()
        return [slice(end - length, end) for end, length in zip(ends, self.lengths, strict=True)]


def together(tokens: int) -> Slots:
    """MT's slots.

    >>> together(2).visible
    array([[ True,  True],
           [ True,  True]])
    """
    return Slots(tokens, np.arange(tokens), np.arange(tokens), (tokens,))


def grouped(schedule: Schedule) -> Slots:
    """M2T's slots for a schedule with an order."""
    tokens, groups = len(schedule.order), schedule.groups
    carried, predicted, lengths = [], [], []
    for before, group in zip([np.array([], int), *groups], groups, strict=False):
        lengths.append(max(len(before), len(group)))
        carried.append(_filled(before, lengths[-1], tokens))
        predicted.append(_filled(group, lengths[-1], tokens))
    return Slots(tokens, np.concatenate(carried), np.concatenate(predicted), tuple(lengths))


def _filled(locations: np.ndarray, length: int, none: int) -> np.ndarray:
    return np.pad(locations, (0, length - len(locations)), constant_values=none)
