"""The paper: its numbers, claims and figures are there and used, and it can be typeset."""

import ast
import re
import shutil
from pathlib import Path

import pytest
from matplotlib import pyplot

from figures.registry import FIGURES
from figures.style import COLUMN, PAGE
from paper import build
from paper.claims import claims
from paper.numbers import NUMBERS, TABLES, library, speed
from rdtheory.errors import InputError

ROOT = Path(__file__).parents[2]
LABELS = set(
    re.findall(r"^\| <a [^>]+></a>([^|]+) \|", (ROOT / "docs/equation-map.md").read_text(), re.M)
)


def generated(macro):
    """Keys that `paper/generated/` defines."""
    pattern = re.compile(r"\\csname " + macro + r"@([^\\]+)\\endcsname")
    texts = (path.read_text() for path in build.GENERATED.glob("*.tex"))
    return {key for text in texts for key in pattern.findall(text)}


@pytest.mark.parametrize("macro", ["val", "rows", "claim"])
def test_text_and_generated_keys_agree(macro):
    assert build.keys_used(macro) == generated(macro)


def test_unknown_and_stale_keys_stop_the_build():
    known = dict.fromkeys(build.keys_used("rows"), "")
    build.check_keys("rows", known)
    with pytest.raises(InputError, match="masked-fields"):
        build.check_keys("rows", {key: "" for key in known if key != "masked-fields"})
    with pytest.raises(InputError, match="nowhere"):
        build.check_keys("rows", {**known, "nowhere": ""})


SETTINGS = {".15", ".3", ".4", ".7", ".8", "0.3", "0.391", "0.5", "0.9", "1.5", "2.4", "3.01"}
"""Numbers of the text that are settings of examples, published by others, or constants."""


def test_the_text_has_no_number_of_its_own():
    for name, text in build.sources().items():
        body = text.split(r"\begin{document}")[-1]
        prose = re.sub(r"\\(val|panel|widepanel)\{[^}]*\}|\$[^$]*\$|\[T[\w.]*\]", " ", body)
        prose = re.sub(r"p\{[\d.]+in\}", " ", prose)
        assert set(re.findall(r"(?<![\w.])\d*\.\d+", prose)) <= SETTINGS, name


def test_every_figure_of_the_paper_fits_where_it_stands():
    for macro, width in (("panel", COLUMN), ("widepanel", PAGE)):
        for name in build.keys_used(macro):
            assert FIGURES[name].SIZE[0] == width, name


@pytest.mark.parametrize("name", claims())
def test_a_claim_names_what_is_there(name):
    claim = claims()[name]
    path, function = claim.test.split("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert not claim.figure or claim.figure in FIGURES
    if claim.equation != "---":
        for label in re.split(r"[,;] ", claim.equation):
            known = label if re.match(r"T|Eq|Fig", label) else f"Eq. {label}"
            assert known in LABELS or known.rstrip("abcdefgh") in LABELS, known


def test_numbers_are_of_figures():
    assert {*NUMBERS, *TABLES} <= set(FIGURES)


def test_numbers_of_no_figure_are_not_stale():
    text = (build.GENERATED / "values.tex").read_text()
    for key, value in {**library(), **speed()}.items():
        assert f"@{key}\\endcsname{{{value}}}" in text


def test_a_figure_that_was_not_built_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "OUT", tmp_path)
    with pytest.raises(InputError, match="make figures"):
        build.figure_data("flow-gain")


def made(folder, names):
    """What LaTeX writes."""
    return [name for name in names if name.startswith("main.") and name != "main.tex"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The paper with empty figures of the right sizes."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(build.PAPER, root / "paper", ignore=made)
    (root / "figures/out").mkdir(parents=True)
    for name in build.figures_used():
        figure = pyplot.figure(figsize=FIGURES[name].SIZE)
        figure.savefig(root / f"figures/out/{name}.pdf", metadata={"CreationDate": None})
        pyplot.close(figure)
    return root / "paper"


def test_figures_that_were_not_drawn_are_one_line(tmp_path):
    with pytest.raises(InputError, match="make figures"):
        build.typeset(tmp_path / "paper")


def test_no_latex_is_one_line_with_the_packages(monkeypatch, copy):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(InputError, match="apt-get install latexmk"):
        build.typeset(copy)


@pytest.mark.skipif(shutil.which("latexmk") is None, reason=f"apt-get install {build.DEBIAN}")
def test_it_is_typeset_twice_with_the_same_bytes(copy):
    """10 to 14 pages, no box overfull by 5 pt or more, which `typeset` refuses."""
    first = build.typeset(copy).read_bytes()
    for name in made(copy, [path.name for path in copy.iterdir()]):
        (copy / name).unlink()
    assert build.typeset(copy).read_bytes() == first
    pages = re.search(r"Output written on main.pdf \((\d+) pages", (copy / "main.log").read_text())
    assert pages is not None
    assert 10 <= int(pages.group(1)) <= 14


@pytest.mark.skipif(shutil.which("latexmk") is None, reason=f"apt-get install {build.DEBIAN}")
def test_an_unknown_key_stops_latex(copy):
    (copy / "sections/conclusion.tex").write_text(r"It is \val{nothing/such}.")
    with pytest.raises(InputError, match="Nothing generates"):
        build.typeset(copy)
