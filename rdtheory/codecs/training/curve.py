"""The loss picture: training loss and held-out bound against steps."""

from pathlib import Path

import numpy as np

from rdtheory.codecs.training.checkpoint import History
from rdtheory.plot_style import COLUMN, RC, RED, SKY

_POINTS = 60
"""The training loss is averaged over so many pieces of the run: noise of batches would hide it."""


def draw_losses(path: Path, history: History) -> None:
    """Draw the picture, as .png, .pdf or .svg."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(RC):
        figure = Figure(figsize=(COLUMN, 2.4))
        axes = figure.add_subplot()
        steps, losses = smoothed(history.loss)
        axes.plot(steps, losses, color=SKY, label="training loss")
        bounds = (history.held_out_step, history.held_out)
        axes.plot(*bounds, color=RED, marker=".", label="held-out bound")
        axes.set(xlabel="steps", ylabel="bits per dimension")
        if len(losses) > 1:  # a few steps that went astray would flatten the rest
            shown = [*history.held_out, *np.quantile(losses, [0.03, 0.97])]
            margin = 0.1 * (max(shown) - min(shown)) + 1e-3
            axes.set_ylim(min(shown) - margin, max(shown) + margin)
        axes.legend()
        figure.savefig(path)


def smoothed(losses: list[float], points: int = _POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Last steps and means of at most `points` pieces of nearly equal length.

    >>> smoothed([1.0, 3.0, 5.0, 7.0], points=2)
    (array([2, 4]), array([2., 6.]))
    """
    pieces = np.array_split(np.array(losses), max(1, min(points, len(losses))))
    ends = np.cumsum([len(piece) for piece in pieces])
    return ends, np.array([piece.mean() if len(piece) else np.nan for piece in pieces])
