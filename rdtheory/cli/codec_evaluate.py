"""`rdtheory codec evaluate`: codecs over a folder of pictures, at real bytes, with realism."""

import json
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rdtheory.arrays import whole_number
from rdtheory.cli.arguments import PICTURE_FORMATS, check_writable, numbers

if TYPE_CHECKING:
    from rdtheory.codecs.evaluation import Evaluation, Measured, Row

_EXAMPLES = 4
"""Rows of the page of example pictures."""


def evaluate(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="Pictures: a folder, a .tar, or an .npz (images)."),
    ],
    codec: Annotated[
        str,
        typer.Option(
            metavar="NAME[,NAME...]",
            help="Of `codec list`; diffc@MODEL:flow names the model and the decoder, too.",
        ),
    ],
    bpp: Annotated[str, typer.Option(metavar="LIST", help="Targets, bits per pixel.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print provenance, rows and every picture as JSON.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw quality and realism against rate."),
    ] = None,
    examples: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the first pictures, coded at the middle target."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", help="Take only the first N pictures.")
    ] = None,
) -> None:
    """Compare codecs over pictures: rate, PSNR, MS-SSIM, realism, time.

    Rates are of real bytes: the whole file, and its payload without container and headers. A
    picture that a codec cannot code at a target is counted and left out: compare only rows of the
    same number of pictures. Realism is told beside its floor, the same statistic between halves of
    the real pictures. MS-SSIM needs 161 pixels a side; realism needs 32, and four pictures.

    Example: rdtheory codec evaluate photos --codec jpeg,diffc:flow,diffc:mmse --bpp 0.25,0.5,1
    """
    check_writable("--plot", plot, PICTURE_FORMATS)
    check_writable("--examples", examples, PICTURE_FORMATS)
    if limit is not None:
        whole_number("--limit", limit)
    targets = numbers("--bpp", bpp)
    # Not earlier: other commands do not wait for codecs.
    from rdtheory.codecs import evaluation as compared

    taking_part = compared.contenders(codec)
    pictures = compared.read_collection("FOLDER", folder, limit)
    found = compared.evaluate(
        pictures, taking_part, targets, examples=0 if examples is None else _EXAMPLES
    )
    if plot is not None:
        compared.save_plot(plot, found)
    if examples is not None:
        compared.save_examples(examples, found, pictures)
    if as_json:
        print(json.dumps(found.to_dict()))
    else:
        print("\n".join(_table(found)))


def _table(found: "Evaluation") -> list[str]:
    rows = [[heading for heading, _ in _COLUMNS], [unit for _, (unit, _) in _COLUMNS]]
    rows += [[cell(row) for _, (_, cell) in _COLUMNS] for row in found.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    lines += ["", "after /: the floor, the same between halves of the real pictures"]
    count = len(found.provenance["pictures"])
    refusals = [
        f"{row.codec} at {row.target_bits_per_pixel:g}: {row.refused} of {count} pictures refused, "
        f"the first as {row.refusal}"
        for row in found.rows
        if row.refused
    ]
    return lines + refusals


def _line(cells: list[str], widths: list[int]) -> str:
    first, *others = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join((first, *others)).rstrip()


def _number(name: str, form: str) -> Callable[["Row"], str]:
    return lambda row: _formatted(getattr(row, name), form)


def _realism(name: str, form: str) -> Callable[["Row"], str]:
    def cell(row: "Row") -> str:
        if row.realism is None:
            return "-"
        one: Measured = getattr(row.realism, name)
        # The floor of an unbiased statistic is 0 up to noise: then the noise is what matters.
        floor = max(one.floor, one.floor_deviation)
        return f"{one.value:{form}} / {floor:{form}}"

    return cell


def _formatted(value: float, form: str) -> str:
    return f"{value:{form}}" if isfinite(value) else "-"


_COLUMNS: list[tuple[str, tuple[str, Callable[["Row"], str]]]] = [
    ("codec", ("", lambda row: row.codec)),
    ("target", ("bpp", lambda row: f"{row.target_bits_per_pixel:g}")),
    ("pictures", ("", lambda row: str(row.pictures))),
    ("file", ("bpp", _number("bits_per_pixel", ".3f"))),
    ("payload", ("bpp", _number("payload_bits_per_pixel", ".3f"))),
    ("PSNR", ("mean dB", _number("mean_psnr_db", ".2f"))),
    ("PSNR", ("of mean MSE", _number("psnr_of_mean_error_db", ".2f"))),
    ("MS-SSIM", ("", _number("mean_ms_ssim", ".4f"))),
    ("Fréchet", ("patch features", _realism("frechet_patch_distance", ".3f"))),
    ("kernel", ("patch features", _realism("kernel_patch_distance", ".4f"))),
    ("sliced W2", ("grey levels", _realism("sliced_wasserstein", ".2f"))),
    ("spectrum", ("dB", _realism("spectrum_error_db", ".2f"))),
    ("encode", ("s", _number("encode_seconds", ".3f"))),
    ("decode", ("s", _number("decode_seconds", ".3f"))),
]
