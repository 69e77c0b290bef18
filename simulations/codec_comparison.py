"""DiffC beside classical codecs on photographs, at equal real bytes: distortion and realism.

What `rdtheory codec evaluate` measures, kept with its provenance; numbers of single pictures are
left out.
"""

from dataclasses import dataclass
from typing import Any

from rdtheory.cli.arguments import numbers
from rdtheory.codecs.evaluation import contenders, evaluate
from simulations.photographs import photographs


@dataclass(frozen=True)
class Config:
    """What is compared.

    Attributes:
        pictures: a folder, .tar or .npz, or nothing: the one photograph at hand.
        count: the first so many.
        codecs: as of `rdtheory codec evaluate --codec`.
        bits_per_pixel: targets, separated by commas.
    """

    pictures: str = ""
    count: int = 1
    codecs: str = "jpeg,webp,diffc:flow,diffc:ancestral,diffc:mmse"
    bits_per_pixel: str = "0.5,1,2"


def run(config: Config) -> dict[str, Any]:
    """Compare."""
    targets = numbers("bits_per_pixel", config.bits_per_pixel)
    pictures = photographs(config.pictures, config.count)
    found = evaluate(pictures, contenders(config.codecs), targets).to_dict()
    rows = [{key: row[key] for key in row if key != "coded"} for row in found["rows"]]
    return {"provenance": found["provenance"], "rows": rows}
