"""What takes part in a comparison: a codec, and how its streams are decoded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rdtheory.codecs.codec import Codec
from rdtheory.errors import InputError

_FORM = "names separated by commas, each NAME[@MODEL][:RECONSTRUCTION], each once"


@dataclass(frozen=True)
class Contender:
    """A codec with the options of its decoder.

    Attributes:
        name: in tables: "jpeg", "diffc@small:flow".
        label: in figures.
        codec: contenders that share this very object share its streams, too.
        options: of `codec.decode`.

    >>> one = contenders("diffc:mmse")[0]
    >>> one.name, one.label, one.options
    ('diffc:mmse', 'DiffC (mmse)', {'reconstruction': 'mmse'})
    """

    name: str
    label: str
    codec: Codec
    options: Mapping[str, Any] = field(default_factory=dict)


def contenders(text: str) -> list[Contender]:
    """Contenders of a list such as jpeg,diffc:flow,diffc:mmse,diffc@FILE:flow.

    Raises:
        InputError: if a codec or model is unknown, or something is named twice.

    >>> [one.label for one in contenders("jpeg,diffc:flow")]
    ['JPEG 4:2:0', 'DiffC (flow)']
    """
    words = text.split(",")
    if len(set(words)) < len(words):
        raise InputError("--codec", repr(text), _FORM)
    codecs: dict[str, Codec] = {}
    return [_contender(word, codecs) for word in words]


def _contender(word: str, codecs: dict[str, Codec]) -> Contender:
    """One word; `codecs` has those that were made for earlier ones."""
    from rdtheory.codecs.registry import codec

    made_by, _, reconstruction = word.partition(":")
    name, _, model = made_by.partition("@")
    if made_by not in codecs:
        codecs[made_by] = codec(name, model=model) if model else codec(name)
    coder = codecs[made_by]
    options = {"reconstruction": reconstruction} if reconstruction else {}
    notes = ", ".join(note for note in (Path(model).stem, reconstruction) if note)
    return Contender(word, f"{coder.label} ({notes})" if notes else coder.label, coder, options)
