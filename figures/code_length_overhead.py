"""How many bits above the information the index of each algorithm costs, from half a bit to 1,000.

Targets (a) N(m, 1), a shift, and (b) N(sqrt(1 - ρ²), ρ²), of the same second moment as the prior
N(0, 1), KL = log2(1/ρ). Lines are exact laws: the Poisson functional representation (PFR) under its
best code, under the Zipf code of the KL and under Elias's delta code; greedy rejection in steps
(GRS) and in time (GPRS) under the best code; and the divergence D_CS, the lower limit of all. Marks
were sent by the library (those of one KL stand side by side; bars are two standard errors): ordered
and minimal random coding (ORC, MRC) from 2^(KL + 4) candidates, GPRS by branch and bound, A*
coding (AS*, AD*), hybrid coding, the direct layered quantiser. ORC can lie below the limit: among
so few candidates its sample carries less than the KL. Grey: KL + log2(KL + 1) + c.
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, GREEN, ORANGE, PAGE, PINK, RED, SKY, label_panels
from rdtheory.channel_simulation import (
    STANDARD_NORMAL,
    AStar,
    BranchAndBoundGreedyPoisson,
    ChannelSimulator,
    DiagonalGaussian,
    DirectLayered,
    Hybrid,
    Key,
    MinimalRandomCoding,
    OrderedRandomCoding,
)
from rdtheory.channel_simulation.laws import (
    GPRSIndexLaw,
    GRSIndexLaw,
    PFRIndexLaw,
    channel_simulation_divergence_bits,
    li_anantharam_bits,
    li_el_gamal_bits,
)
from rdtheory.diffusion import one_shot_bound_bits
from rdtheory.units import nats_from_bits

SIZE = (PAGE, 4.4)
PANELS = (1, 2)

KL_BITS = {
    "shift": np.geomspace(0.5, 1000.0, 23),
    "narrow": np.geomspace(0.5, 29.0, 16),
}
"""LevelSets reach down to ρ = 1e-9, 29.9 bits."""

_TREES = (1, 2, 4, 8, 12, 20)
SENT: dict[str, dict[str, tuple[int, ...]]] = {
    "shift": {"orc": (1, 2, 4, 8), "mrc": (1, 2, 4, 8), "gprs_tree": (1, 2, 4, 8, 12)},
    "narrow": {
        "orc": (1, 2, 4, 8),
        "mrc": (1, 2, 4, 8),
        "gprs_tree": _TREES,
        "as_star": _TREES,
        "ad_star": _TREES,
        "hybrid": _TREES,
        "layered": _TREES,
    },
}
SAMPLES = {"orc": 500, "mrc": 10, "hybrid": 1000}
"""Targets that are sent, where not 2000."""

LINES: dict[str, dict[str, Any]] = {
    "divergence": {"label": r"$D_{CS}$", "color": "#BBBBBB", "linewidth": 4.0},
    "pfr_entropy": {"label": "PFR, best code", "color": BLUE},
    "pfr_zipf": {"label": "PFR, Zipf", "color": BLUE, "linestyle": "--"},
    "pfr_elias_delta": {"label": "PFR, Elias δ", "color": BLUE, "linestyle": (0, (1, 1))},
    "grs_entropy": {"label": "GRS, best code", "color": GREEN},
    "gprs_entropy": {"label": "GPRS, best code", "color": ORANGE, "linestyle": (0, (3, 2))},
}
UPPER: dict[str, dict[str, Any]] = {
    "eq_3": {"label": "Eq. 3: c = 5", "color": "#888888"},
    "li_el_gamal": {"label": "Li–El Gamal: 3.87", "color": "#888888", "linestyle": "--"},
    "li_anantharam": {
        "label": "Li–Anantharam: 3.73",
        "color": "#888888",
        "linestyle": (0, (1, 1)),
    },
}
MARKS: dict[str, dict[str, Any]] = {
    "mrc": {"label": "MRC", "color": BLACK, "marker": "*"},
    "orc": {"label": "ORC", "color": RED, "marker": "s"},
    "gprs_tree": {"label": "GPRS, tree", "color": ORANGE, "marker": "^"},
    "as_star": {"label": "AS*", "color": PINK, "marker": "o"},
    "ad_star": {"label": "AD*", "color": SKY, "marker": "D"},
    "hybrid": {"label": "hybrid", "color": GREEN, "marker": "v"},
    "layered": {"label": "direct layered", "color": BLACK, "marker": "x"},
}
TITLES = {"shift": "shifted: N(m, 1)", "narrow": "shifted and narrow: N(√(1 − ρ²), ρ²)"}


def data() -> dict[str, Any]:
    """Lengths less the KL, in bits: of exact laws, bounds and what was sent, for both families."""
    upper = {
        "eq_3": one_shot_bound_bits,
        "li_el_gamal": li_el_gamal_bits,
        "li_anantharam": li_anantharam_bits,
    }
    found = {}
    for family, kl_bits in KL_BITS.items():
        laws = [_laws(*target_of(family, kl)) for kl in kl_bits]
        found[family] = {
            "kl_bits": kl_bits,
            "overhead_bits": {
                name: np.array([law[name] for law in laws]) - kl_bits for name in LINES
            },
            "bound_bits": {name: bound(kl_bits) - kl_bits for name, bound in upper.items()},
            "sent": {name: _sent(name, family, sent) for name, sent in SENT[family].items()},
        }
    return found


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """One panel a family."""
    handles = {}
    for one, (family, found) in zip(axes.flat, data.items(), strict=True):
        for name, style in UPPER.items():
            one.plot(found["kl_bits"], found["bound_bits"][name], **{"linewidth": 0.9, **style})
        for name, style in LINES.items():
            one.plot(found["kl_bits"], found["overhead_bits"][name], **style)
        for number, (name, sent) in enumerate(found["sent"].items()):
            aside = 1.07 ** (number - (len(found["sent"]) - 1) / 2)
            one.errorbar(
                sent["kl_bits"] * aside,
                sent["overhead_bits"],
                2 * sent["standard_error"],
                elinewidth=0.8,
                linestyle="none",
                markersize=3.5,
                **MARKS[name],
            )
        one.set(
            title=TITLES[family],
            xlabel="KL (bits)",
            ylabel="code length − KL (bits)",
            xscale="log",
            xlim=found["kl_bits"][[0, -1]],
        )
        handles |= dict(zip(*one.get_legend_handles_labels()[::-1], strict=True))
    left, right = axes.flat
    left.set(
        ylim=(0, 18.5),
        yticks=[0, 5, 10, 15],
        xticks=[1, 10, 100, 1000],
        xticklabels=["1", "10", "100", "1,000"],
    )
    right.set(ylim=(0, 8), xticks=[1, 2, 4, 8, 16], xticklabels=["1", "2", "4", "8", "16"])
    right.minorticks_off()
    left.figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=4, handlelength=2.5
    )
    label_panels(axes)


def target_of(family: str, kl_bits: float) -> tuple[float, float]:
    """Shift and standard deviation of the target of a family that has this KL.

    >>> target_of("narrow", 1.0)
    (0.8660254037844386, 0.5)
    """
    if family == "shift":
        return float(np.sqrt(2 * nats_from_bits(kl_bits))), 1.0
    rho = 2.0**-kl_bits
    return float(np.sqrt((1 - rho) * (1 + rho))), float(rho)


def coder_of(name: str, kl_bits: float, std: float) -> ChannelSimulator:
    """An algorithm, as set up for targets of such a KL.

    >>> coder_of("orc", 4, 1.0).candidates
    256
    """
    candidates = 2 ** int(np.ceil(kl_bits + 4))
    coders: dict[str, Any] = {
        "orc": lambda: OrderedRandomCoding(candidates),
        "mrc": lambda: MinimalRandomCoding(candidates),
        "gprs_tree": BranchAndBoundGreedyPoisson,
        "as_star": lambda: AStar("sample"),
        "ad_star": lambda: AStar("dyadic"),
        "layered": lambda: DirectLayered(std**2),
    }
    return coders[name]()


def _laws(shift: float, std: float) -> dict[str, float]:
    """Mean lengths in bits under the exact laws."""
    pfr = PFRIndexLaw(shift, std)
    return {
        "divergence": float(channel_simulation_divergence_bits(shift, std)),
        "pfr_entropy": pfr.entropy_bits,
        "pfr_zipf": pfr.zipf_bits(),
        "pfr_elias_delta": pfr.elias_delta_bits,
        "grs_entropy": GRSIndexLaw(shift, std).entropy_bits,
        "gprs_entropy": GPRSIndexLaw(shift, std).entropy_bits,
    }


def _sent(name: str, family: str, kl_bits: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Ideal code lengths less the KL, and the standard errors of their means."""
    lengths = []
    for kl in kl_bits:
        shift, std = target_of(family, kl)
        target = DiagonalGaussian(np.full((SAMPLES.get(name, 2000), 1), shift), std**2)
        if name == "hybrid":
            coder = Hybrid.fitting(target, STANDARD_NORMAL)
        else:
            coder = coder_of(name, kl, std)
        bits = coder.encode(target, STANDARD_NORMAL, Key(7)).ideal_bits
        assert bits is not None
        lengths.append((bits.mean() - kl, bits.std() / np.sqrt(bits.size)))
    overhead, error = np.transpose(lengths)
    return {"kl_bits": np.array(kl_bits), "overhead_bits": overhead, "standard_error": error}
