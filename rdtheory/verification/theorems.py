"""The theorems evaluated: both sides, for the sources that they are about, at several noises."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from rdtheory.bounds import THEOREMS, Chain, Theorem
from rdtheory.bounds.coding_cost import CODING_COST
from rdtheory.bounds.curve_order import CURVE_ORDER
from rdtheory.bounds.source_brackets import SOURCE_BRACKETS
from rdtheory.bounds.verdict import Verdict
from rdtheory.sources import (
    GaussianMixture,
    GaussianMixtureVector,
    GaussianVector,
    IndependentComponents,
    Laplace,
    TwoPoint,
    Uniform,
    normal,
)
from rdtheory.verification.check import Check

_ON_THE_LINE = (
    normal(),
    Laplace(0.5**0.5),
    Uniform(1.0),
    GaussianMixture([0.3, 0.7], [-1.5, 0.8], [0.1, 0.3]),
)
_IN_THE_PLANE = GaussianMixtureVector(
    [0.3, 0.7], [[-1.0, 0.5], [1.0, 0.0]], [[[0.5, 0.2], [0.2, 0.3]], [[0.4, -0.1], [-0.1, 0.2]]]
)
_SPECTRA = tuple(
    GaussianVector(eigenvalues)
    for eigenvalues in ([1.0], [5.0, 2.0, 0.7, 0.1, 0.01], [2.0, 2.0, 0.0])
)
_EQUAL = tuple(GaussianVector([1.0] * dim) for dim in (1, 16))


def _settings(
    sources: Iterable[Any], noise_variances: tuple[float, ...] = (0.1, 0.5, 3.0)
) -> list[tuple[Any, float]]:
    return [(source, noise) for source in sources for noise in noise_variances]


_OF_SPECTRA = _settings(_SPECTRA)
_OF_LINES = _settings(_ON_THE_LINE)
_OF_EQUAL = _settings(_EQUAL, (0.02, 1.0))

_SETTINGS = {
    **dict.fromkeys((theorem.name for theorem in CURVE_ORDER), _OF_SPECTRA),
    **dict.fromkeys((theorem.name for theorem in CODING_COST), _OF_EQUAL),
    **dict.fromkeys((theorem.name for theorem in SOURCE_BRACKETS), _OF_LINES),
    "first-result": [*_OF_LINES, *_settings([_IN_THE_PLANE], (0.05, 0.3))],
    "second-result": [*_OF_LINES, *_settings([TwoPoint()])],
    "third-result": [*_OF_LINES, *_settings([IndependentComponents((Laplace(1.0), Uniform(2.0)))])],
}
"""For which sources, and at which noise levels, each theorem is evaluated."""


def _evaluate(theorem: Theorem) -> Verdict:
    worst: tuple[float, str] = (float("inf"), "")
    for source, noise in _SETTINGS[theorem.name]:
        chain: Chain = theorem.sides(source, noise)
        where = f"{getattr(source, 'name', source)} at t = {noise:g}"
        if not chain.holds:
            return Verdict(False, chain.margin, f"{chain.to_dict()['members']} for {where}")
        worst = min(worst, (chain.margin, where))
    return Verdict(True, worst[0], f"tightest for {worst[1]}")


EVALUATIONS = tuple(
    Check(
        theorem.statement,
        theorem.labels,
        f"both sides at {len(_SETTINGS[theorem.name])} settings",
        partial(_evaluate, theorem),
    )
    for theorem in THEOREMS.values()
)
"""One check a theorem."""
