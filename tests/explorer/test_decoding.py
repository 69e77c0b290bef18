"""The example that is sent: a photograph where the source is of pictures, else draws."""

import numpy as np
import pytest

from rdtheory.example_picture import cut, photograph, psnr_db, together
from rdtheory.explorer.choice import Choice, load
from rdtheory.explorer.view import view_of
from rdtheory.sources import patches


def decoded(**changes):
    choice = Choice(**changes)
    return view_of(choice, load(choice.spec)).decoded


def test_the_photograph_goes_through_the_channel_of_the_point():
    channel = view_of(Choice(), patches()).point.channel
    z = channel.send(cut(photograph()), np.random.default_rng(0))
    found = decoded()
    assert found.is_picture
    np.testing.assert_array_equal(found.by_scheme, together(channel.flow(z)))
    np.testing.assert_array_equal(
        found.received, together(patches().from_components(z / channel.gains))
    )
    assert found.quality_db[0] == psnr_db(together(channel.flow(z)), photograph())


def test_slack_goes_from_the_flow_to_the_posterior_mean():
    flow, mean = decoded(operated="diffc-f", slack=0.0), decoded(operated="diffc-f", slack=1.0)
    np.testing.assert_array_equal(flow.by_slack, flow.by_scheme)
    np.testing.assert_array_equal(mean.by_scheme, flow.by_scheme)
    # The same channel at the same rate: isotropic noise, with the posterior's mean.
    channel = view_of(Choice(), patches()).point.channel
    z = channel.send(cut(photograph()), np.random.default_rng(0))
    np.testing.assert_array_equal(mean.by_slack, together(channel.posterior_mean(z)))


def test_a_higher_rate_shows_a_better_picture():
    qualities = [decoded(value=rate).quality_db[0] for rate in (0.05, 0.391, 1.0, 4.0)]
    assert qualities == sorted(qualities)


@pytest.mark.parametrize(("spec", "values"), [("standard:dim=1", 64), ("ar1:rho=0.9,dim=65", 65)])
def test_other_sources_show_draws_of_their_own(spec, values):
    found = decoded(spec=spec)
    assert not found.is_picture
    assert found.original.shape == found.by_scheme.shape == found.by_slack.shape == (values,)


def test_components_without_rate_are_received_as_their_mean():
    assert np.isfinite(decoded(spec="powerlaw:exponent=2,dim=64", operated="rd").received).all()


def test_patches_that_do_not_tile_the_photograph_show_whole_ones(tmp_path):
    from PIL import Image

    for number in range(12):
        grey = np.random.default_rng(number).integers(0, 256, (64, 64), dtype=np.uint8)
        Image.fromarray(grey).save(tmp_path / f"{number}.png")
    found = decoded(spec=f"images:{tmp_path},patch=12,downsample=60")
    assert found.original.shape == (60, 60)
