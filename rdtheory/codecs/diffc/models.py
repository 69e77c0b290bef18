"""The models of DiffC by name, by file, and by the fingerprint in a stream."""

from functools import cache
from importlib import import_module
from pathlib import Path

from rdtheory.codecs.diffc.model import DiffusionModel
from rdtheory.container import StreamError
from rdtheory.errors import InputError

_FACTORIES = {
    "gaussian": "rdtheory.codecs.diffc.stationary:StationaryGaussian",
    "gaussian-patches": "rdtheory.codecs.diffc.patches:GaussianPatches",
    "mixture-patches": "rdtheory.codecs.diffc.mixture_patches:MixturePatches",
    "small": "rdtheory.codecs.diffc.variational:shipped_small",
}
NAMES = tuple(_FACTORIES)
DEFAULTS = {"picture": "small", "sound": "gaussian"}
"""The best of the package."""


def model_named(model: str | Path | DiffusionModel, kind: str = "picture") -> DiffusionModel:
    """A model by its name, by a file of weights, or by a folder of a `diffusers` pipeline.

    Args:
        model: a model is itself; "default" is the best of the package.
        kind: of media, "picture" or "sound".

    Raises:
        InputError: if there is none.
        StreamError: if a file is damaged.

    >>> model_named("gaussian").name
    'gaussian'
    """
    if isinstance(model, DiffusionModel):
        return model
    name = DEFAULTS[kind] if model == "default" else str(model)
    if name in NAMES:
        return _shipped(name)
    path = Path(model)
    if path.is_dir():
        from rdtheory.codecs.diffc.diffusers_model import DiffusersModel

        return DiffusersModel(path)
    if path.is_file():
        from rdtheory.codecs.diffc.variational import VariationalModel

        return VariationalModel.from_file(path)
    raise InputError(
        "model", repr(name), f"{', '.join(NAMES)}, a file of weights, or a folder of a pipeline"
    )


def model_of_stream(fingerprint: int, model: str | Path | DiffusionModel) -> DiffusionModel:
    """The model with a fingerprint: the one given, or one of the package's.

    Raises:
        StreamError: if it is none of these.
    """
    given = [] if model == "default" else [model_named(model)]
    for one in [*given, *map(_shipped, NAMES)]:
        if one.fingerprint == fingerprint:
            return one
    raise StreamError(
        "model", f"a stream of the model {fingerprint}", "one that is here", "pass its model"
    )


@cache
def _shipped(name: str) -> DiffusionModel:
    module, kind = _FACTORIES[name].split(":")
    return getattr(import_module(module), kind)()
