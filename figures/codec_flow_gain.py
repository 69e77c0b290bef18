"""The flow against ancestral sampling in DiffC with its trained model, on photographs of 64 x 64.

(a) PSNR of the mean squared error against real bits: whole files (lines), and the information of
Eq. 5 alone (dotted). (b) Gain of the flow over the ancestral reconstruction against rate, each in
32 reverse steps, beside that of a Gaussian vector with the model's posterior variances. Bars: two
standard errors over pictures. (c) The gain against the number of reverse steps: one step gives both
the posterior mean, so that nothing is gained; lines are of the Gaussian vector, in closed form
[T5.3, T5.4]. Noise in grey levels. Pictures of Tiny ImageNet's validation set.
"""

from typing import Any

import numpy as np

from figures.style import BLACK, BLUE, GREEN, ORANGE, PAGE, RED, label_panels
from simulations.outcomes import recorded

RESULT = "codec-on-photographs"
SIZE = (PAGE, 2.8)
PANELS = (1, 3)
HOWS = {
    "mmse": {"label": "posterior mean", "color": GREEN, "marker": "^", "linestyle": "--"},
    "flow": {"label": "flow (F)", "color": BLUE, "marker": "o", "linestyle": "-"},
    "ancestral": {"label": "ancestral (A)", "color": RED, "marker": "s", "linestyle": "-."},
}


def data() -> dict[str, Any]:
    """Means over pictures, and gains in dB with their standard errors."""
    result = recorded(RESULT)["result"]
    streams = {name: np.array(values) for name, values in result["streams"].items()}
    rates = ("file_bits_per_pixel", "information_bits_per_pixel")
    return {
        **{name: streams[name].mean(axis=1) for name in rates},
        "psnr_db": {how: 10 * np.log10(255**2 / streams[how].mean(axis=1)) for how in HOWS},
        "gain": _gain(streams["flow"], streams["ancestral"]),
        "gain_gaussian_db": _gaussian_gain(streams).mean(axis=1),
        "reverse_steps": result["reverse_steps"],
        "levels": [_level(row) for row in result["gains"]],
    }


def _level(row: dict[str, Any]) -> dict[str, Any]:
    errors = {name: np.array(values) for name, values in row.items()}
    return {
        "noise_deviation": 127.5 * float(np.sqrt(errors["noise_variance"])),
        "gain_db": 10 * np.log10(errors["ancestral"] / errors["flow"]),
        "gain_gaussian_db": _gaussian_gain(errors),
    }


def _gain(flow: np.ndarray, ancestral: np.ndarray) -> dict[str, np.ndarray]:
    """10 log10 of the ratio of means over pictures, the last axis, and its standard error."""
    ratio = ancestral.mean(axis=-1) / flow.mean(axis=-1)
    rest = ancestral - ratio[:, None] * flow
    error = rest.std(axis=-1) / ancestral.mean(axis=-1) / flow.shape[-1] ** 0.5
    return {"db": 10 * np.log10(ratio), "error_db": 10 / np.log(10) * error}


def _gaussian_gain(errors: dict[str, np.ndarray]) -> np.ndarray:
    return 10 * np.log10(errors["ancestral_gaussian"] / errors["flow_gaussian"])


def draw(axes: np.ndarray, data: dict[str, Any]) -> None:
    """PSNR, gain against rate, gain against steps."""
    left, middle, right = axes.flat
    for how, style in HOWS.items():
        left.plot(data["file_bits_per_pixel"], data["psnr_db"][how], **style, markersize=3)
        dots = {"color": style["color"], "linestyle": ":"}
        left.plot(data["information_bits_per_pixel"], data["psnr_db"][how], **dots)
    left.plot([], [], color=BLACK, linestyle=":", label="at the information")
    left.set(title="quality", xlabel="bits per pixel", ylabel="PSNR (dB)", xscale="log")
    left.legend()

    rate, gain = data["file_bits_per_pixel"], data["gain"]
    bars = {"color": BLACK, "linestyle": "none", "marker": "o", "markersize": 3}
    middle.errorbar(rate, gain["db"], 2 * gain["error_db"], **bars, label="measured")
    middle.plot(rate, data["gain_gaussian_db"], color=ORANGE, label="Gaussian vector")
    middle.set(title="gain, 32 steps", xlabel="bits per pixel", xscale="log")

    marks = zip(data["levels"], (RED, BLUE, GREEN), "osD", strict=True)
    for level, color, marker in marks:
        style = {"color": color, "marker": marker, "linestyle": "none", "markersize": 3}
        label = rf"noise $\sigma = {level['noise_deviation']:.0f}$"
        right.plot(data["reverse_steps"], level["gain_db"], **style, label=label)
        right.plot(data["reverse_steps"], level["gain_gaussian_db"], color=color)
    right.set(title="gain against steps", xlabel="reverse steps $S$", xscale="log")
    for one, label in ((middle, "3.01 dB"), (right, None)):
        one.set_ylabel("gain of F over A (dB)")
        one.axhline(10 * np.log10(2), color=BLACK, linestyle=":", label=label)
    middle.legend(loc="lower right")
    right.legend(loc="upper left", bbox_to_anchor=(0, 0.92))
    for one, ticks in (
        (left, (0.05, 0.2, 0.5, 1, 2)),
        (middle, (0.2, 0.5, 1, 2)),
        (right, data["reverse_steps"]),
    ):
        one.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        one.minorticks_off()
    label_panels(axes)
