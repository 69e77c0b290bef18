"""Error of the flow over that of ancestral sampling on the same channel, for five sources [T1.13].

Variance 1 each, against the noise variance. (a) At high noise all ratios tend to 1; at low noise
every source with a density tends to 1/2, the 3 dB of the second result. Two points have no density,
and tend to 2/π. (b) The distance to 1/2: along G t/8 (thin lines) where the Fisher information G is
finite, like sqrt(t) for the uniform source, where it is not.
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, GREEN, ORANGE, PAGE, RED, label_panels
from rdtheory.bounds.second_result import TWO_POINT_RATIO, flow_ratio_at_high_rate
from rdtheory.diffusion import ScalarChannel
from rdtheory.sources import GaussianMixture, Laplace, TwoPoint, Uniform, normal

SIZE = (PAGE, 2.9)
PANELS = (1, 2)

_SPREAD = 1.3509**0.5
"""Standard deviation of the mixture of [T4.2], which is scaled to variance 1."""

SOURCES = {
    "Gaussian": normal(),
    "Laplace": Laplace(0.5**0.5),
    "uniform": Uniform(3**0.5),
    "mixture": GaussianMixture(
        [0.3, 0.7], [-1.5 / _SPREAD, 0.8 / _SPREAD], [0.1 / _SPREAD**2, 0.3 / _SPREAD**2]
    ),
    "two points": TwoPoint(),
}
LINES = {
    "Gaussian": {"color": BLACK, "linestyle": "-"},
    "Laplace": {"color": BLUE, "linestyle": "--"},
    "uniform": {"color": GREEN, "linestyle": "-."},
    "mixture": {"color": RED, "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    "two points": {"color": ORANGE, "linestyle": ":"},
}
NOISE_VARIANCES = np.geomspace(1e-4, 1e3, 71)
SMOOTH = ("Gaussian", "Laplace", "mixture")
_TWO_POINTS_FROM = 3e-3
"""Below, the errors of two points are below the range of float64."""


def data() -> dict[str, Any]:
    """The ratio for every source, and its expansion for smooth ones."""
    ratios = {}
    for name, source in SOURCES.items():
        levels = NOISE_VARIANCES
        if name == "two points":
            levels = levels[levels > _TWO_POINTS_FROM]
        ratios[name] = [
            levels,
            np.array([ScalarChannel(source, float(t)).flow_ratio for t in levels]),
        ]
    expansions = {
        name: np.array([flow_ratio_at_high_rate(SOURCES[name], float(t)) for t in NOISE_VARIANCES])
        for name in SMOOTH
    }
    return {"ratio": ratios, "noise_variance": NOISE_VARIANCES, "expansion": expansions}


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """The ratio on the left, its distance to 1/2 on the right."""
    left, right = axes.flat
    for name, (levels, ratio) in data["ratio"].items():
        left.plot(levels, ratio, label=name, **LINES[name])
        right.plot(levels, ratio - 0.5, **LINES[name])
    for name, expansion in data["expansion"].items():
        color = LINES[name]["color"]
        right.plot(data["noise_variance"], expansion - 0.5, color=color, linewidth=0.5)
    for limit, text in ((0.5, "1/2"), (TWO_POINT_RATIO, r"2/$\pi$")):
        left.axhline(limit, color="#888888", linewidth=0.6)
        left.text(1.2e-4, limit + 0.006, text, color="#555555", fontsize=7)
    left.set(
        title="ratio of squared errors",
        xlabel="noise variance $t$ (source variance 1)",
        ylabel=r"$D_F / D_A$",
        xscale="log",
        ylim=(0.48, 1.01),
    )
    left.legend(loc="upper left")
    right.set(
        title="what is missing to 3 dB",
        xlabel="noise variance $t$ (source variance 1)",
        ylabel=r"$D_F / D_A - 1/2$",
        xscale="log",
        yscale="log",
        ylim=(1e-5, 1),
    )
    label_panels(axes)
