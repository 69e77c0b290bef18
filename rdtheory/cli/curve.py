"""`rdtheory curve`: rate, distortion and SNR of schemes on a source (Fig. 7A)."""

import csv
import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rdtheory.cli.arguments import PICTURE_FORMATS, check_writable, numbers, schemes
from rdtheory.cli.plot import save_plot
from rdtheory.diffusion import Curve, Scheme, even_rates
from rdtheory.errors import InputError, only_given
from rdtheory.progress import track
from rdtheory.sources import from_spec

_BATCH = 2**21
"""So many components are operated together, a second or so: then a progress bar moves."""

_MOST_POINTS = 100_000
"""More rows than that are a mistake in typing, and would fill the memory."""


def curve(
    source: Annotated[str, typer.Option(help="SPEC, e.g. patches or ar1:rho=0.9,dim=64.")],
    scheme: Annotated[str, typer.Option(help="NAME[,NAME...], e.g. rd,diffc-f,diffc-f-star.")],
    bits_per_dim: Annotated[
        str | None, typer.Option(metavar="LIST", help="Rates, in bits per dimension.")
    ] = None,
    snr_db: Annotated[
        str | None, typer.Option(metavar="LIST", help="Signal-to-noise ratios, in dB.")
    ] = None,
    distortion: Annotated[
        str | None, typer.Option(metavar="LIST", help="Squared errors per dimension.")
    ] = None,
    points: Annotated[
        int | None, typer.Option(metavar="N", help="N rates from 0 to 4 bits per dimension.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a list of rows as JSON.")] = False,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the rows to a file.")
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw SNR against rate, as .pdf, .png or .svg."),
    ] = None,
) -> None:
    """Rate, distortion and SNR of schemes on a Gaussian source.

    Give exactly one of --bits-per-dim, --snr-db, --distortion and --points.

    Sources: patches, photos, standard:dim=1, ar1:rho=0.9,dim=64, powerlaw:exponent=2,dim=256,
    eigenvalues:FILE, covariance:FILE, images:FOLDER,patch=16,downsample=64.

    Schemes: rd (R*(D)), rd-half (R*(D/2)), diffc-a, diffc-f, diffc-a-pink, diffc-f-pink,
    diffc-a-star, diffc-f-star.

    Example: rdtheory curve --source patches --scheme rd,diffc-f --bits-per-dim 0.1,0.391,2
    """
    target, values = _one_target(bits_per_dim, snr_db, distortion, points)
    if as_json and csv_file is not None:
        raise InputError("--json and --csv", "both", "one of the two")
    check_writable("--csv", csv_file, [".csv"])
    check_writable("--plot", plot, PICTURE_FORMATS)
    curves = [_curve(one, target, values) for one in schemes(scheme, from_spec(source))]
    rows = [row for one in curves for row in one.rows()]
    if plot is not None:
        save_plot(plot, curves, "rate (bits per dimension)", "SNR (dB)", _draw)
    if as_json:
        print(json.dumps(rows))
    elif csv_file is not None:
        _write_csv(csv_file, rows)
    else:
        _print_table(rows)


def _one_target(
    bits_per_dim: str | None, snr_db: str | None, distortion: str | None, points: int | None
) -> tuple[str, np.ndarray]:
    options = {
        "--bits-per-dim": ("bits_per_dim", bits_per_dim),
        "--snr-db": ("snr_db", snr_db),
        "--distortion": ("distortion_per_dim", distortion),
        "--points": ("bits_per_dim", points),
    }
    option = only_given("targets", {name: value for name, (_, value) in options.items()})
    target, value = options[option]
    if isinstance(value, int):
        if not 2 <= value <= _MOST_POINTS:
            raise InputError("--points", value, f"from 2 to {_MOST_POINTS}")
        return target, even_rates(value)
    return target, np.asarray(numbers(option, str(value)))


def _curve(scheme: Scheme, target: str, values: np.ndarray) -> Curve:
    step = max(1, _BATCH // scheme.source.dim)
    batches = [values[start : start + step] for start in range(0, values.size, step)]
    return Curve.join(
        [Curve.of(scheme.at(**{target: batch})) for batch in track(batches, scheme.name)]
    )


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _print_table(rows: list[dict[str, Any]]) -> None:
    print(f"{'scheme':<13}{'bits/dim':>12}{'distortion/dim':>17}{'SNR (dB)':>12}")
    for row in rows:
        print(
            f"{row['scheme']:<13}{row['bits_per_dim']:>12.6g}"
            f"{row['distortion_per_dim']:>17.8g}{row['snr_db']:>12.5f}"
        )


def _draw(axes: Any, curves: list[Curve]) -> None:
    for one in curves:
        one.plot(axes, marker="." if len(one) < 20 else "")
