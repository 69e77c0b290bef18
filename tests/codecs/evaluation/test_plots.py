"""Figures of a comparison: what they say, in every format."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from rdtheory.codecs.evaluation import Contender, evaluate, save_examples, save_plot
from rdtheory.codecs.media import Picture
from rdtheory.errors import InputError


def texts(path):
    """Matplotlib notes every text of a figure in a comment of the .svg."""
    return re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def photographs(photographs):
    """Few: only what is drawn matters here."""
    return dict(list(photographs.items())[:5])


@pytest.fixture
def entries(rounding):
    lower = Contender("rounding:lower", "lower ends", rounding, {"reconstruction": "lower"})
    return [Contender("rounding", "middles", rounding), lower]


def test_a_plot_has_every_panel_and_codec(tmp_path, photographs, entries):
    found = evaluate(photographs, entries, [10.0, 6.0])
    for name in ("plot.svg", "plot.pdf"):
        save_plot(tmp_path / name, found)
        assert (tmp_path / name).stat().st_size > 10_000
    said = texts(tmp_path / "plot.svg")
    for expected in (
        "mean PSNR (dB)",
        "bits per pixel",
        "of patch features",
        "(grey levels)",
        "spectrum error (dB)",
        "middles",
        "lower ends",
        "real against real",
    ):
        assert any(expected in text for text in said), expected
    assert not any("MS-SSIM" in text or "of fewer pictures" in text for text in said)


def test_rows_of_fewer_pictures_are_told_apart(tmp_path, photographs, entries, monkeypatch):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    pictures = {"noise": Picture(noise), **photographs}
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, path: drawn.append(figure))
    found = evaluate(pictures, entries, [24.5, 10.0, 3.5, 0.01])
    save_plot(tmp_path / "plot.svg", found)
    first, second, partial = found.rows[:3]
    lines = drawn[0].axes[0].get_lines()
    whole, hollow = lines[0], lines[1]
    assert whole.get_xdata().tolist() == [second.bits_per_pixel, first.bits_per_pixel]
    assert whole.get_ydata().tolist() == [second.mean_psnr_db, first.mean_psnr_db]
    assert hollow.get_xdata().tolist() == [partial.bits_per_pixel]
    assert hollow.get_markerfacecolor() == "white"
    assert "of fewer pictures" in drawn[0].legends[0].get_texts()[-2].get_text()


def test_large_pictures_without_realism(tmp_path, make_picture, entries):
    pictures = {"large": make_picture(0, 170, 180)}
    save_plot(tmp_path / "plot.svg", evaluate(pictures, entries, [10.0, 6.0]))
    said = texts(tmp_path / "plot.svg")
    assert "MS-SSIM" in said
    assert not any("grey levels" in text or "real against real" in text for text in said)


def test_nothing_coded_is_nothing_to_plot(tmp_path, photographs, entries):
    with pytest.raises(InputError, match="--plot"):
        save_plot(tmp_path / "plot.svg", evaluate(photographs, entries, [0.01]))


def test_a_page_of_examples(tmp_path, make_picture, entries):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    grey = make_picture(3, 48, 80, channels=1)
    pictures = {"noise": Picture(noise), "grey": grey, "colour": make_picture(4)}
    found = evaluate(pictures, entries, [24.5, 3.5, 10.0], examples=2)
    save_examples(tmp_path / "page.svg", found, pictures)
    said = texts(tmp_path / "page.svg")
    # The middle target is 10; noise cannot be coded at that with 13 bytes of container.
    shown = [row for row in found.rows if row.target_bits_per_pixel == 10.0]
    coded = {one.name: one for one in shown[0].coded}
    assert "target: 10 bits per pixel" in said
    assert {"noise", "grey", "original", "middles", "lower ends"} <= set(said)
    assert f"{coded['grey'].bits_per_pixel:.3f} bpp" in " ".join(said)
    assert f"{coded['grey'].psnr_db:.1f} dB" in " ".join(said)
    assert "colour" not in said
    save_examples(tmp_path / "page.png", found, pictures)
    with Image.open(tmp_path / "page.png") as page:
        assert page.width == pytest.approx(2100, abs=2)
    with pytest.raises(InputError, match="examples"):
        save_examples(tmp_path / "page.svg", evaluate(pictures, entries, [24.5]), pictures)
