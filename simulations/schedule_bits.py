"""What masking schedules lose on a Gaussian field, in closed form.

Values of a group are coded independently, given all earlier groups. Those of N(0, K) then take
(1/2M) Σ log2 2πe v_i bits, where v_i is the variance of value i given the groups before its own.
Groups of one reach the entropy, (1/2M) log2 det 2πe K; larger ones lose what their values tell of
one another. K is that of a stationary field with correlation ρ^(|i-i'| + |j-j'|), times q², and of
uniform rounding noise.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from rdtheory.arrays import number, whole_number
from rdtheory.cli.arguments import numbers, whole_numbers
from rdtheory.codecs.m2t.schedule import LOCATIONS, Schedule, schedule
from rdtheory.sources import GaussianVector


@dataclass(frozen=True)
class Config:
    """Field and schedules.

    Attributes:
        side: of the field.
        correlation: ρ.
        log_scale: log2 q.
        steps: numbers S, separated by commas.
        alphas: α, so too.
    """

    side: int = 8
    correlation: float = 0.9
    log_scale: float = 2.0
    steps: str = "1,2,4,8,12,16,32,64"
    alphas: str = "1,1.6,2.2,3,4"


def run(config: Config) -> dict[str, Any]:
    """Bits of a value by location, S and α; `checkerboard` has one S, 2."""
    field = gaussian_field(config.side, config.correlation)
    covariance = rounded_covariance(field, config.log_scale)
    alphas, rows = numbers("alphas", config.alphas), []
    for location in LOCATIONS:
        settings = product(whole_numbers("steps", config.steps), alphas)
        for steps, alpha in [(2, alphas[0])] if location == "checkerboard" else settings:
            plan = schedule(location, config.side, steps, alpha)
            bits = gaussian_grouped_bits(covariance, plan)
            rows.append({"location": location, "steps": steps, "alpha": alpha, "bits": bits})
    return {"entropy": gaussian_entropy(covariance), "rows": rows}


def gaussian_field(side: int, correlation: float) -> GaussianVector:
    """The field of variance 1 as a vector, row by row.

    >>> gaussian_field(2, 0.5).covariance[0]
    array([1.  , 0.5 , 0.5 , 0.25])
    """
    side = whole_number("side", side, 16)
    rho = number("correlation", correlation, lambda r: 0 <= r < 1, "a number >= 0 and < 1")
    apart = np.abs(np.subtract.outer(np.arange(side), np.arange(side)))
    return GaussianVector.from_covariance(np.kron(rho**apart, rho**apart))


def rounded_covariance(field: GaussianVector, log_scale: float) -> np.ndarray:
    """K: of q X and uniform rounding noise, q² Σ + I/12."""
    return 4.0**log_scale * np.asarray(field.covariance) + np.eye(field.dim) / 12


def gaussian_entropy(covariance: np.ndarray) -> float:
    """(1/2M) log2 det 2πe K, bits.

    >>> gaussian_entropy(np.eye(2) / (2 * np.pi * np.e))
    0.0
    """
    return float(np.linalg.slogdet(2 * np.pi * np.e * covariance)[1] / 2 / np.log(2)) / len(
        covariance
    )


def gaussian_grouped_bits(covariance: np.ndarray, plan: Schedule) -> float:
    """(1/2M) Σ log2 2πe v_i of a schedule.

    Of `entropy`, each group is what then has the least variances.
    """
    left, hidden, total = covariance.copy(), np.ones(len(covariance), bool), 0.0
    for step, size in enumerate(plan.sizes):
        if plan.location == "entropy":
            variances = np.where(hidden, np.diag(left).round(12), np.inf)
            group = np.argsort(variances, kind="stable")[:size]
        else:
            group = plan.groups[step]
        total += np.sum(np.log2(2 * np.pi * np.e * np.diag(left)[group])) / 2
        hidden[group] = False
        seen = left[:, group]
        left = left - seen @ np.linalg.solve(left[np.ix_(group, group)], seen.T)
    return float(total) / len(covariance)
