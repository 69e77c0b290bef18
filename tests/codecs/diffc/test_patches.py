"""Pictures as patches, and the Gaussian model of patches."""

import tarfile

import numpy as np
import pytest
from PIL import Image

from rdtheory import sources
from rdtheory.codecs.diffc.cosine_field import COLOURS
from rdtheory.codecs.diffc.data import make_patches
from rdtheory.codecs.diffc.mixture_patches import MixturePatches
from rdtheory.codecs.diffc.patch_basis import PatchBasis, orthonormal, stored
from rdtheory.codecs.diffc.patches import GaussianPatches
from rdtheory.errors import InputError

SHAPES = [(1, 1, 1), (1, 1, 3), (17, 31, 3), (16, 32, 1), (3, 200, 3), (33, 5, 1)]


def smooth_picture(shape, seed=0):
    """A random field whose neighbours are alike, in -1 .. 1."""
    steps = np.random.default_rng(seed).normal(size=shape)
    field = np.cumsum(np.cumsum(steps, axis=0), axis=1)
    return np.tanh(field / max(1e-3, np.abs(field).max()))


@pytest.mark.parametrize("model", [GaussianPatches(), MixturePatches()], ids=lambda m: m.name)
@pytest.mark.parametrize("shape", SHAPES)
def test_components_are_another_form_of_a_picture(model, shape):
    prior, values = model.prior(shape), smooth_picture(shape)
    components = prior.to_components(values)
    assert components.shape == (prior.vectors, len(prior.eigenvalues))
    found = prior.from_components(components)
    assert found.shape == shape
    assert np.allclose(found, values, rtol=0, atol=1e-13)


@pytest.mark.parametrize("model", [GaussianPatches(), MixturePatches()], ids=lambda m: m.name)
def test_the_basis_is_orthonormal(model):
    """Distances are kept where nothing is filled up, and components are free to be anything."""
    prior = model.prior((32, 48, 3))
    one, two = (smooth_picture((32, 48, 3), seed) for seed in (1, 2))
    apart = np.sum((prior.to_components(one) - prior.to_components(two)) ** 2)
    assert apart == pytest.approx(np.sum((one - two) ** 2), rel=1e-12)
    components = np.random.default_rng(0).normal(size=(prior.vectors, len(prior.eigenvalues)))
    again = prior.to_components(prior.from_components(components))
    assert np.allclose(again, components, rtol=0, atol=1e-13)


def test_patches_run_along_the_rows_and_are_filled_up_by_the_edge():
    means, bases = np.zeros((3, 4)), np.broadcast_to(np.eye(4), (3, 4, 4))
    values = np.arange(27.0).reshape(3, 3, 3)
    found = PatchBasis((3, 3, 3), means, bases).to_components(values)
    for number, (row, column) in enumerate([(0, 0), (0, 2), (2, 0), (2, 2)]):
        for plane in range(3):
            square = [
                COLOURS[plane] @ values[min(row + i, 2), min(column + j, 2)]
                for i in range(2)
                for j in range(2)
            ]
            assert np.allclose(found[number, 4 * plane : 4 * plane + 4], square)


def test_grey_components_are_those_of_the_embedded_source():
    source, prior = sources.patches(), GaussianPatches().prior((32, 16, 1))
    levels = np.random.default_rng(0).integers(0, 256, (32, 16))
    components = prior.to_components(levels[..., None] / 127.5 - 1)
    for row in range(2):
        expected = source.to_components(levels[16 * row : 16 * row + 16].reshape(-1)) / 127.5
        assert np.allclose(components[row], expected, rtol=0, atol=1e-12)
    assert np.allclose(prior.eigenvalues * 127.5**2, source.eigenvalues, rtol=1e-14)


