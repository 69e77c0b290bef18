"""Every figure: its data, its files, its axes; and what the figures of the paper show."""

import json
import struct

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.text import Text

from figures.__main__ import main
from figures.build import build
from figures.registry import FIGURES
from figures.style import COLUMN, PAGE, RC, SOURCES
from figures.style import SCHEMES as STYLES
from paper.build import GENERATED, computed
from rdtheory import SCHEMES, scheme, sources
from simulations.provenance import plain

KEYS = {
    "fig-7a-rate-distortion": {"bits_per_dim", "snr_db"},
    "fig-7b-components": {"bits_per_dim", "snr_db"},
    "standard-normal": {"bits", "distortion", "snr_db"},
    "flow-gain": {"bits_per_dim", "gain_db", "power_law_limit_db"},
    "patches-at-four-rates": {"bits_per_dim", "original", "pictures", "psnr_db"},
    "code-length-overhead": {"shift", "narrow"},
    "candidates-examined": {"shift", "narrow"},
    "truncation-error": {
        "padding_bits",
        "not_among_the_candidates",
        "block_padding_bits",
        "block_shift",
        "law",
        "sent_padding_bits",
        "sent_blocks",
        "sent",
    },
    "quantiser-overhead": {
        "snr_db",
        "overhead_bits",
        "bound_snr_db",
        "bound_bits",
        "sent_snr_db",
        "sent",
    },
    "patches-real-bits": {"bits_per_dim", "snr_db", "streams"},
    "progressive-patches": {
        "steps",
        "information_bits",
        "bytes",
        "header_bytes",
        "original",
        "pictures",
        "psnr_db",
    },
    "first-result-chain": {"noise_variance", "bits", "error_bits"},
    "flow-ratio": {"ratio", "noise_variance", "expansion"},
    "realism-optimum": {"curves", "excess_bits", "second_term_bits", "gap_bits"},
    "perception-surface": {"distortion", "budget", "bits", "free", "section_bits", "shannon_bits"},
    "common-randomness": {"common_bits", "distortion", "patch_common_bits", "patch_snr_db"},
    "finite-steps": {"steps", "parts", "best", "excess_bits"},
    "codec-at-four-rates": {"bytes", "bits_per_pixel", "original", "pictures", "psnr_db"},
    "codec-flow-gain": {
        "file_bits_per_pixel",
        "information_bits_per_pixel",
        "psnr_db",
        "gain",
        "gain_gaussian_db",
        "reverse_steps",
        "levels",
    },
    "codecs-compared": {"64 x 64", "Kodak"},
    "masking-schedules": {"steps", "sizes"},
    "attention-masks": {"MT", "M2T, four groups", "full AR"},
    "schedule-bits": {"steps", "alpha"},
    "masked-fields": {"snr_db", "rate_bound", "entropy", "bits", "excess"},
    "masked-photographs": {"steps", "alpha", "others"},
    "decoding-time": {"m2t", "mt", "ar"},
}

WITHOUT_LEGEND = {
    "patches-at-four-rates",
    "progressive-patches",
    "common-randomness",
    "codec-at-four-rates",
    "attention-masks",
}
"""Pictures, and lines with their names beside them."""


