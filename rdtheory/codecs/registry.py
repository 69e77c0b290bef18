"""The codecs by name; each is loaded when it is asked for, as each may need its own packages."""

import inspect
from importlib import import_module
from typing import Any

from rdtheory.codecs.codec import Codec
from rdtheory.container import StreamError
from rdtheory.errors import InputError

_CODECS = {
    "jpeg": "rdtheory.codecs.classical.jpeg:Jpeg",
    "jpeg-headerless": "rdtheory.codecs.classical.jpeg:JpegHeaderless",
    "jpeg2000": "rdtheory.codecs.classical.jpeg2000:Jpeg2000",
    "jpeg-xl": "rdtheory.codecs.classical.jpeg_xl:JpegXl",
    "webp": "rdtheory.codecs.classical.webp:WebP",
    "avif": "rdtheory.codecs.classical.avif:Avif",
    "heic": "rdtheory.codecs.classical.heic:Heic",
    "diffc": "rdtheory.codecs.diffc.codec:DiffC",
    "m2t": "rdtheory.codecs.m2t.codec:M2T",
    "mt": "rdtheory.codecs.m2t.codec:MT",
    "ar": "rdtheory.codecs.m2t.codec:FullAR",
}
"""Where two recognise the same streams, the first decodes them."""


class MissingPackageError(InputError):
    """A codec whose packages are not installed.

    >>> raise MissingPackageError("codec", "heic", "codecs whose packages are installed")
    Traceback (most recent call last):
    ...
    rdtheory.codecs.registry.MissingPackageError: codec: got heic;
    allowed: codecs whose packages are installed
    """


def codec_names() -> tuple[str, ...]:
    """The names of all codecs, whether or not what they need is installed.

    >>> codec_names()[0], codec_names()[-1]
    ('jpeg', 'ar')
    """
    return tuple(_CODECS)


def codec(name: str, **options: Any) -> Codec:
    """The codec of a name.

    Args:
        name: one of `codec_names()`.
        **options: of its own, as its class documents.

    Raises:
        InputError: if there is no such codec, it lacks a package, or knows no such option.

    >>> codec("jpeg").label
    'JPEG 4:2:0'
    """
    kind = codec_class(name)
    known = list(inspect.signature(kind).parameters)
    for option in options:
        if option not in known:
            raise InputError(
                "option", f"{option} for the codec {name}", ", ".join(known) or "none for this one"
            )
    return kind(**options)


def codec_class(name: str) -> type[Codec]:
    """The class of the codec of a name, without its options.

    Raises:
        InputError: if there is no such codec, or it lacks a package.

    >>> codec_class("webp").name
    'webp'
    """
    if name not in _CODECS:
        raise InputError("codec", repr(name), ", ".join(_CODECS))
    module, _, attribute = _CODECS[name].partition(":")
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == __name__.partition(".")[0]:
            raise
        raise MissingPackageError(
            "codec",
            f"{name}, which needs the package {missing}",
            "codecs whose packages are installed",
            "pip install 'rdtheory[codecs]'",
        ) from None


def codec_of_stream(data: bytes, **options: Any) -> Codec:
    """The codec that made a stream, told by how it starts.

    Args:
        data: the stream.
        **options: for the codec.

    Raises:
        StreamError: if no codec that is installed knows it.
        InputError: if the codec knows no such option.

    >>> codec_of_stream(bytes.fromhex("FFD8FFE0")).name
    'jpeg'
    """
    lacking = []
    for name in _CODECS:
        try:
            if codec_class(name).recognises(data):
                return codec(name, **options)
        except MissingPackageError:
            lacking.append(name)
    raise StreamError(
        "stream",
        f"{len(data)} bytes that no codec knows",
        f"a stream of {', '.join(name for name in _CODECS if name not in lacking)}",
        f"for {', '.join(lacking)}, pip install 'rdtheory[codecs]'" if lacking else "",
    )
