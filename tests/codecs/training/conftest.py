"""The stand-in for a network, which is a program as well."""

import importlib.util
import sys
from pathlib import Path

import pytest

_PATH = Path(__file__).with_name("standin.py")
_SPEC = importlib.util.spec_from_file_location("standin", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
_STANDIN = importlib.util.module_from_spec(_SPEC)
sys.modules["standin"] = _STANDIN
_SPEC.loader.exec_module(_STANDIN)


@pytest.fixture(scope="session")
def standin():
    """The module `standin`."""
    return _STANDIN