def test_the_denoiser_is_the_conditional_mean_of_the_pixels():
    """Σ (Σ + t)⁻¹ (y - m) + m, solved in pixels."""
    source, prior = sources.patches(), GaussianPatches().prior((16, 16, 1))
    values, t = smooth_picture((16, 16, 1)), 0.05
    noisy = values + np.random.default_rng(0).normal(size=values.shape) * t**0.5
    found = prior.from_components(prior.denoise(prior.to_components(noisy), np.full(256, t)))
    covariance, mean = source.covariance / 127.5**2, source.mean / 127.5 - 1
    pull = np.linalg.solve(covariance + t * np.eye(256), noisy.reshape(-1) - mean)
    assert np.allclose(found.reshape(-1), mean + covariance @ pull, rtol=0, atol=1e-12)


def test_the_colour_spectra_are_in_order_and_luma_s_is_close_to_the_grey_one():
    eigenvalues = GaussianPatches().prior((16, 16, 3)).eigenvalues.reshape(3, 256)
    # The variances are those along the stored vectors, so nearly equal ones may swap.
    assert (np.diff(eigenvalues, axis=1) < 1e-4 * eigenvalues[:, :-1]).all()
    assert eigenvalues[0].sum() > 10 * eigenvalues[1].sum() > 10 * eigenvalues[2].sum()
    grey = GaussianPatches().prior((16, 16, 1)).eigenvalues
    assert np.allclose(eigenvalues[0] / 3, grey, rtol=0.15)


def test_the_tables_are_named_by_a_fingerprint():
    """A stream made with other numbers must be refused: these change only with the tables."""
    assert GaussianPatches().fingerprint == 2481698821
    assert MixturePatches().fingerprint == 2849972230


@pytest.mark.parametrize("model", [GaussianPatches(), MixturePatches()], ids=lambda m: m.name)
@pytest.mark.parametrize("shape", [(100,), (4, 4), (4, 4, 2), (0, 4, 3)])
def test_only_pictures_have_patches(model, shape):
    with pytest.raises(InputError, match=r"shape: got \(.*allowed: \(h, w, 3\) or \(h, w, 1\)"):
        model.prior(shape)


def test_stored_vectors_become_orthonormal():
    for name in ("gaussian_patches", "mixture_patches"):
        basis = orthonormal(stored(name)["eigenvectors"])
        products = basis.transpose(0, 2, 1) @ basis
        assert np.allclose(products, np.eye(basis.shape[1]), rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", ["npz", "tar"])
def test_the_gaussian_table_is_the_covariance_of_the_patches(tmp_path, kind):
    """Against NumPy's covariance of patches cut out one by one."""
    images = np.random.default_rng(0).integers(0, 256, (6, 24, 20, 3)).astype(np.uint8)
    if kind == "npz":
        np.savez(tmp_path / "pictures.npz", images=images)
    else:
        with tarfile.open(tmp_path / "pictures.tar", "w") as archive:
            for number, image in enumerate(images):
                Image.fromarray(image).save(tmp_path / f"{number}.png")
                archive.add(tmp_path / f"{number}.png", f"folder/{number}.png")
    arguments = ["gaussian", str(tmp_path / f"pictures.{kind}"), "--out", str(tmp_path)]
    assert make_patches.main(arguments) == 0
    with np.load(tmp_path / "gaussian_patches.npz") as table:
        found = dict(table)
    planes = (images / 127.5 - 1) @ COLOURS.T
    for plane in range(3):
        cut = [
            image[top : top + 16, left : left + 16, plane].reshape(-1)
            for image in planes
            for top in (0, 4, 8)
            for left in (0, 4)
        ]
        assert found["patches"] == len(cut)
        assert np.allclose(found["means"][plane], np.mean(cut, axis=0), atol=1e-6)
        basis = orthonormal(found["eigenvectors"][plane])
        covariance = basis.T @ np.cov(np.transpose(cut)) @ basis
        eigenvalues = found["eigenvalues"][plane]
        assert np.allclose(np.diag(covariance), eigenvalues, rtol=1e-5, atol=1e-6)
        leak = covariance - np.diag(np.diag(covariance))
        assert np.abs(leak).max() < 1e-3 * eigenvalues.max()


def test_a_missing_file_of_pictures_is_named(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        make_patches.main(["gaussian", str(tmp_path / "none.tar")])
    assert "none.tar is no file" in capsys.readouterr().err
