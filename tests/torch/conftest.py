"""Tests that need PyTorch and diffusers: `make test-torch` runs them, where both are installed."""

from importlib.util import find_spec

if find_spec("torch") is None:
    collect_ignore_glob = ["test_*.py"]
