"""Build a figure: its data, then the PDF and the PNG, all in one folder."""

import json
from pathlib import Path
from typing import Any

import matplotlib

from figures.registry import FIGURES
from figures.style import RC
from simulations.provenance import plain, provenance

OUT = Path(__file__).parent / "out"


def build(name: str, out: Path = OUT) -> list[Path]:
    """Write NAME.json (data and provenance), NAME.pdf and NAME.png; returns their paths.

    The same revision of the code on the same machine gives the same bytes.
    """
    matplotlib.use("agg")
    from matplotlib import pyplot

    module = FIGURES[name]
    data = module.data()
    out.mkdir(parents=True, exist_ok=True)
    paths = [out / f"{name}.{suffix}" for suffix in ("json", "pdf", "png")]
    paths[0].write_text(json.dumps(_with_provenance(name, data), indent=1) + "\n", encoding="utf-8")
    with pyplot.rc_context(RC):
        figure, axes = pyplot.subplots(*module.PANELS, figsize=module.SIZE, squeeze=False)
        module.draw(axes, data)
        figure.savefig(paths[1], metadata={"CreationDate": None, "Title": name})
        figure.savefig(paths[2], metadata={"Title": name})
        pyplot.close(figure)
    return paths


def _with_provenance(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "figure": name,
        "caption": " ".join((FIGURES[name].__doc__ or "").split()),
        "provenance": {**provenance(), "matplotlib": matplotlib.__version__},
        "data": plain(data),
    }
