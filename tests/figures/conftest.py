"""What the figures show, computed once in a process for all tests."""

from functools import cache

import pytest

from figures.registry import FIGURES


@cache
def _data(name):
    return FIGURES[name].data()


@pytest.fixture(scope="session")
def data_of():
    """The data of a figure by its name."""
    return _data


def _fixture(name):
    return pytest.fixture(scope="session")(lambda: _data(name))


lengths = _fixture("code-length-overhead")
searches = _fixture("candidates-examined")
truncation = _fixture("truncation-error")
quantisers = _fixture("quantiser-overhead")
streams = _fixture("patches-real-bits")
progressive = _fixture("progressive-patches")
prefixes = _fixture("codec-at-four-rates")
gains = _fixture("codec-flow-gain")
compared = _fixture("codecs-compared")
closed = _fixture("schedule-bits")
fields = _fixture("masked-fields")
photographs = _fixture("masked-photographs")
times = _fixture("decoding-time")
