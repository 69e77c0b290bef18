"""What a diffusion code in T steps costs, and the best T.

(a) Bits of one message a step, kernels of fixed variance: the information C, the excess of such
kernels L²/T, and the overhead of T messages (Eq. 3) [T5.2]. 64×64 colour pictures as 12288 equal
components, C = 2000 bits. The least is at T = 4 (filled mark); if a message may carry at most 16
bits, as its search takes 2^(bits), T must be at least 125 (open mark). (b) The excess of kernels of
fixed variance for patches at 1 bit per dimension, with SNRs in equal ratios and with steps of equal
arc length, which are best as T grows and tend to L²/T [T5.1].
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, GREEN, ORANGE, PAGE, RED, label_panels
from rdtheory import scheme, sources
from rdtheory.diffusion import (
    Progression,
    arc_length,
    arc_length_noise_levels,
    best_step_count,
    fixed_variance_cost,
    step_count,
)
from rdtheory.units import bits_from_nats, nats_from_bits

SIZE = (PAGE, 2.8)
PANELS = (1, 2)

DIM = 12288
INFORMATION_BITS = 2000.0
MESSAGE_BITS = 16.0
STEPS = 2 ** np.arange(11)
PARTS = {
    "total_bits": {"color": BLACK, "linestyle": "-", "label": "total"},
    "information_bits": {"color": BLUE, "linestyle": ":", "label": "information $C$"},
    "excess_bits": {"color": RED, "linestyle": "--", "label": "excess $L^2/T$"},
    "overhead_bits": {"color": GREEN, "linestyle": "-.", "label": "overhead of messages"},
}

BITS_PER_DIM = 1.0
FIRST_SNR = 1e-4
"""Of the schedule in equal ratios: λ₁/t of its first step."""


def data() -> dict[str, Any]:
    """Parts of the cost against T, the best T, and the excess of two schedules."""
    # L² = I²/M nats for equal components [T5.1b].
    squared_length = bits_from_nats(nats_from_bits(INFORMATION_BITS) ** 2 / DIM)
    counts = [step_count(int(steps), INFORMATION_BITS, squared_length) for steps in STEPS]
    best = {
        "any": best_step_count(INFORMATION_BITS, squared_length),
        "limited": best_step_count(
            INFORMATION_BITS, squared_length, largest_message_bits=MESSAGE_BITS
        ),
    }
    patches = sources.patches()
    level = float(scheme("diffc-a", patches).at(bits_per_dim=BITS_PER_DIM).noise_level)
    length = arc_length(patches, level)
    return {
        "steps": STEPS,
        "parts": {name: np.array([getattr(count, name) for count in counts]) for name in PARTS},
        "best": {name: [count.steps, count.total_bits] for name, count in best.items()},
        "excess_bits": {
            "ratios": _excess(patches, lambda steps: _equal_ratios(patches, level, steps)),
            "arc": _excess(patches, lambda steps: arc_length_noise_levels(patches, level, steps)),
            "limit": bits_from_nats(length**2) / STEPS,
        },
    }


def _equal_ratios(source: Any, level: float, steps: int) -> np.ndarray:
    if steps == 1:
        return np.array([level])
    return np.geomspace(float(source.leading_eigenvalue) / FIRST_SNR, level, steps)


def _excess(source: Any, levels: Any) -> np.ndarray:
    return np.array(
        [
            fixed_variance_cost(
                Progression(scheme("diffc-a", source), noise_level=levels(int(steps)))
            ).excess_bits
            for steps in STEPS
        ]
    )


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """Parts of the cost on the left, the excess of two schedules on the right."""
    left, right = axes.flat
    for name, line in PARTS.items():
        left.plot(data["steps"], data["parts"][name], **line)
    for name, face, label in (
        ("any", BLACK, "best $T$"),
        ("limited", "white", r"best $T$, $\leq 16$ bits each"),
    ):
        left.plot(
            *data["best"][name],
            color=BLACK,
            marker="o",
            linestyle="none",
            markerfacecolor=face,
            label=label,
        )
    left.set(
        title="one message a step",
        xlabel="steps $T$",
        ylabel="cost (bits)",
        xscale="log",
        yscale="log",
        ylim=(1, 1e6),
    )
    left.legend(ncols=2, loc="upper left")
    excess = data["excess_bits"]
    right.plot(data["steps"], excess["ratios"], color=ORANGE, label="SNRs in equal ratios")
    right.plot(data["steps"], excess["arc"], color=BLUE, linestyle="--", label="equal arc length")
    right.plot(data["steps"], excess["limit"], color=BLACK, linestyle=":", label="$L^2/T$")
    right.set(
        title="kernels of fixed variance, patches at 1 bit/dim",
        xlabel="steps $T$",
        ylabel="excess over exact kernels (bits)",
        xscale="log",
        yscale="log",
    )
    right.legend()
    label_panels(axes)
