"""The sizes of the variational diffusion models, by name."""

from dataclasses import dataclass

from rdtheory.arrays import whole_number
from rdtheory.errors import InputError


@dataclass(frozen=True)
class DenoiserConfig:
    """Sizes of a denoiser; see `network`.

    Attributes:
        patch: side of the squares of pixels that become channels of one position.
        widths: channels at each level; each level has half the resolution of the one before.
        blocks: residual blocks on the way down, and again on the way up, at each level; at the
            last level, between the two ways.
        attention: whether positions of the last level attend to each other.
        crop: side of the pictures that it is trained on.
        emphasis: of large noise, and so of low rates, in training: 0 to 1; see
            `variational_bound`.

    Raises:
        InputError: if one is out of range.

    >>> CONFIGS["small"].reach
    8
    """

    patch: int
    widths: tuple[int, ...]
    blocks: tuple[int, ...]
    attention: bool
    crop: int = 64
    emphasis: float = 0.0

    def __post_init__(self) -> None:
        whole_number("patch", self.patch, 64)
        whole_number("crop", self.crop, 2**12)
        for width in self.widths:
            whole_number("widths", width, 2**14)
        levels, whole = len(self.widths), all(type(count) is int for count in self.blocks)
        if not (whole and min(self.blocks) >= 0 and max(self.blocks) <= 2**8):
            raise InputError("blocks", self.blocks, "whole numbers from 0 to 256")
        if not 1 <= levels == len(self.blocks) <= 8:
            raise InputError("blocks", self.blocks, f"as many as widths, {levels}, up to 8")
        if not 0 <= self.emphasis <= 1:
            raise InputError("emphasis", self.emphasis, "a number from 0 to 1")

    @property
    def reach(self) -> int:
        """Sides of pictures are padded to multiples of this."""
        return self.patch * 2 ** (len(self.widths) - 1)


CONFIGS = {
    "tiny": DenoiserConfig(patch=4, widths=(8, 8), blocks=(1, 1), attention=False, crop=16),
    "small": DenoiserConfig(
        patch=2, widths=(48, 96, 128), blocks=(2, 2, 3), attention=False, emphasis=1.0
    ),
    "unet64": DenoiserConfig(patch=1, widths=(64, 128, 192), blocks=(2, 3, 6), attention=True),
    # Kingma, Salimans, Poole and Ho 2021 (arXiv 2107.00630), for 64x64: no change of resolution.
    "vdm64": DenoiserConfig(patch=1, widths=(256, 256), blocks=(32, 0), attention=True),
}
"""tiny: for tests; small: shipped, trained on a CPU; unet64, vdm64: for an accelerator."""
