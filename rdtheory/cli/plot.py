"""A quick picture of what a command has computed. The figures of the paper are in `figures/`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rdtheory.plot_style import CYCLE

_DASHES = ["-", "--", "-.", ":", "-", "--", "-.", ":"]


def save_plot(
    path: Path, items: list[Any], x: str, y: str, draw: Callable[[Any, list[Any]], None]
) -> None:
    """Save axes with labels, a legend and what `draw` puts there."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5.0, 3.6), layout="constrained")
    axes.set_prop_cycle(color=CYCLE, linestyle=_DASHES)
    draw(axes, items)
    axes.set(xlabel=x, ylabel=y)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=200)
    pyplot.close(figure)
