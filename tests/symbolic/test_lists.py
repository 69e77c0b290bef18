"""No proof and no inequality is left out of the lists that are run."""

import importlib
import pkgutil

import pytest

import rdtheory.bounds
import rdtheory.symbolic
from rdtheory.bounds.enclosed_inequalities import ENCLOSED_INEQUALITIES
from rdtheory.bounds.enclosed_inequality import EnclosedInequality
from rdtheory.symbolic import PROOFS, Proof


@pytest.mark.parametrize(
    ("package", "kind", "listed"),
    [
        (rdtheory.symbolic, Proof, PROOFS),
        (rdtheory.bounds, EnclosedInequality, ENCLOSED_INEQUALITIES),
    ],
)
def test_every_one_is_listed_once(package, kind, listed):
    names = (f"{package.__name__}.{info.name}" for info in pkgutil.iter_modules(package.__path__))
    made = {
        id(value)
        for name in names
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, kind)
    }
    assert made == {id(one) for one in listed}
    assert len({one.statement for one in listed}) == len(listed)
