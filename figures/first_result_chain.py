"""The first result for a Gaussian mixture on the line, against the noise variance (Eq. 17) [T1.12].

Weights .3 and .7, means -1.5 and .8, variances .1 and .3. (a) The members of the chain; (b) the
same less I(X; Z), the rate of DiffC-A*. Where D/2 is below both variances the two smallest members
agree: Shannon's lower bound is attained [T4.2a]. R(D/2) is by Blahut-Arimoto, and its dual shows
that it is off by less than the width of the line.
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, GREEN, PAGE, RED, label_panels, legend_below
from rdtheory.bounds import THEOREMS
from rdtheory.sources import GaussianMixture
from rdtheory.units import bits_from_nats

SIZE = (PAGE, 3.1)
PANELS = (1, 2)

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
NOISE_VARIANCES = np.geomspace(0.01, 3.0, 17)
LINES = {
    "R*(D/2) - KL_X": {
        "label": r"$R^*(D/2) - \mathrm{KL}(P_X \Vert P_{X^*})$",
        "color": BLUE,
        "linestyle": ":",
    },
    "R(D/2)": {"label": r"$R(D/2)$", "color": "#BBBBBB", "linestyle": "-", "linewidth": 3.5},
    "I(X; Z)": {"label": r"$I(X; Z)$", "color": BLACK, "linestyle": "-"},
    "R*(D/2) - KL_Z": {
        "label": r"$R^*(D/2) - \mathrm{KL}(P_Z \Vert P_{Z^*})$",
        "color": RED,
        "linestyle": "--",
    },
    "R(D/2) + KL_X - KL_Z": {
        "label": r"$R(D/2) + \mathrm{KL}_X - \mathrm{KL}_Z$",
        "color": GREEN,
        "linestyle": "-.",
    },
}


def data() -> dict[str, Any]:
    """The members in bits at every noise variance, and the error of R(D/2)."""
    chains = [THEOREMS["first-result"].sides(MIXTURE, float(t)) for t in NOISE_VARIANCES]
    members = [{member.name: member for member in chain.members} for chain in chains]
    return {
        "noise_variance": NOISE_VARIANCES,
        "bits": {
            name: np.array([bits_from_nats(row[name].value) for row in members]) for name in LINES
        },
        "error_bits": np.array([bits_from_nats(row["R(D/2)"].error) for row in members]),
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Members on the left, what they are above or below I on the right."""
    left, right = axes.flat
    # The wide line lies under the others.
    for name in sorted(LINES, key=lambda name: name != "R(D/2)"):
        bits = data["bits"][name]
        left.plot(data["noise_variance"], bits, **LINES[name])
        right.plot(data["noise_variance"], bits - data["bits"]["I(X; Z)"], **LINES[name])
    left.set(title="rates", xlabel="noise variance $t$", ylabel="rate (bits)", xscale="log")
    right.set(
        title="less the information",
        xlabel="noise variance $t$",
        ylabel=r"rate $-\,I(X; Z)$ (bits)",
        xscale="log",
        ylim=(-0.3, 0.5),
    )
    label_panels(axes)
    legend_below(axes, 3)
