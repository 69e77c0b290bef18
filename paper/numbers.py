r"""The numbers of the paper: from a figure's data to texts by key, and to rows of tables.

\val{FIGURE/KEY} in the text is `NUMBERS[FIGURE](data)[KEY]`, data as in `figures/out/FIGURE.json`;
\rows{FIGURE} is `TABLES[FIGURE](data)`. `library` and `speed` have numbers that no figure shows.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

Data = dict[str, Any]
Numbers = Callable[[Data], dict[str, str]]
Rows = Callable[[Data], str]

BENCHMARKS = Path(__file__).parents[1] / "benchmarks" / "results.json"

SCHEMES = {
    "rd": r"$R^*(D)$",
    "diffc-f-star": "DiffC-F*",
    "diffc-f": "DiffC-F",
    "diffc-a-star": r"DiffC-A*, $R^*(D/2)$",
    "diffc-a": "DiffC-A",
    "diffc-f-pink": "DiffC-F, pink",
    "diffc-a-pink": "DiffC-A, pink",
}
TABLE_RATES = (0.1, 0.39, 1.0, 3.0)


def curves(data: Data) -> dict[str, str]:
    """SNR on ImageNet patches at 1 bit per dimension, and the most that noises lose."""
    rates, snr = np.array(data["bits_per_dim"]), _arrays(data["snr_db"]["patches"])
    at = _nearest(rates, 1.0)
    flow, star = snr["diffc-f"], snr["diffc-f-star"]
    return {
        "f-1": f"{flow[at]:.2f}",
        "f-star-1": f"{star[at]:.2f}",
        "isotropic-loss-1": f"{star[at] - flow[at]:.2f}",
        "f-over-a-star-1": f"{flow[at] - snr['diffc-a-star'][at]:.2f}",
        "isotropic-loss-most": f"{(star - flow).max():.2f}",
        "pink-loss-most": f"{(star - snr['diffc-f-pink']).max():.1f}",
    }


def curve_rows(data: Data) -> str:
    """SNR of every scheme at four rates."""
    rates, snr = np.array(data["bits_per_dim"]), _arrays(data["snr_db"]["patches"])
    at = [_nearest(rates, rate) for rate in TABLE_RATES]
    head = ["bits", *(f"{rates[i]:g}" for i in at)]
    body = [[label, *(f"{snr[name][i]:.2f}" for i in at)] for name, label in SCHEMES.items()]
    return _rows([head]) + r"\midrule " + _rows(body)


def components(data: Data) -> dict[str, str]:
    """How many components get nothing."""
    snr = _arrays(data["snr_db"]["patches"])
    return {
        "bits": f"{data['bits_per_dim']:g}",
        "silent": str(int((snr["diffc-a-star"] == 0).sum())),
        "f-star-least": f"{snr['diffc-f-star'].min():.2f}",
    }


def flow_gain(data: Data) -> dict[str, str]:
    """Of patches at three rates, and the limits of power laws."""
    gain = data["gain_db"]["ImageNet patches"]
    found = {
        f"patches-{rate:g}": f"{np.interp(rate, data['bits_per_dim'], gain):.2f}"
        for rate in (0.391, 1.0, 4.0)
    }
    limits = data["power_law_limit_db"]
    for exponent in (1.5, 2, 3):
        found[f"power-law-{exponent:g}"] = f"{limits[f'power law, exponent {exponent}']:.2f}"
    return found


def code_length(data: Data) -> dict[str, str]:
    """Of shifts, at the divergence next to ten bits."""
    shift = data["shift"]
    at = _nearest(shift["kl_bits"], 10.0)
    over = {name: bits[at] for name, bits in shift["overhead_bits"].items()}
    return {
        "kl": f"{shift['kl_bits'][at]:.1f}",
        "pfr-best": f"{over['pfr_entropy']:.2f}",
        "pfr-zipf": f"{over['pfr_zipf']:.2f}",
        "bound": f"{shift['bound_bits']['eq_3'][at]:.2f}",
        "converse": f"{over['divergence']:.2f}",
        "to-save": f"{over['pfr_entropy'] - over['divergence']:.2f}",
    }


def code_length_rows(data: Data) -> str:
    """Overheads at four divergences."""
    shift = data["shift"]
    at = [_nearest(shift["kl_bits"], kl) for kl in (1.0, 10.0, 100.0, 1000.0)]
    lines = {
        r"$D_{CS}$": shift["overhead_bits"]["divergence"],
        "PFR, best code": shift["overhead_bits"]["pfr_entropy"],
        "PFR, Zipf code": shift["overhead_bits"]["pfr_zipf"],
        "PFR, Elias delta": shift["overhead_bits"]["pfr_elias_delta"],
        "GRS, best code": shift["overhead_bits"]["grs_entropy"],
        "GPRS, best code": shift["overhead_bits"]["gprs_entropy"],
        r"$\log_2(\mathrm{KL}+1)+5$": shift["bound_bits"]["eq_3"],
    }
    head = [r"$\mathrm{KL}$ (bits)", *(f"{shift['kl_bits'][i]:,.1f}" for i in at)]
    body = [[label, *(f"{bits[i]:.2f}" for i in at)] for label, bits in lines.items()]
    return _rows([head]) + r"\midrule " + _rows(body)


def truncation(data: Data) -> dict[str, str]:
    """Blocks of 16 bits: how often they are missed."""
    padding, miss = data["padding_bits"], np.array(data["not_among_the_candidates"]["16"])
    enough = np.array(padding)[miss <= 0.01].min()
    return {
        "miss-16-2": f"{miss[_nearest(padding, 2.0)]:.2f}",
        "padding-1pc-16": f"{enough:g}",
    }


def quantisers(data: Data) -> dict[str, str]:
    """At the highest SNR."""
    over = data["overhead_bits"]
    names = ("direct", "ball_8", "uniform")
    return {f"{name.replace('_', '-')}-high": f"{over[name][-1]:.3f}" for name in names}


def streams(data: Data) -> dict[str, str]:
    """Bytes above the information, in per cent."""
    found = {}
    once, steps = (data["streams"][way] for way in ("at_once", "in_steps"))
    for rate in (0.25, 2.0):
        found[f"over-{rate:g}"] = _percent_over(once, rate)
    return {**found, "steps-over": _percent_over(steps, 1.5)}


def _percent_over(stream: Data, rate: float) -> str:
    at = _nearest(stream["information_bits_per_dim"], rate)
    ratio = stream["bits_per_dim"][at] / stream["information_bits_per_dim"][at]
    return f"{100 * (ratio - 1):.0f}"


def surface(data: Data) -> dict[str, str]:
    """Rates of a standard normal at D = 0.5."""
    at = _nearest(data["distortion"], 0.5)
    sections = data["section_bits"]
    return {
        "realism-0.5": f"{sections['0.0'][at]:.3f}",
        "budget-0.5": f"{sections['0.02'][at]:.3f}",
        "shannon-0.5": f"{data['shannon_bits'][at]:.3f}",
    }


def common_randomness(data: Data) -> dict[str, str]:
    """The gain of F* over A* on patches, and what one bit per dimension gives of it."""
    snr, one = np.array(data["patch_snr_db"]), _nearest(data["patch_common_bits"], 1.0)
    found = {}
    for row, rate in ((1, 0.391), (2, 1.0)):
        found[f"gain-{rate:g}"] = f"{snr[row, -1] - snr[row, 0]:.2f}"
        found[f"gain-{rate:g}-one"] = f"{snr[row, one] - snr[row, 0]:.2f}"
    return found


def first_result(data: Data) -> dict[str, str]:
    """I(X; Z) above R(D/2), in bits."""
    over = np.subtract(data["bits"]["I(X; Z)"], data["bits"]["R(D/2)"])
    return {"over-shannon": f"{over.max():.2f}", "over-shannon-low": f"{over[0]:.4f}"}


def flow_ratio(data: Data) -> dict[str, str]:
    """At t = 0.01."""
    found = {}
    for name in ("Gaussian", "Laplace", "uniform"):
        levels, ratio = data["ratio"][name]
        found[name.lower()] = f"{np.interp(np.log(0.01), np.log(levels), ratio):.4f}"
    return found


def realism(data: Data) -> dict[str, str]:
    """DiffC-F above the realistic optimum."""
    excess = np.array(data["excess_bits"])
    highest = np.argmin(data["curves"]["diffc-f"][0])
    return {"most": f"{excess.max():.3f}", "last": _power_of_ten(excess[highest])}


def finite_steps(data: Data) -> dict[str, str]:
    """The best number of messages, and the excess of 64 steps in bits."""
    at, best, excess = data["steps"].index(64), data["best"], data["excess_bits"]
    return {
        "best": str(best["any"][0]),
        "best-bits": f"{best['any'][1]:.0f}",
        "limited": str(best["limited"][0]),
        "limited-bits": f"{best['limited'][1]:.0f}",
        "excess-arc-64": f"{excess['arc'][at]:.1f}",
        "excess-ratios-64": f"{excess['ratios'][at]:.1f}",
    }


def codec_gain(data: Data) -> dict[str, str]:
    """By rate, and by the number of reverse steps at a noise of about 16 grey levels."""
    rates, gain, form = (data[name] for name in ("file_bits_per_pixel", "gain", "gain_gaussian_db"))
    level = min(data["levels"], key=lambda row: abs(row["noise_deviation"] - 16))
    found = {"level": f"{level['noise_deviation']:.0f}"}
    for name, at in (("low", 0), ("high", -1)):
        found[f"rate-{name}"] = f"{rates[at]:.2f}"
        found[f"gain-{name}"] = f"{gain['db'][at]:.2f}"
        found[f"gaussian-{name}"] = f"{form[at]:.2f}"
    for steps in (2, 8, 32, 64):
        at = data["reverse_steps"].index(steps)
        found[f"steps-{steps}"] = f"{level['gain_db'][at]:.2f}"
        found[f"form-{steps}"] = f"{level['gain_gaussian_db'][at]:.2f}"
    return found


def compared(data: Data) -> dict[str, str]:
    """DiffC-F beside AVIF on Kodak."""
    codecs = data["Kodak"]["codecs"]
    found = {}
    for name, key in (("flow", "diffc:flow"), ("avif", "avif")):
        found[f"{name}-frechet-15"] = f"{_at_rate(codecs[key], 0.15, _FRECHET):.3f}"
        found[f"{name}-psnr-15"] = f"{_at_rate(codecs[key], 0.15, _PSNR):.1f}"
    ahead = [_at_rate(codecs[key], 0.4, _PSNR) for key in ("avif", "diffc:flow")]
    return {**found, "psnr-behind-40": f"{ahead[0] - ahead[1]:.1f}"}


_FRECHET, _PSNR = "frechet_patch_distance", "mean_psnr_db"


def compared_rows(data: Data) -> str:
    """Every codec on Kodak at the rate that is next to .4."""
    body = []
    for curve in data["Kodak"]["codecs"].values():
        columns = ("bits_per_pixel", _PSNR, _FRECHET)
        rate, psnr, distance = (_at_rate(curve, 0.4, name) for name in columns)
        body.append([curve["label"], f"{rate:.2f}", f"{psnr:.1f}", f"{distance:.3f}"])
    return _rows(body)


def _at_rate(curve: Data, rate: float, name: str) -> float:
    return curve[name][_nearest(curve["bits_per_pixel"], rate)]


def fields(data: Data) -> dict[str, str]:
    """Bits of a value above the entropy."""
    excess = data["excess"]
    return {
        "ar": f"{excess['full AR, raster']['measured']:.3f}",
        "m2t-qlds": f"{excess['M2T, qlds']['measured']:.3f}",
        "m2t-qlds-perfect": f"{excess['M2T, qlds']['perfect']:.3f}",
    }


def field_rows(data: Data) -> str:
    """Every way and schedule, best first."""
    ordered = sorted(data["excess"].items(), key=lambda item: item[1]["measured"])
    return _rows(
        [
            [
                name.replace("qlds", "QLDS"),
                rf"${row['measured']:.3f}\pm{2 * row['error']:.3f}$",
                f"{abs(round(row['perfect'], 3)):.3f}",
            ]
            for name, row in ordered
        ]
    )


def photographs(data: Data) -> dict[str, str]:
    """Bits beside MT with QLDS at S = 8, in per cent."""
    steps = data["steps"]
    found = {"m2t": _more(data["others"]["m2t"], 0)}
    for name in ("random", "entropy"):
        found[name] = _more(steps[name], steps[name]["steps"].index(8))
    return found


def _more(row: Data, at: int) -> str:
    return rf"${row['percent'][at]:.1f}\pm{2 * row['error'][at]:.1f}$"


def decoding_time(data: Data) -> dict[str, str]:
    """Full AR beside M2T at S = 12."""
    m2t = data["m2t"]["seconds"][data["m2t"]["steps"].index(12)]
    return {"ar": f"{data['ar']['seconds'][0] / m2t:.0f}"}


def library() -> dict[str, str]:
    """How much is proved and checked.

    >>> int(library()["library/checks"]) > 100
    True
    """
    from rdtheory.bounds.enclosed_inequalities import ENCLOSED_INEQUALITIES
    from rdtheory.symbolic import PROOFS
    from rdtheory.verification import CHECKS

    counted = {"proofs": PROOFS, "enclosures": ENCLOSED_INEQUALITIES, "checks": CHECKS}
    return {f"library/{name}": str(len(items)) for name, items in counted.items()}


def speed() -> dict[str, str]:
    """How many times faster M2T decodes than MT at the source's sizes, by the benchmarks.

    >>> float(speed()["speed/network"]) > 4, float(speed()["speed/whole"]) > 3
    (True, True)
    """
    rows = json.loads(BENCHMARKS.read_text(encoding="utf-8"))["rows"]
    ratios = {row["what"]: row["ratio"] for row in rows if row["beside"] == "MT"}
    return {
        f"speed/{part}": f"{1 / ratios[f'M2T, base, 1 patch: {part}']:.1f}"
        for part in ("network", "whole")
    }


NUMBERS: dict[str, Numbers] = {
    "fig-7a-rate-distortion": curves,
    "fig-7b-components": components,
    "flow-gain": flow_gain,
    "code-length-overhead": code_length,
    "truncation-error": truncation,
    "quantiser-overhead": quantisers,
    "patches-real-bits": streams,
    "perception-surface": surface,
    "common-randomness": common_randomness,
    "first-result-chain": first_result,
    "flow-ratio": flow_ratio,
    "realism-optimum": realism,
    "finite-steps": finite_steps,
    "codec-flow-gain": codec_gain,
    "codecs-compared": compared,
    "masked-fields": fields,
    "masked-photographs": photographs,
    "decoding-time": decoding_time,
}

TABLES: dict[str, Rows] = {
    "fig-7a-rate-distortion": curve_rows,
    "code-length-overhead": code_length_rows,
    "codecs-compared": compared_rows,
    "masked-fields": field_rows,
}


def _power_of_ten(value: float) -> str:
    r"""One digit times a power.

    >>> _power_of_ten(3.2e-5)
    '$3\\cdot10^{-5}$'
    """
    digit, power = f"{value:.0e}".split("e")
    return rf"${digit}\cdot10^{{{int(power)}}}$"


def _nearest(values: Any, wanted: float) -> int:
    return int(np.abs(np.asarray(values) - wanted).argmin())


def _arrays(lists: dict[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.asarray(values) for name, values in lists.items()}


def _rows(rows: Iterable[Iterable[str]]) -> str:
    return "".join(" & ".join(row) + r" \\ " for row in rows)
