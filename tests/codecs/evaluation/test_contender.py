"""Lists of codecs as they are typed."""

import pytest

from rdtheory.codecs.evaluation import contenders
from rdtheory.errors import InputError


def test_decoders_of_one_codec_share_it():
    jpeg, flow, mmse, other = contenders("jpeg,diffc:flow,diffc:mmse,diffc@gaussian:flow")
    assert [one.name for one in (jpeg, flow, other)] == [
        "jpeg",
        "diffc:flow",
        "diffc@gaussian:flow",
    ]
    assert flow.codec is mmse.codec
    assert flow.codec is not other.codec
    assert (jpeg.options, mmse.options) == ({}, {"reconstruction": "mmse"})
    assert flow.label == f"{flow.codec.label} (flow)"
    assert other.label == f"{flow.codec.label} (gaussian, flow)"
    assert jpeg.label == jpeg.codec.label


@pytest.mark.parametrize("text", ["", "gif87", "jpeg,", "jpeg,jpeg", "jpeg@model", ":flow"])
def test_bad_lists_are_refused(text):
    with pytest.raises(InputError):
        contenders(text)
