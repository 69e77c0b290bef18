"""The page in a browser: it loads, sliders move it, mistakes are told, nothing is sent away."""

import pytest
from selenium.webdriver.common.keys import Keys

from rdtheory import scheme, sources
from rdtheory.explorer.choice import Choice, load
from rdtheory.explorer.page import opening
from rdtheory.explorer.snippets import command, python
from rdtheory.explorer.view import view_of


def test_the_page_opens_with_everything_on_it(tab):
    view, _, answer = opening()
    assert tab.mark() == [0.391, float(view.point.snr_db)]
    assert tab.get("command", "text") == command(view)
    assert tab.get("python", "text") == python(view)
    assert f"{answer.bits_per_dim:.6g}" in tab.get("readout", "text")
    assert tab.driver.title == "rdtheory explore"


def test_a_key_moves_the_rate_the_point_and_the_noise_level(tab):
    before = tab.get("noise", "value")
    tab.find(".noUi-handle").send_keys(Keys.ARROW_RIGHT)
    tab.until("command", "text", "--bits-per-dim 0.4")
    rate = tab.get("rate", "value")
    point = scheme("diffc-f", sources.patches()).at(bits_per_dim=rate)
    assert tab.mark() == [pytest.approx(rate, rel=1e-12), pytest.approx(float(point.snr_db))]
    assert tab.get("noise", "value") < before
    assert tab.get("noise-text", "value") == f"{float(point.noise_level):.6g}"


def test_the_noise_level_moves_the_rate(tab):
    tab.set("noise", 2.0)
    tab.until("python", "text", "at(noise_level=100.0)")
    rate = float(scheme("diffc-f", sources.patches()).at(noise_level=100.0).bits_per_dim)
    assert tab.get("rate-text", "value") == f"{rate:.6g}"
    # The slider of the rate stands within a step of it.
    assert abs(tab.get("rate", "value") - rate) <= 0.005
    assert tab.mark()[0] == pytest.approx(rate, rel=1e-12)


def test_a_slider_moved_quickly_ends_where_it_was_left(tab):
    tab.driver.execute_script(
        "const rate = Bokeh.documents[0].get_model_by_name('rate');"
        "for (let i = 1; i <= 300; i++) rate.value = i / 100"
    )
    tab.until("command", "text", "--bits-per-dim 3.0")
    assert tab.mark()[0] == pytest.approx(3.0, rel=1e-12)
    assert tab.get("rate", "value") == 3


def test_perception_and_common_randomness_move_the_least_rate(tab):
    first = tab.get("readout", "text")
    tab.set("perception", 50)
    tab.set("common", 0.5)
    tab.wait(
        "const text = Bokeh.documents[0].get_model_by_name('readout').text;"
        "return text != arguments[0] && !text.includes('…')",
        first,
    )
    assert "common_randomness_bits=128.0" in tab.get("python", "text")
    assert "realism=0.5" in tab.get("python", "text")


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("spec", "nothing", "source: got 'nothing'"),
        ("spec", "ar1:rho=nan,dim=64", "rho: got nan"),
        ("spec", "standard:dim=99999999", "at most 1024 here"),
        ("spec", "eigenvalues:missing.npy", "no such file"),
        ("spec", "$$\\alpha$$", "source: got"),
        ("spec", "<img src='http://192.0.2.1/x.png'>", "source: got"),
        ("rate-text", "-1", "bits_per_dim: got -1.0"),
        ("rate-text", "nan", "bits_per_dim: got nan"),
        ("rate-text", "much", "rate: got 'much'"),
        ("noise-text", "0", "noise_level: got 0.0"),
        ("noise-text", "1e300", "noise_level: got 1e+300"),
        ("perception-text", "101", "from 0 to 100 %"),
        ("common-text", "-1", "bits per dimension >= 0"),
    ],
)
def test_a_mistake_shows_its_line_and_keeps_the_picture(tab, name, value, line):
    mark, text = tab.mark(), tab.get("command", "text")
    tab.set(name, value)
    tab.until("message", "text", line)
    assert tab.get("message", "visible")
    assert (tab.mark(), tab.get("command", "text")) == (mark, text)
    tab.set("rate", 1.25)
    tab.until("command", "text", "--source patches")
    tab.until("command", "text", "--bits-per-dim 1.25")
    assert not tab.get("message", "visible")
    assert tab.get("spec", "value") == "patches"


def test_another_source_and_another_scheme(tab):
    tab.set("spec", "ar1:rho=0.5,dim=8")
    tab.until("command", "text", "--source ar1:rho=0.5,dim=8")
    assert tab.get("preset", "value") == "another, typed below"
    tab.set("operated", "diffc-a-pink")
    tab.until("python", "text", "'diffc-a-pink'")
    tab.set("shown", [], "active")
    tab.until("command", "text", "--scheme diffc-a-pink ")
    spec = "ar1:rho=0.5,dim=8"
    view = view_of(Choice(spec, (), "diffc-a-pink"), load(spec))
    assert tab.mark() == [pytest.approx(0.391), pytest.approx(float(view.point.snr_db))]
    tab.set("preset", "standard:dim=1")
    tab.until("command", "text", "--source standard:dim=1")
    assert tab.get("spec", "value") == "standard:dim=1"


def test_the_button_copies_what_stands_under_it(tab):
    allowed = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    tab.driver.execute_cdp_cmd("Browser.grantPermissions", allowed)
    for name in ("command", "python"):
        tab.driver.execute_script(
            "const button = Bokeh.documents[0].get_model_by_name(arguments[0]);"
            "const found = Bokeh.index.find_one(button);"
            "found.shadow_el.querySelector('button').click()",
            f"copy-{name}",
        )
        tab.until(f"copy-{name}", "label", "Copied")
        copied = tab.driver.execute_async_script(
            "const done = arguments[0]; navigator.clipboard.readText().then(done, String)"
        )
        assert copied == tab.get(name, "text")


def test_two_tabs_do_not_disturb_each_other(tab, server):
    first = tab.driver.current_window_handle
    tab.set("rate", 2.0)
    tab.until("command", "text", "--bits-per-dim 2")
    tab.driver.switch_to.new_window("tab")
    try:
        tab.driver.get(server[1])
        tab.wait("return !!window.Bokeh && Bokeh.documents.length == 1")
        assert tab.get("rate-text", "value") == "0.391"
        tab.set("rate", 3.0)
        tab.until("command", "text", "--bits-per-dim 3")
    finally:
        tab.driver.close()
        tab.driver.switch_to.window(first)
    assert tab.get("rate-text", "value") == "2"
