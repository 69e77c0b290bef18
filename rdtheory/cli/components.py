"""`rdtheory components`: the SNR of every principal component (Fig. 7B)."""

import json
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from rdtheory.cli.arguments import PICTURE_FORMATS, check_writable, schemes
from rdtheory.cli.plot import save_plot
from rdtheory.sources import from_spec


def components(
    source: Annotated[str, typer.Option(help="SPEC, e.g. patches; see rdtheory curve --help.")],
    scheme: Annotated[str, typer.Option(help="NAME[,NAME...], e.g. diffc-a,diffc-a-star.")],
    bits_per_dim: Annotated[
        float, typer.Option(metavar="R", help="The rate, in bits per dimension.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one object a scheme as JSON.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw SNR against component, as .pdf, .png or .svg."),
    ] = None,
) -> None:
    """SNR of every principal component at one rate, in decreasing order of eigenvalue.

    Example: rdtheory components --source patches --scheme diffc-f,diffc-a-star --bits-per-dim 0.391
    """
    check_writable("--plot", plot, PICTURE_FORMATS)
    rows = []
    for one in schemes(scheme, from_spec(source)):
        listed = one.at(bits_per_dim=bits_per_dim).components.to_dict()
        rows.append({"scheme": one.name, **{name: listed[name] for name in _COLUMNS}})
    if plot is not None:
        save_plot(plot, rows, "component", "SNR (dB)", _draw)
    if as_json:
        print(json.dumps(rows))
    else:
        _print_table(rows)


_COLUMNS = ("eigenvalue", "snr_db")


def _print_table(rows: list[dict[str, Any]]) -> None:
    print(f"{'component':>9}{'eigenvalue':>14}" + "".join(f"{row['scheme']:>14}" for row in rows))
    columns = [row["snr_db"] for row in rows]
    for i, eigenvalue in enumerate(rows[0]["eigenvalue"]):
        print(f"{i + 1:>9}{eigenvalue:>14.6g}" + "".join(f"{c[i]:>11.4f} dB" for c in columns))


def _draw(axes: Any, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        axes.plot(np.arange(1, len(row["snr_db"]) + 1), row["snr_db"], label=row["scheme"])
