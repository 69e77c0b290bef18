"""The manual is whole: every page is listed, every link leads somewhere, no package is missing."""

import re
import subprocess
import sys
from importlib import import_module
from inspect import getmembers, ismodule
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {path.relative_to(DOCS).with_suffix("").as_posix(): path for path in DOCS.rglob("*.md")}
PAGES = {name: path for name, path in PAGES.items() if not name.startswith("_build")}

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)


def text(name):
    return PAGES[name].read_text(encoding="utf-8")


def entries(name):
    """The pages that a page's toctrees list."""
    folder = Path(name).parent
    for tree in _TOCTREE.findall(text(name)):
        for line in tree.splitlines():
            if line and not line.startswith(":"):
                target = re.sub(r"^.*<(.*)>$", r"\1", line)
                yield (folder / target).as_posix()


def reached(name="index"):
    """The page and all below it, as often as they are listed."""
    return [name, *(page for entry in entries(name) for page in reached(entry))]


def anchors(name):
    """What a heading is called in a link, on a code host and in the manual."""
    found = (heading.lower() for _, heading in _HEADING.findall(_FENCED.sub("", text(name))))
    return {re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-") for heading in found}


def test_every_page_is_listed_once():
    assert sorted(reached()) == sorted(PAGES)


def test_every_page_has_one_title():
    for name in PAGES:
        levels = [len(marks) for marks, _ in _HEADING.findall(_FENCED.sub("", text(name)))]
        assert levels[:1] == [1], name
        assert levels.count(1) == 1, name


def test_every_link_leads_to_a_page_or_a_picture_of_the_manual():
    """Files of the repository are named, not linked: so links work in the manual and beside it."""
    for name, path in PAGES.items():
        for link in _LINK.findall(_FENCED.sub("", text(name))):
            if link.startswith("http"):
                continue
            target, _, anchor = link.partition("#")
            file = (path.parent / target).resolve() if target else path
            assert DOCS in file.parents, (name, link)
            assert file.is_file(), (name, link)
            if anchor:
                assert anchor in anchors(file.relative_to(DOCS).with_suffix("").as_posix()), link


def test_every_public_package_has_a_page(public_packages):
    for package in public_packages:
        page = package.removeprefix("rdtheory.")
        assert f".. public-names:: {package}\n" in text(f"api/{page}"), package


def test_the_page_of_the_api_has_what_the_library_itself_offers():
    import rdtheory

    packages = {name for name, _ in getmembers(rdtheory, ismodule)}
    for name in set(rdtheory.__all__) - packages - {"__version__"}:
        assert f"rdtheory.{name} <" in text("api/index"), name


def test_the_listing_of_a_package_has_every_public_name(extension, public_packages):
    listing = extension("public_names").listing
    for package in public_packages:
        lines = list(listing(package))
        for name in import_module(package).__all__:
            if not ismodule(getattr(import_module(package), name)):
                assert f"   * - :py:obj:`~{package}.{name}`" in lines
                described = re.compile(rf"\.\. (py:data:: |auto\w+:: {re.escape(package)}\.){name}")
                assert any(described.fullmatch(line) for line in lines), name


def test_every_key_that_is_cited_is_in_the_bibliography():
    bibliography = (ROOT / "paper" / "references.bib").read_text(encoding="utf-8")
    keys = set(re.findall(r"^@\w+\{(\w+),", bibliography, re.MULTILINE))
    folders = ("docs", "figures", "rdtheory", "simulations", "tests", "benchmarks")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    for path in [*files, *PAGES.values()]:
        cited = set(re.findall(r"\[([A-Z][A-Za-z]+\d{4}[a-z]?)\]", path.read_text("utf-8")))
        assert cited <= keys, path


def test_the_page_of_commands_has_every_command(extension):
    page = extension("command_help").page()
    titles = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert {"rdtheory curve", "rdtheory codec train", "python -m figures build"} <= set(titles)
    for title in titles:
        assert re.search(rf"^usage: {re.escape(title)}\b", page, re.MULTILINE | re.IGNORECASE)


def test_it_builds_without_a_warning(tmp_path):
    """References, docstrings and directives, all but the writing of HTML."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "dummy"]
    done = subprocess.run(
        [*command, "-d", str(tmp_path / "doctrees"), str(DOCS), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
