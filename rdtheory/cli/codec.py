"""`rdtheory codec`: pictures and sounds to bytes at a rate or a quality, and back."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rdtheory.cli.arguments import check_writable
from rdtheory.errors import InputError

_Model = Annotated[
    str | None,
    typer.Option(metavar="NAME|FILE", help="Of diffc, m2t, mt and ar; the default if not given."),
]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_MEDIA_SUFFIXES = (".png", ".wav")


def list_codecs(as_json: _Json = False) -> None:
    """The codecs, and whether what they need is installed.

    Example: rdtheory codec list
    """
    from rdtheory.codecs.registry import MissingPackageError, codec_class, codec_names

    told = []
    for name in codec_names():
        try:
            told.append({"name": name, "label": codec_class(name).label, "installed": True})
        except MissingPackageError:
            told.append({"name": name, "label": None, "installed": False})
    if as_json:
        print(json.dumps(told))
        return
    for one in told:
        print(f"{one['name']:<16}  {one['label'] or 'needs pip install rdtheory[codecs]'}")


def encode(
    media_file: Annotated[
        Path, typer.Argument(metavar="IN.png", help="A picture, or a sound (.wav).")
    ],
    stream_file: Annotated[Path, typer.Argument(metavar="OUT.bin", help="The stream to write.")],
    name: Annotated[
        str, typer.Option("--codec", metavar="NAME", help="See rdtheory codec list, e.g. diffc.")
    ],
    bpp: Annotated[
        float | None,
        typer.Option(metavar="R", help="At most so many bits per pixel, or per sample of a sound."),
    ] = None,
    most_bytes: Annotated[
        int | None, typer.Option("--bytes", metavar="N", help="Or: at most so many bytes.")
    ] = None,
    psnr: Annotated[
        float | None, typer.Option(metavar="P", help="Or: at least this PSNR, dB.")
    ] = None,
    model: _Model = None,
    noise: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of diffc: isotropic, pink, a-star or f-star."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(metavar="S", help="Of diffc: of the shared randomness; travels along."),
    ] = None,
    location: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of mt: qlds, random, entropy, raster or checkerboard."),
    ] = None,
    steps: Annotated[int | None, typer.Option(metavar="S", help="Of mt: steps.")] = None,
    as_json: _Json = False,
) -> None:
    """Code a picture or a sound within a rate, or at a quality.

    Example: rdtheory codec encode in.png out.dfc --codec diffc --bpp 0.5
    """
    from rdtheory.codecs.media import read_media
    from rdtheory.codecs.registry import codec

    check_writable("OUT.bin", stream_file, reads=[media_file])
    target = _target(bpp=bpp, bytes=most_bytes, psnr=psnr)
    options = _given(model=model, noise=noise, seed=seed, location=location, steps=steps)
    chosen = codec(name, **options)
    media = read_media(media_file)
    sent = chosen.encode(media, target)
    stream_file.write_bytes(sent.data)
    rate = 8 * len(sent.data) / media.positions
    per = "pixel" if media.kind == "picture" else "sample"
    if as_json:
        told = {
            "codec": chosen.name,
            "label": chosen.label,
            "bytes": len(sent.data),
            "payload_bytes": sent.payload_bytes,
            f"bits_per_{per}": rate,
            "details": sent.details,
        }
        print(json.dumps(told))
    else:
        print(f"{len(sent.data)} bytes, {rate:.4f} bits per {per}")


def decode(
    stream_file: Annotated[Path, typer.Argument(metavar="IN.bin", help="A stream of any codec.")],
    media_file: Annotated[
        Path, typer.Argument(metavar="OUT.png", help="The picture to write, or the sound (.wav).")
    ],
    prefix: Annotated[
        int | None, typer.Option(metavar="BYTES", help="Use only so many bytes of the stream.")
    ] = None,
    reconstruction: Annotated[
        str | None, typer.Option(help="Of diffc: ancestral, flow or mmse.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="If not the package's that the stream names."),
    ] = None,
) -> None:
    """Decode a stream, or its first bytes if its codec is progressive.

    Example: rdtheory codec decode out.dfc out.png --prefix 2000
    """
    from rdtheory.codecs.media import read_bytes, write_media
    from rdtheory.codecs.registry import codec_of_stream

    check_writable("OUT.png", media_file, _MEDIA_SUFFIXES, [stream_file])
    if prefix is not None and prefix < 0:
        raise InputError("--prefix", prefix, "a number of bytes >= 0")
    data = read_bytes(stream_file)
    chosen = codec_of_stream(data, **_given(model=model))
    write_media(media_file, chosen.decode(data[:prefix], **_given(reconstruction=reconstruction)))


def info(
    stream_file: Annotated[Path, typer.Argument(metavar="IN.bin", help="A stream of any codec.")],
    as_json: _Json = False,
) -> None:
    """What a stream holds, and how large it is.

    Example: rdtheory codec info out.dfc
    """
    from rdtheory.codecs.media import read_bytes
    from rdtheory.codecs.registry import codec_of_stream

    data = read_bytes(stream_file)
    chosen = codec_of_stream(data)
    told = {"codec": chosen.name, "label": chosen.label, "bytes": len(data)}
    told |= chosen.describe(data)
    if as_json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        print(f"{name:>20}  {json.dumps(value)}")


def _target(**values: float | None) -> Any:
    from rdtheory.codecs.codec import Target

    given = _given(**values)
    if len(given) != 1:
        raise InputError(
            "target", " and ".join(given) or "nothing", "one of --bpp, --bytes and --psnr"
        )
    kind: Any = next(iter(given))
    return Target(kind, given[kind])


def _given(**options: Any) -> dict[str, Any]:
    """The options that stand on the command line."""
    return {name: value for name, value in options.items() if value is not None}
