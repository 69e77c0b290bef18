"""What is wrong with the sample if the search stops after 2^(KL + padding) candidates, q = N(m, 1).

(a) The Poisson functional representation (PFR): P(K > N), which bounds the total variation from the
target; for blocks of 14 bits also the total variation itself (dots). Larger blocks need more
padding. (b) Blocks of 14 bits, along the shift m = 4.4: how far the sample's mean falls short of m
(0 for the exact target), and its standard deviation (1 for the exact target), of the truncated PFR
and of ordered random coding (ORC). Lines by quadrature; marks from blocks that the library sent,
with two standard errors.
"""

from typing import Any

import numpy as np
from scipy.special import log_ndtr, ndtr

from figures.style import BLACK, BLUE, GREEN, ORANGE, PAGE, RED, label_panels
from rdtheory.channel_simulation.laws.pfr import PFRIndexLaw
from rdtheory.units import nats_from_bits
from simulations.block_overhead import Config, run

SIZE = (PAGE, 2.8)
PANELS = (1, 2)

KL_BITS = (8, 14, 16, 100)
PADDING_BITS = np.linspace(0.0, 24.0, 49)

BLOCK_BITS = 14
BLOCK_PADDING_BITS = np.linspace(-4.0, 12.0, 33)
SENT = {-4: 1000, -2: 1000, 0: 400, 2: 150}
"""Blocks that are sent, for each padding."""

LINES = {
    8: {"color": ORANGE, "linestyle": (0, (1, 1))},
    14: {"color": BLUE, "linestyle": "-"},
    16: {"color": RED, "linestyle": "--"},
    100: {"color": BLACK, "linestyle": "-."},
}
METHODS = {
    "pfr": {"color": BLUE, "linestyle": "-", "marker": "o", "label": "truncated PFR"},
    "orc": {"color": GREEN, "linestyle": "--", "marker": "s", "label": "ORC"},
}

_STEP = 0.02
_REACH = 10.0


