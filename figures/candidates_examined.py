"""How many candidates each algorithm looks at, on average, against the information.

Targets (a) N(m, 1), a shift, and (b) N(sqrt(1 - ρ²), ρ²), KL = log2(1/ρ). Global searches take
exponentially many: ordered and minimal random coding (ORC, MRC) 2^(KL + 4) here; the Poisson
functional representation (PFR) and greedy rejection (GRS, GPRS) sup r, which is infinite in (a);
the PFR whose error is certified to be at most 1 % the mean horizon of [T3.12]. Searches of a tree,
by branch and bound (GPRS) or by A* (AS*, AD*), take a number in proportion to the KL. Hybrid coding
takes 256 at any KL, the direct layered quantiser a single one. Lines are exact, a guide for the eye
is grey; marks are means over the library's searches, those of one KL side by side, with two
standard errors.
"""

from typing import Any

import numpy as np

from figures.code_length_overhead import MARKS, TITLES, coder_of, target_of
from figures.style import BLACK, BLUE, GREEN, ORANGE, PAGE, RED, SKY, label_panels
from rdtheory.channel_simulation import (
    STANDARD_NORMAL,
    ChannelSimulator,
    DiagonalGaussian,
    GreedyPoisson,
    GreedyRejection,
    Hybrid,
    Key,
    PoissonFunctional,
)
from rdtheory.channel_simulation.level_sets import LevelSets

SIZE = (PAGE, 3.7)
PANELS = (1, 2)

KL_BITS = np.geomspace(0.5, 29.0, 30)
PADDING_BITS = 4
EPSILON = 0.01

_TREES = (1, 2, 4, 8, 12, 20)
SEARCHED: dict[str, dict[str, tuple[int, ...]]] = {
    "shift": {"certified": (1, 2, 3, 4), "gprs_tree": (1, 2, 4, 8, 12)},
    "narrow": {
        "pfr": (1, 2, 4, 8),
        "grs": (1, 2, 4),
        "gprs": (1, 2, 4, 8),
        "gprs_tree": _TREES,
        "as_star": _TREES,
        "ad_star": _TREES,
    },
}
SAMPLES = 1000

LINES: dict[str, dict[str, Any]] = {
    "races": {"label": "ORC, MRC: $2^{KL + 4}$", "color": RED, "linestyle": (0, (1, 1))},
    "certified": {"label": "PFR, error ≤ 1 %", "color": SKY, "linestyle": "--"},
    "supremum": {"label": "PFR, GRS, GPRS: sup r", "color": BLUE},
    "hybrid": {"label": "hybrid", "color": GREEN, "linestyle": "-."},
    "layered": {"label": "direct layered", "color": BLACK, "linestyle": (0, (5, 1))},
    "guide": {"label": "in proportion to KL", "color": "#AAAAAA", "linewidth": 0.8},
}
SYMBOLS: dict[str, dict[str, Any]] = {
    "certified": {"label": "PFR, error ≤ 1 %, sent", "color": SKY, "marker": "P"},
    "pfr": {"label": "PFR", "color": BLUE, "marker": "s"},
    "grs": {"label": "GRS", "color": GREEN, "marker": "<"},
    "gprs": {"label": "GPRS", "color": ORANGE, "marker": ">"},
    **{name: MARKS[name] for name in ("gprs_tree", "as_star", "ad_star")},
}


def data() -> dict[str, Any]:
    """Mean numbers of candidates, for both families: exact, and as searched."""
    constant = np.ones(KL_BITS.size)
    races = 2.0 ** (KL_BITS + PADDING_BITS)
    shifts = [target_of("shift", kl)[0] for kl in KL_BITS]
    suprema = [float(LevelSets(*target_of("narrow", kl)).log_sup) for kl in KL_BITS]
    exact = {
        "shift": {
            "races": races,
            "certified": np.array([_mean_horizon(m) for m in shifts]),
            "guide": KL_BITS,
        },
        "narrow": {
            "races": races,
            "supremum": np.exp(suprema),
            "hybrid": Hybrid(0).candidates * constant,
            "layered": constant,
            "guide": KL_BITS,
        },
    }
    return {
        family: {
            "kl_bits": KL_BITS,
            "candidates": exact[family],
            "searched": {name: _searched(name, family, kl) for name, kl in searched.items()},
        }
        for family, searched in SEARCHED.items()
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """One panel a family."""
    lines, marks = {}, {}
    for one, (family, found) in zip(axes.flat, data.items(), strict=True):
        for name, candidates in found["candidates"].items():
            (line,) = one.plot(found["kl_bits"], candidates, **LINES[name])
            lines[line.get_label()] = line
        for number, (name, searched) in enumerate(found["searched"].items()):
            aside = 1.05 ** (number % 3 - 1) if family == "narrow" else 1.0
            mark = one.errorbar(
                searched["kl_bits"] * aside,
                searched["candidates"],
                2 * searched["standard_error"],
                elinewidth=0.8,
                linestyle="none",
                markersize=3.5,
                **SYMBOLS[name],
            )
            marks[mark.get_label()] = mark
        one.set(
            title=TITLES[family],
            xlabel="KL (bits)",
            ylabel="candidates examined, mean",
            xscale="log",
            yscale="log",
            xlim=(0.5, 29),
            ylim=(0.7, 1e9),
            xticks=[1, 2, 4, 8, 16],
            xticklabels=["1", "2", "4", "8", "16"],
        )
        one.minorticks_off()
    handles = {**lines, **marks}
    axes.flat[0].figure.legend(
        handles.values(), handles.keys(), loc="outside lower center", ncols=4
    )
    label_panels(axes)


def _mean_horizon(shift: float) -> float:
    """E max(1, t_ε(s)) over the winner's score s ~ Exp(1) [T3.3a, T3.12c]."""
    log_score, step = np.linspace(-12.0, 4.5, 400, retstep=True)
    weight = np.exp(log_score - np.exp(log_score)) * step
    horizon = np.exp(LevelSets(shift).log_horizon(log_score, EPSILON))
    return float(weight @ np.maximum(horizon, 1.0) / weight.sum())


def _searched(name: str, family: str, kl_bits: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Means over many searches, and their standard errors."""
    rows = []
    for kl in kl_bits:
        shift, std = target_of(family, kl)
        target = DiagonalGaussian(np.full((SAMPLES, 1), shift), std**2)
        found = _search(name, kl, std).encode(target, STANDARD_NORMAL, Key(7)).candidates
        assert found is not None
        rows.append((found.mean(), found.std() / np.sqrt(SAMPLES)))
    mean, error = np.transpose(rows)
    return {"kl_bits": np.array(kl_bits), "candidates": mean, "standard_error": error}


def _search(name: str, kl_bits: float, std: float) -> ChannelSimulator:
    globally: dict[str, ChannelSimulator] = {
        "certified": PoissonFunctional(EPSILON),
        "pfr": PoissonFunctional(),
        "grs": GreedyRejection(),
        "gprs": GreedyPoisson(),
    }
    return globally[name] if name in globally else coder_of(name, kl_bits, std)
