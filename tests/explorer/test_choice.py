"""What can be asked for, and the one line for what cannot."""

import numpy as np
import pytest

from rdtheory import SCHEMES, InputError
from rdtheory.explorer.choice import LARGEST_DIM, PRESETS, Choice, load


@pytest.mark.parametrize("spec", PRESETS)
def test_every_preset_is_a_source(spec):
    assert 1 <= load(spec).dim <= LARGEST_DIM


def test_the_operated_scheme_is_drawn_in_the_order_of_the_library():
    choice = Choice(shown=("diffc-f-star", "rd"), operated="diffc-a")
    assert choice.schemes == ("rd", "diffc-a", "diffc-f-star")
    assert Choice(shown=tuple(SCHEMES)).schemes == tuple(SCHEMES)


@pytest.mark.parametrize(
    "bad",
    [
        {"value": 0.0},
        {"value": 4.1},
        {"value": np.nan},
        {"target": "noise_level", "value": -1.0},
        {"target": "noise_level", "value": np.inf},
        {"target": "snr_db"},
        {"operated": "jpeg"},
        {"shown": ("jpeg",)},
        {"slack": 1.01},
        {"slack": np.nan},
        {"common_bits_per_dim": -0.1},
        {"common_bits_per_dim": np.nan},
    ],
)
def test_values_out_of_range_are_refused(bad):
    with pytest.raises(InputError):
        Choice(**bad)


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "nothing",
        "ar1:rho=nan,dim=64",
        "ar1:rho=2,dim=64",
        "standard:dim=-1",
        "standard:dim=$$x$$",
        "powerlaw:exponent=inf,dim=4",
        "eigenvalues:missing.npy",
        "images:missing",
        "images:\0",
        "<script>alert(1)</script>",
    ],
)
def test_hostile_sources_are_refused(spec):
    with pytest.raises(InputError):
        load(spec)


@pytest.mark.parametrize(
    "spec",
    [
        "ar1:rho=0.9,dim=8192",
        "ar1:dim=8192,rho=0.9",
        "standard:dim=1025",
        "powerlaw:exponent=2,dim=10000000",
        f"standard:dim={'9' * 10_000}",
    ],
)
def test_a_source_too_large_is_refused_before_it_is_made(spec, monkeypatch):
    monkeypatch.setattr("rdtheory.explorer.choice.from_spec", pytest.fail)
    with pytest.raises(InputError, match="at most 1024"):
        load(spec)


def test_a_file_of_too_many_eigenvalues_is_refused(tmp_path):
    np.save(tmp_path / "many.npy", np.ones(LARGEST_DIM + 1))
    with pytest.raises(InputError, match="at most 1024"):
        load(f"eigenvalues:{tmp_path / 'many.npy'}")