@pytest.fixture(scope="module", params=FIGURES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def data(name, data_of):
    return data_of(name)


@pytest.fixture
def axes(name, data):
    with pyplot.rc_context({**RC, "backend": "agg"}):
        module = FIGURES[name]
        figure, axes = pyplot.subplots(*module.PANELS, figsize=module.SIZE, squeeze=False)
        module.draw(axes, data)
        figure.canvas.draw()
        yield axes
        pyplot.close(figure)


def numbers(value):
    """All arrays and numbers in dictionaries and lists."""
    if isinstance(value, dict | list | tuple):
        items = value.values() if isinstance(value, dict) else value
        return [number for item in items for number in numbers(item)]
    return [] if isinstance(value, str) else [np.asarray(value)]


def test_data_is_finite_and_has_its_keys(name, data):
    assert set(data) == KEYS[name]
    arrays = numbers(data)
    assert arrays
    for array in arrays:
        assert np.all(np.isfinite(array))


def test_data_is_the_same_each_time(name, data):
    again = numbers(FIGURES[name].data())
    for first, second in zip(numbers(data), again, strict=True):
        np.testing.assert_array_equal(first, second)


def test_axes_are_labelled(axes):
    for one in axes.flat:
        if one.lines:
            assert one.get_xlabel()
            assert one.get_ylabel()


def test_legends_speak_to_readers(name, axes):
    figure = axes.flat[0].figure
    legends = [*figure.legends, *(one.get_legend() for one in axes.flat if one.get_legend())]
    labels = [text.get_text() for legend in legends for text in legend.get_texts()]
    assert bool(labels) == (name not in WITHOUT_LEGEND)
    assert len(set(labels)) == len(labels)
    keys = {*SCHEMES, *SOURCES}
    texts = [text.get_text() for text in figure.findobj(Text)]
    assert not keys & {*labels, *texts}


def test_the_paper_has_the_numbers_of_the_figure(name, data):
    """Those in `paper/generated/`, which would be stale otherwise."""
    values, tables = computed({name: json.loads(json.dumps(plain(data)))})
    texts = {file: (GENERATED / file).read_text() for file in ("values.tex", "tables.tex")}
    for file, found in (("values.tex", values), ("tables.tex", tables)):
        for key, text in found.items():
            assert f"@{key}\\endcsname{{{text}}}" in texts[file]


def test_width_is_a_column_or_a_page(name):
    assert FIGURES[name].SIZE[0] in (COLUMN, PAGE)


def test_build_twice_gives_the_same_bytes(name, tmp_path):
    first, second = (build(name, tmp_path / folder) for folder in "ab")
    assert [path.name for path in first] == [f"{name}.{end}" for end in ("json", "pdf", "png")]
    assert sorted((tmp_path / "a").iterdir()) == sorted(first)
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()

    stored = json.loads(first[0].read_text(encoding="utf-8"))
    assert list(stored) == ["figure", "caption", "provenance", "data"]
    assert stored["figure"] == name
    assert stored["caption"] == " ".join(FIGURES[name].__doc__.split())
    assert set(stored["provenance"]) >= {"rdtheory", "numpy", "matplotlib", "python"}
    assert set(stored["data"]) == KEYS[name]
    assert first[1].read_bytes().startswith(b"%PDF-")
    png = first[2].read_bytes()
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    size = np.array(FIGURES[name].SIZE) * RC["savefig.dpi"]
    np.testing.assert_allclose([width, height], size, atol=1)


def test_json_keeps_every_digit(tmp_path):
    name = "standard-normal"
    (path, *_) = build(name, tmp_path)
    stored = json.loads(path.read_text(encoding="utf-8"))["data"]
    for first, second in zip(numbers(FIGURES[name].data()), numbers_of_lists(stored), strict=True):
        np.testing.assert_array_equal(first, second)


def numbers_of_lists(value):
    """As `numbers`, where arrays have become lists."""
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers_of_lists(item)]
    return [np.asarray(value)]


# What the figures show.

EXACT = 2e-12
"""Two numbers of the promised relative accuracy of 1e-12, compared."""


@pytest.fixture(scope="module", params=SOURCES)
def snr_db(request, data_of):
    """The curves of Fig. 7A on one source, by scheme."""
    return data_of("fig-7a-rate-distortion")["snr_db"][request.param]


def test_fig_7a_has_every_scheme(snr_db):
    assert list(snr_db) == list(STYLES) == list(SCHEMES)


def test_fig_7a_a_star_is_the_limit_of_deterministic_codes(snr_db):
    np.testing.assert_array_equal(snr_db["diffc-a-star"], snr_db["rd-half"])
    # R*(D/2): half the distortion, 10 log10(2) dB more.
    np.testing.assert_allclose(snr_db["rd"], snr_db["diffc-a-star"] + 10 * np.log10(2), rtol=EXACT)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("rd", "diffc-f-star"),
        ("diffc-f-star", "diffc-f"),
        ("diffc-f-star", "diffc-f-pink"),
        ("diffc-f-star", "diffc-a-star"),
        ("diffc-a-star", "diffc-a"),
        ("diffc-a-star", "diffc-a-pink"),
        ("diffc-f", "diffc-a"),
        ("diffc-f-pink", "diffc-a-pink"),
    ],
)
def test_fig_7a_order_at_equal_rate(snr_db, better, worse):
    """T1.16a, at every rate; strict but for no rate and for where all components are active."""
    gap = snr_db[better] - snr_db[worse]
    assert np.all(gap >= -EXACT * snr_db[better])
    assert np.all(gap[1:] > 0) or (better, worse) == ("diffc-a-star", "diffc-a")


def test_fig_7a_starts_at_0_db_and_rises(snr_db):
    for name, values in snr_db.items():
        assert values[0] == pytest.approx(10 * np.log10(2) if name == "rd" else 0.0, abs=1e-14)
        assert np.all(np.diff(values) > 0)


def test_fig_7b_over_half_of_the_components_get_nothing_from_a_star(data_of):
    data = data_of("fig-7b-components")
    assert data["bits_per_dim"] == 0.391
    zeros = {
        source: {name: np.count_nonzero(values == 0) for name, values in curves.items()}
        for source, curves in data["snr_db"].items()
    }
    assert zeros["patches"]["diffc-a-star"] == 158
    for source, counts in zeros.items():
        assert counts.pop("diffc-a-star") > 128, source
        assert not any(counts.values()), source


def test_fig_7b_text_counts_the_zeros(data_of):
    figure = FIGURES["fig-7b-components"]
    with pyplot.rc_context(RC):
        drawn, axes = pyplot.subplots(*figure.PANELS, squeeze=False)
        figure.draw(axes, data_of("fig-7b-components"))
        (text,) = (text.get_text() for text in axes.flat[0].texts)
        pyplot.close(drawn)
    assert text == "DiffC-A*: 0 dB in 158 of 256 components"