def data() -> dict[str, Any]:
    """Bounds for all sizes; the law of the sample, by quadrature and as measured, at 14 bits."""
    densities = {"pfr": _pfr_density, "orc": _orc_density}
    laws = {
        name: [_summary(density, padding) for padding in BLOCK_PADDING_BITS]
        for name, density in densities.items()
    }
    shift = _shift(BLOCK_BITS)
    return {
        "padding_bits": PADDING_BITS,
        "not_among_the_candidates": {
            kl: PFRIndexLaw(_shift(kl)).survival(log2_n=kl + PADDING_BITS) for kl in KL_BITS
        },
        "block_padding_bits": BLOCK_PADDING_BITS,
        "block_shift": shift,
        "law": {
            name: {key: np.array([row[key] for row in rows]) for key in rows[0]}
            for name, rows in laws.items()
        },
        "sent_padding_bits": np.array(list(SENT)),
        "sent_blocks": np.array(list(SENT.values())),
        "sent": {name: _sent(name) for name in METHODS},
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Bounds on the left, the law of the sample on the right."""
    left, right = axes.flat
    for kl, bound in data["not_among_the_candidates"].items():
        left.plot(data["padding_bits"], bound, label=f"KL = {kl} bits", **LINES[kl])
    wide = (data["block_padding_bits"] >= 0) & (data["block_padding_bits"] % 2 == 0)
    distance = data["law"]["pfr"]["total_variation"]
    left.plot(
        data["block_padding_bits"][wide],
        distance[wide],
        color=LINES[BLOCK_BITS]["color"],
        linestyle="none",
        marker="o",
        markersize=3,
        label=f"total variation, {BLOCK_BITS} bits",
    )
    left.set(
        title="not among N candidates",
        xlabel="padding: log$_2$ N − KL (bits)",
        ylabel="P(K > N)",
        xlim=(0, 24),
        ylim=(1e-4, 1),
        yscale="log",
    )
    left.legend(loc="lower left")
    for name, style in METHODS.items():
        law, sent = data["law"][name], data["sent"][name]
        for quantity in ("shortfall", "standard_deviation"):
            line = {"color": style["color"], "linestyle": style["linestyle"]}
            right.plot(data["block_padding_bits"], law[quantity], **line)
            right.errorbar(
                data["sent_padding_bits"],
                sent[quantity],
                2 * sent[f"{quantity}_error"],
                color=style["color"],
                linestyle="none",
                marker=style["marker"],
                markersize=3,
                elinewidth=0.8,
            )
        right.plot([], [], markersize=3, **style)
    right.axhline(1, color="#888888", linewidth=0.8)
    right.annotate("standard deviation", (7, 0.84), (5.2, 0.64), **_ARROW)
    right.annotate("shortfall of the mean", (-1.6, 1.04), (0.2, 1.22), **_ARROW)
    right.set(
        title=f"the sample along the shift, {BLOCK_BITS} bits",
        xlabel="padding: log$_2$ N − KL (bits)",
        ylabel="in deviations of the target",
        xlim=(-4.5, 12),
        xticks=range(-4, 13, 4),
        ylim=(0, 1.6),
    )
    right.legend(loc="lower left")
    label_panels(axes)


_ARROW: dict[str, Any] = {
    "fontsize": 7,
    "arrowprops": {"arrowstyle": "-", "linewidth": 0.6, "color": "#666666"},
}


def _shift(kl_bits: float) -> float:
    return float(np.sqrt(2 * nats_from_bits(kl_bits)))


def _sent(method: str) -> dict[str, np.ndarray]:
    """What the library's blocks have: mean and deviation along the shift, with standard errors."""
    rows = [run(Config(BLOCK_BITS, padding, method, blocks)) for padding, blocks in SENT.items()]
    deviation = np.array([row["standard_deviation"] for row in rows])
    root = np.sqrt(list(SENT.values()))
    return {
        "shortfall": np.array([row["shortfall"] for row in rows]),
        "shortfall_error": deviation / root,
        "standard_deviation": deviation,
        "standard_deviation_error": deviation / root / np.sqrt(2),
    }


def _summary(density: Any, padding_bits: float) -> dict[str, float]:
    """Moments of the sample's law along the shift, and its total variation from N(m, 1)."""
    shift = _shift(BLOCK_BITS)
    u = np.arange(-_REACH, shift + _REACH, _STEP)
    weight = density(u, shift, nats_from_bits(BLOCK_BITS + padding_bits)) * _STEP
    weight /= weight.sum()
    mean = float(weight @ u)
    return {
        "shortfall": shift - mean,
        "standard_deviation": float(np.sqrt(weight @ (u - mean) ** 2)),
        "total_variation": float(np.abs(weight - _normal(u - shift) * _STEP).sum() / 2),
    }


def _pfr_density(u: np.ndarray, shift: float, log_count: float) -> np.ndarray:
    """The density of the truncated PFR at u, a grid, r = exp(m u - m²/2) [T3.5].

    Points up to time N of score s and less number N E_p min(1, s r/N). With s = N/l, the winner is
    at u if r(u) <= l: q(u) times the integral over l >= r(u) of exp(-number) N/l² dl.
    """
    log_r = shift * u - shift**2 / 2
    number = np.exp(log_count + log_ndtr(-u)) + np.exp(log_count - log_r) * ndtr(u - shift)
    first = np.exp(log_count - log_r - number) * shift * _STEP
    return _normal(u - shift) * (np.cumsum(first[::-1])[::-1] - first / 2)


def _orc_density(u: np.ndarray, shift: float, log_count: float) -> np.ndarray:
    """The density of ordered random coding at u, a grid: that of importance sampling.

    N E[r/(r + the other N - 1 ratios)] p = N q ∫ exp(-t r) (E_p exp(-t r))^(N - 1) dt over t > 0.
    """
    log_r = shift * u - shift**2 / 2
    step = 0.1
    log_t = np.arange(-log_count - 25, 15, step)
    with np.errstate(over="ignore", under="ignore"):
        exponent = np.exp(log_t[:, None] + log_r)
        log_mean = np.log1p(np.expm1(-exponent) @ _normal(u) * _STEP)
        log_weight = log_t + log_count + np.expm1(log_count) * log_mean
        return _normal(u - shift) * (step * np.exp(log_weight) @ np.exp(-exponent))


def _normal(u: np.ndarray) -> np.ndarray:
    return np.exp(-u * u / 2) / np.sqrt(2 * np.pi)
