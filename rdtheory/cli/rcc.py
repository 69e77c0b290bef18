"""`rdtheory rcc`: send vectors of a Gaussian source as a stream of real bits, and receive them."""

import json
import warnings
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from rdtheory.cli.arguments import check_writable
from rdtheory.errors import InputError
from rdtheory.sources import GaussianVector

_Covariance = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.npy",
        help="Covariance (M, M) that both sides know, of mean 0. Without it the fitted Gaussian "
        "travels in the stream.",
    ),
]


def encode(
    source_file: Annotated[Path, typer.Argument(metavar="IN.npy", help="Vectors, shape (n, M).")],
    stream_file: Annotated[Path, typer.Argument(metavar="OUT.rcc", help="The stream to write.")],
    scheme: Annotated[str, typer.Option(metavar="NAME", help="As rdtheory curve, e.g. diffc-f.")],
    bits_per_dim: Annotated[
        float | None, typer.Option(metavar="R", help="Information to send, bits per dimension.")
    ] = None,
    distortion: Annotated[
        float | None, typer.Option(metavar="D", help="Or: squared error per dimension to aim at.")
    ] = None,
    covariance: _Covariance = None,
    seed: Annotated[
        int, typer.Option(metavar="S", help="Of the shared randomness; travels in the stream.")
    ] = 0,
    steps: Annotated[
        int, typer.Option(metavar="T", help="Messages, each of which refines the one before.")
    ] = 1,
    block_bits: Annotated[
        float, typer.Option(help="Information of a block of weak components, bits.")
    ] = 12.0,
    padding_bits: Annotated[
        float, typer.Option(help="A block is chosen from 2^(information + padding) candidates.")
    ] = 4.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was sent as a JSON object.")
    ] = False,
) -> None:
    """Send vectors at a rate or a distortion.

    Example: rdtheory rcc encode x.npy x.rcc --scheme diffc-f-star --bits-per-dim 1 --steps 4
    """
    from rdtheory.channel_simulation.gaussian_stream import encode_vectors
    from rdtheory.channel_simulation.plan import BlockSettings
    from rdtheory.diffusion import scheme as named

    check_writable("OUT.rcc", stream_file, reads=[source_file, covariance])
    targets = {"bits_per_dim": bits_per_dim, "distortion_per_dim": distortion}
    given = {name: value for name, value in targets.items() if value is not None}
    if len(given) != 1:
        raise InputError(
            "target", " and ".join(given) or "nothing", "one of --bits-per-dim and --distortion"
        )
    x = _array("IN.npy", source_file)
    settings = BlockSettings(block_bits, padding_bits)
    operated = scheme if covariance is None else named(scheme, _source(covariance))
    sent = encode_vectors(x, operated, seed=seed, settings=settings, steps=steps, **given)
    stream_file.write_bytes(sent.data)
    errors = np.concatenate(sent.block_errors)
    told = {
        "vectors": len(x),
        "dim": x.shape[1],
        "bytes": len(sent.data),
        "bits_per_dim": 8 * len(sent.data) / x.size,
        "information_bits_per_dim": float(sent.information_bits.sum() / x.size),
        "step_ends": sent.step_ends,
        "blocks": errors.size,
        "mean_block_error_bound": float(errors.mean()) if errors.size else 0.0,
    }
    if as_json:
        print(json.dumps(told))
    else:
        print(
            f"{told['bytes']} bytes, {told['bits_per_dim']:.4f} bits per dimension for "
            f"{told['information_bits_per_dim']:.4f} of information"
        )


def decode(
    stream_file: Annotated[Path, typer.Argument(metavar="IN.rcc", help="A stream.")],
    vectors_file: Annotated[Path, typer.Argument(metavar="OUT.npy", help="Vectors to write.")],
    prefix: Annotated[
        int | None, typer.Option(metavar="BYTES", help="Use only so many bytes of the stream.")
    ] = None,
    covariance: _Covariance = None,
    reconstruction: Annotated[
        str | None, typer.Option(help="ancestral, flow or mmse; the scheme's own by default.")
    ] = None,
) -> None:
    """Receive vectors, from a whole stream or from its first bytes.

    Example: rdtheory rcc decode x.rcc y.npy --prefix 2000
    """
    from rdtheory.channel_simulation.gaussian_stream import decode_vectors

    check_writable("OUT.npy", vectors_file, reads=[stream_file, covariance])
    if prefix is not None and prefix < 0:
        raise InputError("--prefix", prefix, "a number of bytes >= 0")
    source = None if covariance is None else _source(covariance)
    received = decode_vectors(_stream(stream_file)[:prefix], source, reconstruction)
    with vectors_file.open("wb") as file:
        np.save(file, received.vectors)


def info(
    stream_file: Annotated[Path, typer.Argument(metavar="IN.rcc", help="A stream.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """What a stream holds.

    Example: rdtheory rcc info x.rcc
    """
    from rdtheory.channel_simulation.gaussian_stream import describe

    told = describe(_stream(stream_file))
    if as_json:
        print(json.dumps(told))
        return
    for name, value in told.items():
        print(f"{name:>20}  {json.dumps(value)}")


_LARGEST_STREAM = 2**28
_MAGIC = b"\x93NUMPY"


def _stream(path: Path) -> bytes:
    if path.is_file() and path.stat().st_size > _LARGEST_STREAM:
        raise InputError(
            "IN.rcc", f"{path.stat().st_size} bytes", f"a stream of at most {_LARGEST_STREAM} bytes"
        )
    return path.read_bytes()


def _source(path: Path) -> GaussianVector:
    return GaussianVector.from_covariance(_array("--covariance", path))


def _array(name: str, path: Path) -> np.ndarray:
    """The numbers of a .npy file, mapped first: a forged size allocates nothing."""
    with path.open("rb") as file:
        is_array = file.read(len(_MAGIC)) == _MAGIC
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if is_array:
                return np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception:  # a forged header can raise almost anything
        pass
    raise InputError(name, repr(str(path)), "a .npy file of numbers", "write it by numpy.save")