def test_fig_7b_components_spend_the_rate(data_of):
    """½ log2(1/δ) of A* and its SNR in dB are one thing: the mean of SNR / 6.02 is the rate."""
    data = data_of("fig-7b-components")
    for curves in data["snr_db"].values():
        for name in ("diffc-a", "diffc-a-pink", "diffc-a-star"):
            bits = np.mean(curves[name]) / (20 * np.log10(2))
            assert bits == pytest.approx(0.391, rel=EXACT)


RATES = [0.1, 0.25, 0.5, 1.0, 2.0, 3.0]


@pytest.mark.parametrize("source", [sources.patches(), sources.photos()], ids=SOURCES)
def test_gain_of_the_flow_on_images(source):
    """Other sets of photographs give gains within 0.06 dB of these."""
    schemes = (scheme(name, source) for name in ("diffc-f", "diffc-a"))
    flow, ancestral = (one.curve(bits_per_dim=RATES) for one in schemes)
    gain = flow.snr_db - ancestral.snr_db
    np.testing.assert_allclose(gain, [1.78, 2.03, 2.29, 2.61, 2.89, 2.98], rtol=0, atol=0.06)
    assert np.all(gain < 10 * np.log10(2))
    assert np.all(np.diff(gain) > 0)


def test_flow_gain_stays_below_3_db_and_tends_to_its_limits(data_of):
    data = data_of("flow-gain")
    for name, gain in data["gain_db"].items():
        assert np.all((gain > 0) & (gain < 10 * np.log10(2))), name
    rho = np.sqrt(-np.expm1(-2 * np.log(2) * data["bits_per_dim"]))
    normal = data["gain_db"]["standard normal"]
    np.testing.assert_allclose(normal, 10 * np.log10(1 + rho), rtol=0, atol=1e-10)
    for name, limit in data["power_law_limit_db"].items():
        # At the lowest rate few components are active: dimension is as good as unbounded.
        assert data["gain_db"][name][0] == pytest.approx(limit, abs=0.1), name


def test_standard_normal_is_eq_10_and_11(data_of):
    data = data_of("standard-normal")
    bits, distortion = data["bits"], data["distortion"]
    remaining = 4.0**-bits
    np.testing.assert_allclose(distortion["rd"], remaining, rtol=EXACT)
    np.testing.assert_allclose(distortion["rd-half"], 2 * remaining, rtol=EXACT)
    np.testing.assert_allclose(distortion["diffc-a"], 2 * remaining, rtol=EXACT)
    flow = 2 * remaining / (1 + np.sqrt(-np.expm1(-2 * np.log(2) * bits)))
    np.testing.assert_allclose(distortion["diffc-f"], flow, rtol=EXACT)
    for name, values in distortion.items():
        np.testing.assert_allclose(data["snr_db"][name], 10 * np.log10(2 / values), atol=1e-10)


def test_pictures_at_four_rates(data_of):
    data = data_of("patches-at-four-rates")
    original = data["original"]
    assert original.shape == (64, 64)
    for pictures, psnr_db in zip(data["pictures"], data["psnr_db"], strict=True):
        assert pictures.keys() == psnr_db.keys()
        for name, picture in pictures.items():
            mse = np.mean((picture.astype(float) - original) ** 2)
            assert psnr_db[name] == pytest.approx(20 * np.log10(255) - 10 * np.log10(mse))
        assert psnr_db["flow (F)"] > psnr_db["ancestral (A)"]


# The command.


def test_list(capsys):
    assert main(["list"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert [line.split()[0] for line in out.splitlines()] == list(FIGURES)
    for line, module in zip(out.splitlines(), FIGURES.values(), strict=True):
        assert line.endswith(module.__doc__.splitlines()[0])


def test_build_by_name(capsys, tmp_path):
    assert main(["build", "standard-normal", "--out", str(tmp_path / "new" / "folder")]) == 0
    out, err = capsys.readouterr()
    assert (out.count("\n"), err) == (1, "")
    assert out.startswith("[1/1] ")
    assert len(list((tmp_path / "new" / "folder").iterdir())) == 3


def test_build_all_names_every_figure(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("figures.__main__.build", lambda name, out: [out / name])
    assert main(["build", "all", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.rpartition("/")[2] for line in lines] == list(FIGURES)


@pytest.mark.parametrize(
    "arguments",
    [
        ["build", "nope"],
        ["build", "standard-normal", "nope"],
        ["build", "all", "nope"],
        ["build", ""],
        ["build"],
        ["nope"],
        [],
        ["build", "standard-normal", "--out", "file.txt"],
        ["build", "standard-normal", "--out", "file.txt/folder"],
    ],
)
def test_mistakes_are_one_line(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").touch()
    try:
        status = main(arguments)
    except SystemExit as stop:
        status = stop.code
    assert status == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]
