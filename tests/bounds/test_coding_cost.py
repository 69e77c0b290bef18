"""Every coding-cost bound, both sides, beside numbers from elsewhere [T3.1, T3.2, T3.6a, P10]."""

import numpy as np
import pytest

from rdtheory import InputError
from rdtheory.bounds.coding_cost import CODING_COST, IndexCosts
from rdtheory.channel_simulation.laws import BOUNDS

SETTINGS = [([1.0], 0.1), ([1.0] * 16, 1.0), ([2.0], 50.0)]


@pytest.mark.parametrize("theorem", CODING_COST, ids=lambda theorem: theorem.name)
def test_every_bound_holds(theorem):
    """[T1.2a], [T3.1], [T3.2a-c], [T3.6a], [T3.7d]."""
    for source, noise_variance in SETTINGS:
        chain = theorem.sides(source, noise_variance)
        assert chain.holds, (source, noise_variance, chain.to_dict())


def test_members_are_those_of_the_theory():
    """The first check value of [T3.3] for a Gaussian channel: rho = 0.9, one dimension."""
    costs = IndexCosts([0.81], 0.19)  # rho² = 0.81
    assert costs.information.value == pytest.approx(-np.log2(0.19) / 2, rel=1e-12)
    assert costs.divergence.value == pytest.approx(1.71076, abs=2e-4)


def test_all_bounds_of_schemes_are_there():
    """One that bounds the constant for all sources from below says nothing of one source."""
    texts = " ".join(theorem.name.replace("-", "_") for theorem in CODING_COST)
    missing = {name for name in BOUNDS if name not in texts}
    assert missing == {
        "li_2025_lower_asymptotic",
        "mean_log2_li_el_gamal",  # together in mean-log-index
        "mean_log2_li_anantharam",
    }


def test_unequal_eigenvalues_are_refused():
    with pytest.raises(InputError, match="source"):
        CODING_COST[0].sides([1.0, 2.0], 0.1)
