"""DiffC-F beside the least rate of any code with perfect realism, for a mixture on the line [T4.3].

Weights .3 and .7, means -1.5 and .8, variances .1 and .3. (a) R(D) and R_pr(D), the least rates
without and with realism, by Blahut-Arimoto and by entropic transport; DiffC-A and DiffC-F; and
R(D/2), what deterministic codes with realism need. (b) The rate of DiffC-F less R_pr(D) at the same
distortion. It vanishes at high rate, together with the bits per unit of distortion of the
high-rate law, G D/8 ln 2 (thin line): isotropic noise seems to be optimal to second order [T7.1].
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, GREEN, PAGE, RED, label_panels
from rdtheory.diffusion import ScalarChannel
from rdtheory.perception import scalar_perfect_realism
from rdtheory.rate_distortion import scalar_rate_distortion
from rdtheory.sources import GaussianMixture
from rdtheory.units import bits_from_nats

SIZE = (PAGE, 3.0)
PANELS = (1, 2)

MIXTURE = GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3])
NOISE_VARIANCES = np.geomspace(0.004, 30.0, 21)
LINES = {
    "rd": {"label": "$R(D)$", "color": BLACK, "linestyle": "-"},
    "realism": {"label": r"$R_{pr}(D)$", "color": GREEN, "linestyle": "-"},
    "diffc-f": {"label": "DiffC-F", "color": BLUE, "linestyle": "--"},
    "rd-half": {"label": "$R(D/2)$", "color": "#BBBBBB", "linestyle": "-", "linewidth": 3.5},
    "diffc-a": {"label": "DiffC-A", "color": RED, "linestyle": "--"},
}


def data() -> dict[str, Any]:
    """Distortion and rate of every curve, all at the noise levels of DiffC."""
    channels = [ScalarChannel(MIXTURE, float(t)) for t in NOISE_VARIANCES]
    information = np.array([channel.information_nats for channel in channels])
    flow = np.array([channel.flow_distortion for channel in channels])
    ancestral = np.array([channel.ancestral_distortion for channel in channels])
    best = [scalar_rate_distortion(MIXTURE, float(d) / 2) for d in ancestral]
    realistic = [scalar_perfect_realism(MIXTURE, float(d)) for d in flow]
    rate = np.array([point.rate_nats for point in best])
    realism = np.array([point.rate_nats for point in realistic])
    curves = {
        "rd": (ancestral / 2, rate),
        "rd-half": (ancestral, rate),
        "realism": (flow, realism),
        "diffc-f": (flow, information),
        "diffc-a": (ancestral, information),
    }
    return {
        "curves": {name: [d, bits_from_nats(nats)] for name, (d, nats) in curves.items()},
        "excess_bits": bits_from_nats(information - realism),
        "second_term_bits": bits_from_nats(MIXTURE.fisher_information * flow / 8),
        "gap_bits": bits_from_nats(max(point.gap_nats for point in realistic)),
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Curves on the left, the excess of DiffC-F on the right."""
    left, right = axes.flat
    for name in ("rd-half", "rd", "realism", "diffc-f", "diffc-a"):
        left.plot(*data["curves"][name], **LINES[name])
    left.set(
        title="rate against distortion",
        xlabel="squared error (variance 1.35)",
        ylabel="rate (bits)",
        xlim=(0, 2.8),
        ylim=(0, 3.5),
    )
    left.legend()
    bits = data["curves"]["diffc-f"][1]
    right.plot(bits, data["excess_bits"], color=BLUE, label=r"DiffC-F less $R_{pr}(D)$")
    small = data["second_term_bits"] < 1
    right.plot(
        bits[small],
        data["second_term_bits"][small],
        color=BLACK,
        linewidth=0.6,
        label=r"$G D / (8 \ln 2)$",
    )
    right.set(
        title="what DiffC-F pays beyond the optimum",
        xlabel="rate (bits)",
        ylabel="excess rate (bits)",
        yscale="log",
        xlim=(0, 4),
        ylim=(1e-6, 1),
    )
    right.legend()
    label_panels(axes)
