"""What quantisers cost above ½ log2(1 + SNR), the information of Gaussian noise of equal variance.

Gaussian noise from the direct and the shifted layered quantiser and from balls of n components,
and uniform noise of the same variance. Lines by quadrature, marks from bytes of the range coder,
with two standard errors. The direct layered quantiser lies on the bound for one component, E D_CS
less the information, below which no one-shot scheme sends Gaussian noise; the bound for eight
components at a time is lower, and balls of eight come within 1.45/8 bits of it at high SNR.
"""

from typing import Any

import numpy as np
from scipy.special import log_ndtr, roots_gegenbauer, roots_genlaguerre, roots_hermitenorm

from figures.style import BLACK, BLUE, COLUMN, GREEN, ORANGE, PINK, RED
from rdtheory.channel_simulation import (
    STANDARD_NORMAL,
    ChannelSimulator,
    DiagonalGaussian,
    DirectLayered,
    DitheredUniform,
    Key,
    NBall,
    ShiftedLayered,
    UniformNoise,
)
from rdtheory.channel_simulation.laws import dithered_uniform_bits, functional_information_bits
from rdtheory.channel_simulation.n_ball import acceptance

SIZE = (COLUMN, 3.3)
PANELS = (1, 1)

SNR_DB = np.linspace(-24.0, 32.0, 43)
BOUND_DB = SNR_DB[::3]
SENT_DB = np.linspace(-20.0, 30.0, 6)
BALLS = (2, 8)
COMPONENTS = {"ball_8": 2**14}
"""Components that are sent, where not 2^16."""

LINES: dict[str, dict[str, Any]] = {
    "ball_2": {"label": "balls, n = 2", "color": ORANGE, "linestyle": "--", "marker": "s"},
    "shifted": {"label": "shifted layered", "color": RED, "linestyle": "-.", "marker": "^"},
    "direct": {"label": "direct layered", "color": BLUE, "linestyle": "-", "marker": "o"},
    "ball_8": {"label": "balls, n = 8", "color": PINK, "linestyle": (0, (5, 1)), "marker": "D"},
    "uniform": {
        "label": "uniform noise",
        "color": GREEN,
        "linestyle": (0, (3, 1, 1, 1)),
        "marker": "v",
    },
}
BOUNDS: dict[str, dict[str, Any]] = {
    "bound_1": {"label": "bound, 1 component", "color": "#BBBBBB", "linewidth": 4.0},
    "bound_8": {"label": "bound, 8 components", "color": BLACK, "linestyle": (0, (1, 1))},
}


