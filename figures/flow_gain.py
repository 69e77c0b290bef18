"""The gain of the flow over ancestral sampling at the same rate, isotropic noise.

It tends to 3 dB as every component gets its share of bits. A power-law spectrum of unbounded
dimension always has components that got none: its gain stays below 3 dB for as long as the number
of components that matter grows, at the level of [T6.2] (short lines on the left axis).
"""

from typing import Any

import numpy as np
from scipy.special import beta

from figures.style import BLACK, BLUE, COLUMN, GREEN, ORANGE, PINK, RED, SKY
from rdtheory import scheme, sources

SIZE = (COLUMN, 3.0)
PANELS = (1, 1)

RATES = np.geomspace(1e-3, 8.0, 80)
DIM = 2**14
LINES = {
    "standard normal": {"color": BLACK, "linestyle": "-"},
    "AR(1), ρ = 0.9": {"color": RED, "linestyle": (0, (5, 1))},
    "ImageNet patches": {"color": BLUE, "linestyle": "--"},
    "photograph patches": {"color": SKY, "linestyle": "-."},
    "power law, exponent 1.5": {"color": GREEN, "linestyle": (0, (1, 1))},
    "power law, exponent 2": {"color": ORANGE, "linestyle": (0, (3, 1, 1, 1))},
    "power law, exponent 3": {"color": PINK, "linestyle": (0, (1, 2.5))},
}


def power_law_gain_db(exponent: float) -> float:
    """Gain of F over A for λ_k = k^-α, isotropic noise, R → ∞, unbounded dimension [T6.2].

    >>> round(power_law_gain_db(2.0), 4)  # 10 log10 of (π²/2) / π
    1.9612
    """
    ancestral = 2 * np.pi / exponent / np.sin(np.pi / exponent)
    flow = beta(1 / exponent, 1.5 - 1 / exponent) / (exponent - 1)
    return float(10 * np.log10(ancestral / flow))


def data() -> dict[str, Any]:
    """Gain in dB at the same rates, and its limit for the power laws."""
    exponents = (1.5, 2, 3)
    compared = [sources.standard(), sources.ar1(0.9).vector(256), sources.patches()]
    compared += [sources.photos()] + [sources.power_law(a, DIM) for a in exponents]
    return {
        "bits_per_dim": RATES,
        "gain_db": {
            name: scheme("diffc-f", source).curve(bits_per_dim=RATES).snr_db
            - scheme("diffc-a", source).curve(bits_per_dim=RATES).snr_db
            for name, source in zip(LINES, compared, strict=True)
        },
        "power_law_limit_db": {f"power law, exponent {a}": power_law_gain_db(a) for a in exponents},
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """One line a source."""
    (one,), rates = axes.flat, data["bits_per_dim"]
    for name, gain_db in data["gain_db"].items():
        one.plot(rates, gain_db, label=name, **LINES[name])
    for name, limit_db in data["power_law_limit_db"].items():
        one.plot(rates[:1] * [1, 1.6], [limit_db] * 2, color=LINES[name]["color"], linewidth=2.5)
    one.axhline(10 * np.log10(2), color="#888888", linewidth=0.8)
    one.text(rates[0] * 1.1, 3.05, "3.01 dB", fontsize=7)
    one.set(
        xscale="log",
        xlim=(rates[0], rates[-1]),
        ylim=(0, 3.3),
        xlabel="rate (bits per dimension)",
        ylabel="gain of flow over ancestral (dB)",
    )
    one.legend(loc="lower right")
