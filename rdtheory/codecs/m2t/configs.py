"""The sizes of the masked transformers and of their autoencoders, by name."""

from dataclasses import dataclass


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

    @property
    def tokens(self) -> int:
        """w."""
        return self.side**2


TRANSFORMERS = {
    "tiny": TransformerConfig(channels=4, side=4, width=16, layers=2, heads=2, hidden=32),
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
    """

    channels: int
    width: int
    blocks: int = 3


AUTOENCODERS = {
    "tiny": AutoencoderConfig(channels=4, width=8, blocks=1),
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


CONFIGS = {
    "tiny": M2tConfig(
        AUTOENCODERS["tiny"], TRANSFORMERS["tiny"], ("m2t", "mt", "ar"), steps=4, crop=64
    ),
    "base": M2tConfig(AUTOENCODERS["base"], TRANSFORMERS["base"], ("m2t", "mt", "ar")),
}
"""tiny: for tests; base: the source's sizes, for an accelerator."""
