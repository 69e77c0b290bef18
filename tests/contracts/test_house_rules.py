"""What the project promises of itself: imports, docstrings, the equation map, names, pins."""

import ast
import importlib
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PUBLIC = (
    "rdtheory",
    "rdtheory.sources",
    "rdtheory.rate_distortion",
    "rdtheory.diffusion",
    "rdtheory.perception",
    "rdtheory.channel_simulation",
    "rdtheory.channel_simulation.laws",
    "rdtheory.codecs",
    "rdtheory.codecs.evaluation",
    "rdtheory.bounds",
    "rdtheory.symbolic",
    "rdtheory.verification",
    "rdtheory.testing",
)
LABELS = """
    T0.1, T1.1a-d, T1.2a-c, T1.3a,b, T1.4a-d, T1.5a-f, T1.6a-d, T1.7, T1.8, T1.9a-f, T1.10a,b,
    T1.11, T1.12, T1.13a-d, T1.14, T1.15a-c, T1.16a-c, T2.1a-e, T2.2a-c, T2.3a,b, T2.4, T2.5a-e,
    T2.6a-c, T3.1, T3.2a-c, T3.3a-g, T3.4, T3.5a,b, T3.6a-c, T3.7a-d, T3.8, T3.9a-d, T3.10, T3.11,
    T3.12a-d, T4.1a-f, T4.2a-c, T4.3a,b, T4.4a-c, T4.5, T5.1a,b, T5.2, T5.3a-c, T5.4, T5.5, T5.6a,b,
    T6.1a,b, T6.2, T6.3, T7.1, T9.1, T9.2, T9.3, T9.5, T9.7
"""
"""The formulas of the theory. (T9.4 and T9.6 warn of what the library does not do.)"""
LAWS = {f"P{number}" for number in range(1, 22)}
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
]
TEXTS = [path for path in TRACKED if path.suffix in (".py", ".md", ".toml", ".txt", ".bib", ".tex")]
SOURCES = [path for path in TEXTS if path.suffix == ".py"]


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_import_loads_nothing_heavy_and_sets_no_flag():
    code = (
        "import sys, rdtheory; print(sorted({'jax', 'matplotlib', 'scipy', 'sympy', 'xarray',"
        " 'pandas', 'PIL', 'rich', 'typer', 'hypothesis', 'mpmath'} & set(sys.modules)));"
        "import jax; print(jax.config.jax_enable_x64)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False"]


@pytest.mark.parametrize("package", PUBLIC)
def test_public_names_have_a_statement_and_an_example(package):
    module = importlib.import_module(package)
    assert module.__doc__
    for name in module.__all__:
        value = getattr(module, name)
        if callable(value):
            assert ">>>" in value.__doc__, name


def test_every_module_says_what_it_is():
    for path in SOURCES:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_the_equation_map_is_up_to_date_and_every_equation_has_a_test():
    maker = load(ROOT / "docs" / "equation_map.py")
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page(), "run docs/equation_map.py"
    code, tests = maker.references("rdtheory"), maker.references("tests")
    formulas = maker.labels(LABELS) | {f"Eq. {number}" for number in range(1, 19)}
    assert not sorted(formulas - set(code))
    assert not sorted((formulas | LAWS) - set(tests))


def test_citations_and_bibliography_agree():
    bibliography = (ROOT / "paper" / "references.bib").read_text(encoding="utf-8")
    entries = set(re.findall(r"^@\w+\{(\w+),", bibliography, re.MULTILINE))
    library = "\n".join(
        path.read_text(encoding="utf-8") for path in SOURCES if ROOT / "rdtheory" in path.parents
    )
    cited = set(re.findall(r"\[([A-Z][A-Za-z]+\d{4}[a-z]?)\]", library))
    for path in (ROOT / "paper" / "sections").glob("*.tex"):
        for keys in re.findall(r"\\cite\w*\{([^}]+)\}", path.read_text(encoding="utf-8")):
            cited |= set(keys.split(","))
    assert cited == entries


def test_no_file_is_long():
    for path in SOURCES:
        lines = path.read_text(encoding="utf-8").count("\n")
        # The oracle and the tests of decoding are catalogues: one idea, many cases.
        longest = 700 if "tests" in path.parts or path.name == "oracles.py" else 400
        assert lines <= longest, (path, lines)


def test_texts_speak_of_the_project_alone():
    """No path of a machine, no address of a package registry."""
    foreign = re.compile(r"(?<![\w.])/(work|root|home|opt|tmp)/|pypi\.|files\.pythonhosted")
    for path in TEXTS:
        if path != Path(__file__):
            assert not foreign.search(path.read_text(encoding="utf-8")), path


def test_pins_are_complete_and_within_the_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = dict(line.split("==") for line in lines)
    pins = {canonicalize_name(name): version for name, version in pins.items()}
    extras = project["optional-dependencies"].values()
    for text in [*project["dependencies"], *(text for extra in extras for text in extra)]:
        requirement = Requirement(text)
        if requirement.name != project["name"]:
            version = pins[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), (text, version)


def test_the_readme_has_ten_lines_of_example():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert sum(line.startswith(">>>") for line in readme.splitlines()) == 10
