"""The order of the curves as theorems [T1.16, T1.4c]."""

import numpy as np
import pytest

from rdtheory import scheme
from rdtheory.bounds.curve_order import CURVE_ORDER

SPECTRA = [[1.0], [5.0, 2.0, 0.7, 0.1, 0.01], [2.0, 2.0], [3.0, 0.0], [1.0, *[0.002] * 30000]]


@pytest.mark.parametrize("theorem", CURVE_ORDER, ids=lambda theorem: theorem.name)
@pytest.mark.parametrize("noise_variance", [1e-9, 0.03, 1.0, 100.0, 1e7])
def test_the_order_holds(theorem, noise_variance):
    """[T1.16a], [T1.16b], [T1.4c]."""
    for spectrum in SPECTRA:
        chain = theorem.sides(spectrum, noise_variance)
        assert chain.holds, (spectrum, chain.to_dict())


def test_check_values_of_the_page():
    """[T1.16]: λ = (5, 2, .7, .1, .01) at R = 2 nats."""
    spectrum, bits = [5.0, 2.0, 0.7, 0.1, 0.01], 2 / np.log(2) / 5
    level = scheme("diffc-a", spectrum).at(bits_per_dim=bits).noise_level
    seen = {}
    for theorem in CURVE_ORDER[:4]:
        for member in theorem.sides(spectrum, level).members:
            seen[member.name] = round(member.value, 3)
    assert seen == {
        "D*": pytest.approx(3.245 / 2, abs=6e-4),
        "D_F*": 1.882,
        "D_F": 1.925,
        "D_A*": 3.245,
        "D_A": 3.458,
        "D_PF": 4.029,
        "D_PA": 7.019,
    }


def test_pairs_that_are_not_ordered():
    """[T1.16c]: D_F above D_A* for one strong component among 30,000 weak ones."""
    spectrum, bits = [1.0, *[0.002] * 30000], 0.3 / 30001 / np.log(2)
    flow, star = (
        float(scheme(name, spectrum).at(bits_per_dim=bits).distortion_per_dim) * 30001
        for name in ("diffc-f", "diffc-a-star")
    )
    assert flow == pytest.approx(121.270, abs=5e-4)
    assert star == pytest.approx(121.098, abs=5e-4)
