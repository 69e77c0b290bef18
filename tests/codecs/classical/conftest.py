"""Pictures made on the spot, and the classical codecs."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from rdtheory.codecs.classical.still_codec import StillCodec
from rdtheory.codecs.media import Picture
from rdtheory.codecs.registry import codec, codec_class, codec_names

CLASSICAL = [name for name in codec_names() if issubclass(codec_class(name), StillCodec)]


def smooth(height, width, channels, seed=0):
    """A blurred Gaussian field, over the whole range of grey levels."""
    field = np.random.default_rng(seed).normal(size=(height, width, channels))
    field = gaussian_filter(field, (1.5, 1.5, 0), mode="nearest")
    field = (field - field.mean()) / max(field.std(), 1e-6)
    return Picture.from_values(0.4 * field)


@pytest.fixture(params=CLASSICAL)
def classical(request):
    return codec(request.param)
