"""Natural-image patch Gaussians that come with the library: X ~ N(mean, Σ), M = 256 [T1.10].

Both are fits to 16 x 16 grey patches of photographs that were reduced to 64 x 64 pixels by area
averaging; the setting of the source's Fig. 7 is `patches`. The data card, `data/README.md`, says
how they were made and on which terms, and `data/make.py` makes them again.
"""

from functools import cache
from importlib import resources

import numpy as np

from rdtheory.sources.gaussian import GaussianVector


def patches() -> GaussianVector:
    """X ~ N(mean, Σ), the Gaussian of 16 x 16 grey patches of 64 x 64 ImageNet pictures.

    Made from 999 photographs, one of each ImageNet class but one: the setting of Fig. 7A. A* gives
    no bit to 158 of the 256 components at 0.391 bits per dimension.

    Returns:
        M = 256 dimensions, the pixels of a patch along its rows, in 0..255. Eigenvalues are in grey
        levels squared, in decreasing order. The same object with read-only arrays each time.

    >>> source = patches()
    >>> source.dim
    256
    >>> source.eigenvalues[:3].round()
    array([557440.,  93846.,  74871.])
    """
    return _load("patches")


def photos() -> GaussianVector:
    """X ~ N(mean, Σ), the Gaussian of 16 x 16 grey patches of lossless photographs.

    Made from 206 photographs of the Cloudinary Image Dataset 2022 (CC BY-SA 4.0), reduced from
    512 x 512 to 64 x 64 pixels: a second opinion on what depends on the choice of pictures, and
    free of traces of JPEG.

    Returns:
        M = 256 dimensions, the pixels of a patch along its rows, in 0..255. Eigenvalues are in grey
        levels squared, in decreasing order. The same object with read-only arrays each time.

    >>> photos().eigenvalues[:3].round()
    array([810032.,  78701.,  67906.])
    """
    return _load("photos")


@cache
def _load(name: str) -> GaussianVector:
    path = resources.files("rdtheory.sources.data").joinpath(f"{name}.npz")
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {key: stored[key] for key in ("eigenvalues", "eigenvectors", "mean")}
    for array in arrays.values():
        array.setflags(write=False)
    return GaussianVector(**arrays)
