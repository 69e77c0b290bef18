"""What the tests of the manual share."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def extension():
    """A module of `docs/` by name."""
    return lambda name: load(ROOT / "docs" / f"{name}.py")


@pytest.fixture
def public_packages():
    """Those whose names the house rules look after; rdtheory itself has the page of the API."""
    return load(ROOT / "tests" / "contracts" / "test_house_rules.py").PUBLIC[1:]
