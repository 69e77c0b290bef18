"""The setting of a codec that meets a target: as large a file as fits, or the least good enough.

Bytes and PSNR grow with the quality setting, but not always: encoders decide by approximate costs.
So the search halves the range of settings down to the first that oversteps a byte budget (or that
reaches a PSNR), tries its neighbours too, and takes the best of all that were tried.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, floor

from rdtheory.codecs.codec import Target
from rdtheory.errors import InputError
from rdtheory.progress import track


@dataclass(frozen=True)
class Attempt:
    """What one setting gave.

    Attributes:
        setting: of the codec.
        data: the whole file.
        counted_bytes: what counts against a budget.
        psnr_db: of its reconstruction; NaN where the target is none.
    """

    setting: float
    data: bytes
    counted_bytes: int
    psnr_db: float


def search(
    settings: Sequence[float],
    attempt: Callable[[float], Attempt],
    target: Target,
    positions: int,
    label: str,
) -> Attempt:
    """The largest file within a byte budget, or the smallest that reaches a PSNR.

    Args:
        settings: of the codec, from the worst quality to the best.
        attempt: what a setting gives.
        target: to be met.
        positions: pixels among which a rate is shared.
        label: of the codec, for the error and the progress bar.

    Raises:
        InputError: if no setting that was tried meets the target; it tells the nearest.

    >>> def attempt(setting):
    ...     return Attempt(setting, bytes(10 * setting), 10 * setting, float("nan"))
    >>> search(range(1, 101), attempt, Target("bytes", 123), 64, "codec").setting
    12
    """
    attempt = cache(attempt)
    tried: dict[float, Attempt] = {}

    def good(index: int) -> bool:
        made = tried[index] = attempt(settings[index])
        if target.kind == "psnr":
            return made.psnr_db >= target.value
        return made.counted_bytes > target.most_bytes(positions)

    low, high = 0, len(settings)
    for _ in track(range(high.bit_length()), f"{label}: searching its setting"):
        if low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if good(middle) else (middle + 1, high)
    for neighbour in range(max(low - 2, 0), min(low + 2, len(settings))):
        good(neighbour)
    if target.kind == "psnr":
        return _smallest(tried.values(), target.value, label)
    return _largest(tried.values(), target, positions, label)


def _smallest(tried: Collection[Attempt], psnr_db: float, label: str) -> Attempt:
    good = [one for one in tried if one.psnr_db >= psnr_db]
    if good:
        return min(good, key=lambda one: (one.counted_bytes, -one.psnr_db))
    best = floor(100 * max(one.psnr_db for one in tried)) / 100
    raise InputError(
        "psnr", f"{psnr_db:g} dB", f"at most {best:.2f} dB, what {label} has for this picture"
    )


def _largest(tried: Collection[Attempt], target: Target, positions: int, label: str) -> Attempt:
    budget = target.most_bytes(positions)
    fitting = [one for one in tried if one.counted_bytes <= budget]
    if fitting:
        return max(fitting, key=lambda one: (one.counted_bytes, one.setting))
    least = min(one.counted_bytes for one in tried)
    least_bpp = ceil(8e4 * least / positions) / 1e4
    raise InputError(
        target.kind,
        f"{target.value:g}, {budget} bytes here",
        f"at least {least} bytes ({least_bpp:.4f} bpp), what {label} has for this picture",
    )