def data() -> dict[str, Any]:
    """Bits per component above the information: by quadrature, and of real bytes."""
    snr = 10 ** (SNR_DB / 10)
    rates = {
        "uniform": dithered_uniform_bits(snr),
        **{name: [_layered_bits(one, name) for one in snr] for name in ("direct", "shifted")},
        **{f"ball_{n}": [_ball_bits(one, n) for one in snr] for n in BALLS},
    }
    correlation = np.sqrt(1 / (1 + 10 ** (-BOUND_DB / 10)))
    bounds = {
        n: np.array([functional_information_bits(rho, n) for rho in correlation]) / n
        for n in (1, 8)
    }
    return {
        "snr_db": SNR_DB,
        "overhead_bits": {name: rates[name] - _information_bits(SNR_DB) for name in LINES},
        "bound_snr_db": BOUND_DB,
        "bound_bits": {
            f"bound_{n}": bits - _information_bits(BOUND_DB) for n, bits in bounds.items()
        },
        "sent_snr_db": SENT_DB,
        "sent": {name: _sent(name) for name in LINES},
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """One line a quantiser, with its marks; the bounds."""
    (one,) = axes.flat
    for name, bits in data["bound_bits"].items():
        one.plot(data["bound_snr_db"], bits, zorder=1, **BOUNDS[name])
    for name, style in LINES.items():
        line = {"color": style["color"], "linestyle": style["linestyle"]}
        one.plot(data["snr_db"], data["overhead_bits"][name], **line)
        one.errorbar(
            data["sent_snr_db"],
            data["sent"][name]["overhead_bits"],
            2 * data["sent"][name]["standard_error"],
            color=style["color"],
            elinewidth=0.8,
            linestyle="none",
            marker=style["marker"],
            markersize=3,
        )
        one.plot([], [], markersize=3, **style)
    one.set(
        xlabel="SNR of one component (dB)",
        ylabel="bits above the information",
        xlim=(-24, 32),
        ylim=(0, 1),
    )
    one.figure.legend(loc="outside lower center", ncols=2)


def _sent(name: str) -> dict[str, np.ndarray]:
    """Real bytes above the information, per component, and the standard error of the mean."""
    rows = [_bytes_above(name, 10 ** (db / 10)) for db in SENT_DB]
    return dict(zip(("overhead_bits", "standard_error"), np.transpose(rows), strict=True))


def _bytes_above(name: str, snr: float) -> tuple[float, float]:
    variance, size = 1 / (1 + snr), COMPONENTS.get(name, 2**16)
    x = np.random.default_rng(7).standard_normal((size // 8, 8)) * np.sqrt(1 - variance)
    if name == "uniform":
        # In units of the source's deviation.
        width = float(np.sqrt(12 / snr))
        noisy = UniformNoise(x / np.sqrt(1 - variance), width)
        code = DitheredUniform(width).encode(noisy, STANDARD_NORMAL, Key(7))
    else:
        coders: dict[str, ChannelSimulator] = {
            "direct": DirectLayered(variance),
            "shifted": ShiftedLayered(variance),
            **{f"ball_{n}": NBall(variance, n) for n in BALLS},
        }
        target = DiagonalGaussian(x, variance)
        code = coders[name].encode(target, STANDARD_NORMAL, Key(7))
    assert code.actual_bits is not None
    assert code.ideal_bits is not None
    error = np.std(code.ideal_bits) / 8 / np.sqrt(code.ideal_bits.size)
    return code.actual_bits / size - np.log2(1 + snr) / 2, float(error)


def _information_bits(snr_db: np.ndarray) -> np.ndarray:
    return np.log2(1 + 10 ** (snr_db / 10)) / 2


def _layered_bits(snr: float, name: str) -> float:
    """The rate of uniform noise of width w, averaged over the widths [T3.9a].

    w² snr = (2 R)², or (R + R')² with R' = sqrt(-2 ln(1 - e^(-R²/2))). In ln(R²/2), R² ~ χ²_3, the
    trapezoidal rule converges fast.
    """
    half_square = np.exp(np.linspace(-22, 4.5, 200))
    weight = half_square**1.5 * np.exp(-half_square)
    length = 2 * np.sqrt(2 * half_square)
    if name == "shifted":
        length = length / 2 + np.sqrt(-2 * np.log(-np.expm1(-half_square)))
    return float(weight @ dithered_uniform_bits(12 * snr / length**2) / weight.sum())


def _ball_bits(snr: float, n: int) -> float:
    """Bits a component of balls by rejection: those of T, and of k as rounded Gaussians [T3.9d].

    Given r the point Z is uniform in the ball about x, and each k costs -log2 P(|X - z| <= w/2),
    w = 2 r: an average over r² snr ~ χ²_(n+2), a component of the ball, and x.
    """
    half_square, square_weight = roots_genlaguerre(16, n / 2)
    inside, inside_weight = roots_gegenbauer(160, n / 2)
    x, x_weight = roots_hermitenorm(32)
    half = np.sqrt(2 * half_square / snr)[:, None, None]
    z = np.abs(half * inside[:, None] + x)
    upper, lower = log_ndtr(half - z), log_ndtr(-half - z)
    bits = -(upper + np.log1p(-np.exp(lower - upper))) / np.log(2)
    mean = np.einsum("rbx,r,b,x", bits, square_weight, inside_weight, x_weight)
    mean /= square_weight.sum() * inside_weight.sum() * x_weight.sum()
    share = acceptance(n)
    trials = -np.log2(share) - (1 - share) / share * np.log2(1 - share)
    return float(mean + trials / n)
