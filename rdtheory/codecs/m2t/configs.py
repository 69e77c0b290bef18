"""The sizes of the masked transformers and of their autoencoders, by name."""

from dataclasses import dataclass, fields
from typing import Any

from rdtheory.arrays import number, whole_number
from rdtheory.codecs.m2t.schedule import MOST_SIDE
from rdtheory.errors import InputError

WAYS = ("m2t", "mt", "ar")
"""M2T, MT, and full AR."""

_MOST = {"side": MOST_SIDE, "mixtures": 16, "layers": 64, "heads": 64, "blocks": 16}
_MOST_CHANNELS = 2**14


def _check_sizes(config: Any) -> None:
    for field in fields(config):
        whole_number(field.name, getattr(config, field.name), _MOST.get(field.name, _MOST_CHANNELS))


@dataclass(frozen=True)
class TransformerConfig:
    """Sizes of a transformer; see `transformer`.

    Attributes:
        channels: c, whole numbers of a token.
        side: w_T, of the square patch of tokens.
        width: of a slot within the network.
        layers: blocks of attention and perceptron.
        heads: of attention.
        hidden: of the perceptron.
        mixtures: N_M, Gaussians of a prediction.

    Raises:
        InputError: if one is out of range, or `heads` does not divide `width`.

    >>> TRANSFORMERS["base"].tokens
    576
    """

    channels: int
    side: int
    width: int
    layers: int
    heads: int
    hidden: int
    mixtures: int = 3

    def __post_init__(self) -> None:
        _check_sizes(self)
        if self.width % self.heads:
            raise InputError("heads", self.heads, f"one that divides the width, {self.width}")

    @property
    def tokens(self) -> int:
        """w."""
        return self.side**2


TRANSFORMERS = {
    "tiny": TransformerConfig(channels=4, side=4, width=16, layers=2, heads=2, hidden=32),
    "small": TransformerConfig(channels=96, side=8, width=128, layers=4, heads=4, hidden=512),
    # The source's, "Base" of Dosovitskiy et al. 2020 (arXiv 2010.11929).
    "base": TransformerConfig(channels=192, side=24, width=768, layers=12, heads=12, hidden=3072),
}


@dataclass(frozen=True)
class AutoencoderConfig:
    """Sizes of an autoencoder; see `autoencoder`.

    Attributes:
        channels: c, of the features: those of a token.
        width: channels everywhere else.
        blocks: residual bottlenecks between changes of resolution.

    Raises:
        InputError: if one is out of range.
    """

    channels: int
    width: int
    blocks: int = 3

    def __post_init__(self) -> None:
        _check_sizes(self)


AUTOENCODERS = {
    "tiny": AutoencoderConfig(channels=4, width=8, blocks=1),
    "small": AutoencoderConfig(channels=96, width=48, blocks=1),
    "base": AutoencoderConfig(channels=192, width=256),
}


@dataclass(frozen=True)
class M2tConfig:
    """A codec: an autoencoder, and transformers that predict its tokens.

    Attributes:
        autoencoder: its sizes.
        transformer: sizes of each transformer.
        ways: "m2t", "mt" and "ar": a transformer for each. The autoencoder is trained on the bits
            of the first.
        steps: S of M2T's schedule.
        alpha: α of it.
        log_scales: least and most log2 q: what is rounded are features times q.
        distortion_weight: λ, bits a dimension for a squared grey level, at q = 1; at others λ q².
        fixed_autoencoder: whether only transformers are trained.
        crop: side of the pictures that it is trained on, a multiple of 16 side.

    Raises:
        InputError: if one is out of range, or autoencoder and transformer do not fit together.
    """

    autoencoder: AutoencoderConfig
    transformer: TransformerConfig
    ways: tuple[str, ...] = ("m2t",)
    steps: int = 12
    alpha: float = 2.2
    log_scales: tuple[float, float] = (0.0, 0.0)
    distortion_weight: float = 0.005
    fixed_autoencoder: bool = False
    crop: int = 384

    def __post_init__(self) -> None:
        tokens, channels = self.transformer.tokens, self.autoencoder.channels
        if self.transformer.channels != channels:
            raise InputError("channels", self.transformer.channels, f"{channels}, of both alike")
        if not self.ways or {*self.ways} - {*WAYS} or len({*self.ways}) < len(self.ways):
            raise InputError("ways", self.ways, f"some of {', '.join(WAYS)}, each once")
        whole_number("steps", self.steps, tokens)
        number("alpha", self.alpha, lambda a: 0.1 <= a <= 10, "a number from 0.1 to 10")
        least, most = self.log_scales
        if not -16 <= least <= most <= 16:
            raise InputError("log_scales", self.log_scales, "two numbers from -16 to 16, in order")
        allowed = "a number > 0 and < 1e6"
        number("distortion_weight", self.distortion_weight, lambda w: 0 < w < 1e6, allowed)
        if whole_number("crop", self.crop, 2**12) % (16 * self.transformer.side):
            raise InputError("crop", self.crop, f"a multiple of {16 * self.transformer.side}")


CONFIGS = {
    "tiny": M2tConfig(
        AUTOENCODERS["tiny"], TRANSFORMERS["tiny"], ("m2t", "mt", "ar"), steps=4, crop=64
    ),
    "small": M2tConfig(
        AUTOENCODERS["small"],
        TRANSFORMERS["small"],
        ("m2t", "mt", "ar"),
        steps=8,
        log_scales=(-1.5, 1.5),
        distortion_weight=0.004,
        crop=128,
    ),
    "base": M2tConfig(AUTOENCODERS["base"], TRANSFORMERS["base"], ("m2t", "mt", "ar")),
}
"""tiny: for tests; small: the package's; base: the source's, for an accelerator."""
