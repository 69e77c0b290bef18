"""Rate, distortion and perception of a Gaussian on the line, variance 1 [T2.1].

(a) The rate in bits over distortion and the budget of squared Wasserstein-2 distance. Where it
is shaded perception is free: the rate is Shannon's. (b) The same for KL(X̂ ‖ X) in nats. (c)
Sections of (a), from P = 0, perfect realism (DiffC-F*), to Shannon's R(D).
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, GREEN, ORANGE, PAGE, RED, label_panels
from rdtheory.perception import scalar_tradeoff
from rdtheory.units import bits_from_nats

SIZE = (PAGE, 2.7)
PANELS = (1, 3)

DISTORTIONS = np.linspace(0.005, 2.0, 400)
BUDGETS = {"wasserstein": np.geomspace(1e-4, 1.0, 121), "kl": np.geomspace(1e-4, 4.0, 121)}
LEVELS_BITS = (0.01, 0.03, 0.1, 0.25, 0.5, 1.0, 2.0)
SECTIONS = {0.0: "-", 0.02: "--", 0.1: "-.", 0.3: ":"}
COLORS = (BLUE, GREEN, ORANGE, RED)
_AXES = {
    "wasserstein": ("squared Wasserstein-2 distance", "$W_2^2$ budget $P$"),
    "kl": ("Kullback-Leibler divergence", r"$\mathrm{KL}(\hat X \Vert X)$ budget (nats)"),
}


def data() -> dict[str, Any]:
    """The rate on a grid for two measures, where perception is free, and the sections."""
    free = {
        # Of Shannon's code, whose output has the variance 1 - D.
        "wasserstein": (1 - np.sqrt(np.maximum(1 - DISTORTIONS, 0))) ** 2,
        "kl": _divergence(np.maximum(1 - DISTORTIONS, 1e-12)),
    }
    return {
        "distortion": DISTORTIONS,
        "budget": BUDGETS,
        "bits": {
            name: bits_from_nats(scalar_tradeoff(1.0, DISTORTIONS, budget[:, None], name).rate_nats)
            for name, budget in BUDGETS.items()
        },
        "free": free,
        "section_bits": {
            str(budget): bits_from_nats(scalar_tradeoff(1.0, DISTORTIONS, budget).rate_nats)
            for budget in SECTIONS
        },
        "shannon_bits": np.maximum(-np.log2(DISTORTIONS), 0) / 2,
    }


def _divergence(variance: np.ndarray) -> np.ndarray:
    """KL of N(0, v) from N(0, 1)."""
    return (variance - 1 - np.log(variance)) / 2


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Two contour maps and the sections."""
    *maps, right = axes.flat
    for one, (name, (title, label)) in zip(maps, _AXES.items(), strict=True):
        budget = np.asarray(data["budget"][name])
        bits = np.asarray(data["bits"][name])
        one.set(
            title=title,
            xlabel="squared error $D$",
            ylabel=label,
            yscale="log",
            xlim=(0, 2),
            ylim=(budget[0], budget[-1]),
        )
        lines = one.contour(
            data["distortion"], budget, bits, levels=LEVELS_BITS, colors=BLACK, linewidths=0.9
        )
        one.clabel(lines, fontsize=6, fmt="%g")
        free = np.asarray(data["free"][name])
        one.fill_between(
            data["distortion"], np.maximum(free, budget[0]), budget[-1], color="#E8E8E8", zorder=0
        )
    for (budget, style), color in zip(SECTIONS.items(), COLORS, strict=True):
        right.plot(
            data["distortion"],
            data["section_bits"][str(budget)],
            color=color,
            linestyle=style,
            label=f"$P = {budget:g}$",
        )
    right.plot(data["distortion"], data["shannon_bits"], color=BLACK, linewidth=0.7, label="$R(D)$")
    right.set(
        title="sections of (a)",
        xlabel="squared error $D$",
        ylabel="rate (bits)",
        xlim=(0, 2),
        ylim=(0, 2.5),
    )
    right.legend()
    label_panels(axes)
