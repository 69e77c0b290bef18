"""Sounds in files, by SciPy: WAV whose samples are 16-bit numbers, however they are written."""

import warnings
from io import BytesIO

import numpy as np
from scipy.io import wavfile

from rdtheory.arrays import Array
from rdtheory.codecs.media import MOST_POSITIONS, Sound
from rdtheory.container import StreamError
from rdtheory.errors import InputError

_TO_16_BITS = {"uint8": (128, 256), "int16": (0, 1), "int32": (0, 2.0**-16), "int64": (0, 2.0**-48)}
"""Zero and scale of SciPy's samples; floating point is in -1 .. 1."""


def is_wav(data: bytes) -> bool:
    """Whether a file that starts like this holds a sound.

    >>> is_wav(wav(Sound(np.zeros(1, np.int16), 8000)))
    True
    """
    return data[:4] in (b"RIFF", b"RIFX", b"RF64") and data[8:12] == b"WAVE"


def sound_in(data: bytes, name: str) -> Sound:
    """The sound that a WAV file holds, see `read_media`.

    Raises:
        StreamError: if the file is damaged.
        InputError: if the sound cannot be had in 16 bits and one channel without loss.

    >>> sound_in(wav(Sound(np.array([-3, 4], np.int16), 8000)), "two.wav").samples
    array([-3,  4], dtype=int16)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of chunks that it does not know
            warnings.filterwarnings("error", message="Reached EOF")
            rate, samples = wavfile.read(BytesIO(data))
    except Exception as error:  # a damaged file can raise almost anything
        raise StreamError(
            name, f"a damaged sound ({error})", "a whole WAV file", "fetch it again"
        ) from None
    if not 1 <= len(samples) <= MOST_POSITIONS:
        raise InputError(name, f"{len(samples)} samples", f"1 to {MOST_POSITIONS}", "cut it")
    return Sound(_in_16_bits(_in_one_channel(samples, name), name), rate)


def wav(sound: Sound) -> bytes:
    """The sound as a WAV file.

    >>> len(wav(Sound(np.zeros(100, np.int16), 8000)))
    244
    """
    file = BytesIO()
    wavfile.write(file, sound.rate, sound.samples)
    return file.getvalue()


def _in_one_channel(samples: Array, name: str) -> Array:
    if samples.ndim == 1:
        return samples
    if (samples == samples[:, :1]).all():
        return samples[:, 0]
    raise InputError(
        name,
        f"{samples.shape[1]} channels that differ",
        "sounds of one channel",
        "mix them, or send each as a sound of its own",
    )


def _in_16_bits(samples: Array, name: str) -> Array:
    zero, scale = _TO_16_BITS.get(samples.dtype.name, (0, 32768))
    scaled = (samples.astype(np.float64) - zero) * scale
    with np.errstate(invalid="ignore"):  # a NaN equals nothing, so it is refused too
        whole = scaled.astype(np.int16)
    if (whole == scaled).all():
        return whole
    raise InputError(
        name,
        f"samples of {samples.dtype} that 16 bits cannot hold",
        "sounds of 16 bits",
        "convert it to 16-bit PCM",
    )
