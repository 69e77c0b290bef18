"""Tools for testing: Hypothesis strategies, laws and high-precision oracles (extra `testing`)."""

from rdtheory.testing import strategies
from rdtheory.testing.law import Law

__all__ = ["Law", "strategies"]
