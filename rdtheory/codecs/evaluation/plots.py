"""Figures of a comparison: quality and realism against rate, and a page of example pictures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from rdtheory.codecs.evaluation.realism import Measured
from rdtheory.codecs.evaluation.rows import Evaluation, Row
from rdtheory.codecs.media import Picture
from rdtheory.errors import InputError
from rdtheory.plot_style import CYCLE, PAGE, RC

_DASHES = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1)), (0, (3, 1, 1, 1)))
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
_FLOOR: dict[str, Any] = {"color": "#888888", "linewidth": 2.5, "alpha": 0.6, "zorder": 0}


@dataclass(frozen=True)
class _Panel:
    """What is drawn against rate.

    Attributes:
        label: of the axis.
        value: of a row; NaN if it was not measured.
        measured: of a statistic of realism, which has a floor.
        squared: whether it is a squared distance, best seen on the scale of its root.
    """

    label: str
    value: Callable[[Row], float]
    measured: Callable[[Row], Measured] | None = None
    squared: bool = False


def _realism(name: str, label: str, squared: bool = False) -> _Panel:
    def measured(row: Row) -> Measured:
        return getattr(row.realism, name)

    def value(row: Row) -> float:
        return measured(row).value if row.realism else float("nan")

    return _Panel(label, value, measured, squared)


_PANELS = (
    _Panel("mean PSNR (dB)", lambda row: row.mean_psnr_db),
    _Panel("MS-SSIM", lambda row: row.mean_ms_ssim),
    _realism("frechet_patch_distance", "Fréchet distance\nof patch features", squared=True),
    _realism("kernel_patch_distance", "kernel distance\nof patch features", squared=True),
    _realism("sliced_wasserstein", "sliced Wasserstein\n(grey levels)"),
    _realism("spectrum_error_db", "spectrum error (dB)"),
)


def save_plot(path: Path, evaluation: Evaluation) -> None:
    """PSNR, MS-SSIM and realism against bits per pixel that count, a line a codec.

    A hollow mark is a row that lacks pictures, which the codec refused: it does not compare with
    others. Broad grey lines are floors, between halves of the real pictures (of the unbiased kernel
    distance, whose floor is 0 up to noise, the noise). What could not be measured is left out.

    Raises:
        InputError: if there is nothing to draw: no picture was coded, or none with a loss.

    >>> import tempfile
    >>> from rdtheory.codecs.evaluation import contenders, evaluate
    >>> saw = Picture((np.arange(1600).reshape(40, 40, 1) % 251).astype(np.uint8))
    >>> path = Path(tempfile.mkdtemp(), "plot.svg")
    >>> save_plot(path, evaluate({"saw": saw}, contenders("jpeg"), [4.0, 6.0]))
    >>> "mean PSNR" in path.read_text()
    True
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    panels = [
        panel for panel in _PANELS if any(isfinite(panel.value(row)) for row in evaluation.rows)
    ]
    if not panels:
        raise InputError("--plot", "no finite PSNR at any rate", "rates that codecs can reach")
    columns = min(3, len(panels))
    rows = -(-len(panels) // columns)
    with rc_context(RC):
        figure = Figure(figsize=(PAGE, 2.1 * rows + 0.6), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).flat
        for one, panel in zip(axes, panels, strict=False):
            _draw_panel(one, panel, evaluation)
        for unused in axes[len(panels) :]:
            unused.set_visible(False)
        # The last panel has everything: a floor, if any has.
        figure.legend(
            *axes[len(panels) - 1].get_legend_handles_labels(),
            loc="outside lower center",
            ncols=4,
        )
        figure.savefig(path)


def save_examples(path: Path, evaluation: Evaluation, pictures: Mapping[str, Picture]) -> None:
    """Example pictures by row, originals and codecs by column, at the middle of the targets.

    Args:
        path: of the figure.
        evaluation: with `examples` kept.
        pictures: the originals.

    Raises:
        InputError: if no example was kept.

    >>> import tempfile
    >>> from rdtheory.codecs.evaluation import contenders, evaluate
    >>> pictures = {"grey": Picture(np.full((40, 40, 1), 99, np.uint8))}
    >>> path = Path(tempfile.mkdtemp(), "page.svg")
    >>> save_examples(path, evaluate(pictures, contenders("jpeg"), [4.0], examples=1), pictures)
    >>> "original" in path.read_text()
    True
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    shown = _at_middle_target(evaluation.rows)
    count = len(shown[0].examples)
    if not count:
        raise InputError("examples", 0, "at least one picture kept")
    names, originals = list(pictures)[:count], list(pictures.values())[:count]
    columns = len(shown) + 1
    cell = PAGE / columns
    ratios = [one.pixels.shape[0] / one.pixels.shape[1] for one in originals]
    with rc_context({**RC, "axes.grid": False}):
        size = PAGE, sum(cell * ratio + 0.3 for ratio in ratios) + 0.7
        figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=0.02, hspace=0.03))
        axes = figure.subplots(count, columns, squeeze=False, height_ratios=ratios)
        figure.suptitle(f"target: {shown[0].target_bits_per_pixel:g} bits per pixel")
        for number, (name, original) in enumerate(zip(names, originals, strict=True)):
            _show(axes[number, 0], original, _shortened(name))
            for one, row in zip(axes[number, 1:], shown, strict=True):
                _show(one, row.examples[number], _caption(row, name))
        for one, title in zip(axes[0], ("original", *(row.label for row in shown)), strict=True):
            one.set_title(fill(title, max(9, round(14 * cell))), fontsize=7)
        figure.savefig(path)


def _draw_panel(axes: Any, panel: _Panel, evaluation: Evaluation) -> None:
    everything = len(evaluation.provenance["pictures"])
    if panel.squared:
        axes.set_yscale("function", functions=(_signed_root, _signed_square))
    names = list(dict.fromkeys(row.codec for row in evaluation.rows))
    for number, name in enumerate(names):
        rows = [row for row in evaluation.rows if row.codec == name and row.coded]
        rows.sort(key=lambda row: row.counted_bits_per_pixel)
        style = {"color": _turn(CYCLE, number), "marker": _turn(_MARKS, number)}
        whole = [row for row in rows if row.pictures == everything]
        partial = [row for row in rows if row.pictures < everything]
        if rows:
            line = {**style, "linestyle": _turn(_DASHES, number), "label": rows[0].label}
            axes.plot(*_points(panel, whole), **line)
        hollow = {**style, "linestyle": "none", "markerfacecolor": "white"}
        axes.plot(*_points(panel, partial), **hollow)
    if any(0 < row.pictures < everything for row in evaluation.rows):
        hollow = {"color": "#888888", "linestyle": "none", "markerfacecolor": "white"}
        axes.plot([], [], marker="o", label="of fewer pictures", **hollow)
    if panel.measured is not None:
        _draw_floor(axes, panel.measured, evaluation.rows)
    axes.set(xlabel="bits per pixel", ylabel=panel.label)
    axes.set_xlim(left=0)
    axes.margins(y=0.08)


def _points(panel: _Panel, rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    return [row.counted_bits_per_pixel for row in rows], [panel.value(row) for row in rows]


def _draw_floor(axes: Any, measured: Callable[[Row], Measured], rows: Sequence[Row]) -> None:
    """A line at the floor of most pictures, or if that is near 0 at its deviation."""
    fullest = max((row for row in rows if row.realism), key=lambda row: row.pictures)
    one = measured(fullest)
    axes.axhline(max(one.floor, one.floor_deviation), label="real against real", **_FLOOR)


def _signed_root(values: Any) -> Any:
    return np.sign(values) * np.sqrt(np.abs(values))


def _signed_square(values: Any) -> Any:
    return np.sign(values) * np.square(values)


def _at_middle_target(rows: Sequence[Row]) -> list[Row]:
    targets = sorted({row.target_bits_per_pixel for row in rows})
    middle = targets[(len(targets) - 1) // 2]
    return [row for row in rows if row.target_bits_per_pixel == middle]


def _show(axes: Any, picture: Picture | None, caption: str) -> None:
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_xlabel(caption, labelpad=2, fontsize=6)
    if picture is not None:
        levels = {"cmap": "gray", "vmin": 0, "vmax": 255, "interpolation": "nearest"}
        axes.imshow(picture.pixels.squeeze(), **levels)


def _caption(row: Row, name: str) -> str:
    coded = next((one for one in row.coded if one.name == name), None)
    if coded is None:
        return "refused"
    return f"{coded.counted_bits_per_pixel:.3f} bpp\n{coded.psnr_db:.1f} dB"


def _shortened(name: str, longest: int = 16) -> str:
    return name if len(name) <= longest else "..." + name[-longest:]


def _turn(styles: Sequence[Any], number: int) -> Any:
    return styles[number % len(styles)]
