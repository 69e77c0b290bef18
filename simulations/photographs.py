"""The pictures of an experiment: a collection of the user's, or the one photograph at hand."""

from pathlib import Path

import numpy as np
from matplotlib import cbook
from PIL import Image

from rdtheory.codecs.evaluation import read_collection
from rdtheory.codecs.media import Picture


def photographs(path: str, count: int) -> dict[str, Picture]:
    """Pictures by name: the first `count` of a folder, .tar or .npz; of "", Grace Hopper.

    >>> [picture.pixels.shape for picture in photographs("", 1).values()]
    [(64, 64, 3)]
    """
    if not path:
        return {"grace-hopper": Picture(grace_hopper(64))}
    return read_collection("pictures", Path(path), count)


def grace_hopper(side: int) -> np.ndarray:
    """Grace Hopper, 1984, U.S. Navy, public domain: the face, uint8, shape (side, side, 3)."""
    with Image.open(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))) as image:
        square = image.convert("RGB").crop((96, 32, 416, 352))
        return np.asarray(square.resize((side, side), Image.Resampling.BOX))
