"""SNR against the bytes of real streams, on the axes of Fig. 7A: image patches, isotropic noise.

Draws of the Gaussian of ImageNet patches are sent (a) at once, five streams, and (b) in four steps,
one stream of which every prefix decodes; each is reconstructed by flow (F) and ancestrally (A).
Lines: the theory, no overhead. Filled marks: the bytes of the streams without their headers, in
blocks of 10 bits from 2^14 candidates, components above 1.5 bits by the layered quantiser; bars are
two standard errors of the SNR. Hollow marks: the same SNR at I + log2(I + 1) + 5 bits (Eq. 3) for
each patch and step, which would take about 2^I candidates. (c) What is above the information.
"""

from typing import Any

import numpy as np

from figures.style import BLACK, GREEN, PAGE, SCHEMES, label_panels, legend_below
from rdtheory import scheme, sources
from rdtheory.channel_simulation import BlockSettings, decode_vectors, encode_vectors
from rdtheory.diffusion import one_shot_bound_bits
from rdtheory.sources import GaussianVector

SIZE = (PAGE, 2.9)
PANELS = (1, 3)

RATES = np.linspace(0.0, 2.7, 136)
AT_ONCE = (0.1, 0.25, 0.5, 1.0, 2.0)
IN_STEPS = (0.375, 0.75, 1.125, 1.5)
VECTORS = 24
SETTINGS = BlockSettings(block_bits=10, padding_bits=4)

RECONSTRUCTIONS = {"diffc-f": "flow", "diffc-a": "ancestral"}
MARKS = {"diffc-f": "o", "diffc-a": "s"}
WAYS = {
    "at_once": {"label": "at once", "color": BLACK, "marker": "D", "linestyle": "-"},
    "in_steps": {"label": "in steps", "color": GREEN, "marker": "^", "linestyle": "--"},
}


def data() -> dict[str, Any]:
    """Curves of the theory, and rates, bounds and SNR of the streams' prefixes."""
    source = sources.patches()
    x = source.sample(np.random.default_rng(2206_08889), VECTORS)
    at_once = [_sent(source, x, [rate]) for rate in AT_ONCE]
    return {
        "bits_per_dim": RATES,
        "snr_db": {
            name: scheme(name, source).curve(bits_per_dim=RATES).snr_db for name in RECONSTRUCTIONS
        },
        "streams": {
            "at_once": {
                key: np.concatenate([one[key] for one in at_once], axis=-1) for key in at_once[0]
            },
            "in_steps": _sent(source, x, list(IN_STEPS)),
        },
    }


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """SNR of the streams sent at once and in steps; then both overheads."""
    *panels, last = axes.flat
    for one, (way, sent) in zip(panels, data["streams"].items(), strict=True):
        for name, mark in MARKS.items():
            style, snr = SCHEMES[name], sent[f"snr_db_{name}"]
            one.plot(data["bits_per_dim"], data["snr_db"][name], **style)
            one.errorbar(
                sent["bits_per_dim"],
                snr,
                2 * sent[f"snr_db_error_{name}"],
                color=style["color"],
                elinewidth=0.8,
                label=f"{style['label']}, real bytes",
                linestyle="none",
                marker=mark,
                markersize=4,
            )
            one.plot(
                sent["bound_bits_per_dim"],
                snr,
                color=style["color"],
                label=f"{style['label']}, Eq. 3",
                linestyle="none",
                marker=mark,
                markerfacecolor="white",
                markersize=3,
                zorder=1,
            )
        one.set(
            title=WAYS[way]["label"],
            xlabel="rate (bits per dimension)",
            ylabel="SNR (dB)",
            xlim=(0, 2.7),
            ylim=(0, 32),
        )
    for way, sent in data["streams"].items():
        information = sent["information_bits_per_dim"]
        style = {**WAYS[way], "markersize": 4}
        line = {**style, "label": f"{style['label']}, Eq. 3", "markerfacecolor": "white"}
        last.plot(information, sent["bits_per_dim"] - information, **{**style, "linestyle": "none"})
        last.plot(information, sent["bound_bits_per_dim"] - information, **line)
    last.set(
        title="overhead",
        xlabel="information (bits per dimension)",
        ylabel="bits per dimension above it",
        xlim=(0, 2.1),
        ylim=(0, 0.65),
    )
    last.legend(loc="upper left")
    legend_below(axes, columns=6)
    label_panels(axes)


def _sent(source: GaussianVector, x: np.ndarray, rates: list[float]) -> dict[str, np.ndarray]:
    """One stream: information, bits and SNR of the prefix that ends with each step."""
    sent = encode_vectors(x, scheme("diffc-f", source), settings=SETTINGS, bits_per_dim=rates)
    ends = np.array(sent.step_ends)
    each = one_shot_bound_bits(np.diff(rates, prepend=0.0) * source.dim) / source.dim
    found = {
        "information_bits_per_dim": np.array(rates),
        "bits_per_dim": 8 * (ends - sent.header_bytes) / x.size,
        "bound_bits_per_dim": np.cumsum(each),
    }
    for name, reconstruction in RECONSTRUCTIONS.items():
        snr = [_snr_db(source, x, sent.data[:end], reconstruction) for end in ends]
        found[f"snr_db_{name}"], found[f"snr_db_error_{name}"] = np.transpose(snr)
    return found


def _snr_db(
    source: GaussianVector, x: np.ndarray, prefix: bytes, reconstruction: str
) -> tuple[float, float]:
    """SNR of what a prefix decodes to, and its standard error, in dB."""
    found = decode_vectors(prefix, source, reconstruction).vectors
    squares = np.sum((x - found) ** 2, axis=1)
    mean, error = squares.mean(), squares.std() / np.sqrt(len(squares))
    snr_db = 10 * np.log10(2 * source.eigenvalues.sum() / mean)
    return float(snr_db), float(10 / np.log(10) * error / mean)
