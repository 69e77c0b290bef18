"""Codecs of pictures and sounds: classical ones, DiffC, and what compares them at real bytes.

Needs the extra `codecs`. `Codec` is what they share; `codec(name)` finds one; `evaluation` measures
them over a folder of pictures.
"""

from rdtheory.codecs.codec import Codec, Encoded, Target
from rdtheory.codecs.media import Media, Picture, Sound, read_media, write_media
from rdtheory.codecs.registry import codec, codec_names, codec_of_stream

__all__ = [
    "Codec",
    "Encoded",
    "Media",
    "Picture",
    "Sound",
    "Target",
    "codec",
    "codec_names",
    "codec_of_stream",
    "read_media",
    "write_media",
]
