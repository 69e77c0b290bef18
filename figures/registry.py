"""All figures by name. A new one is a module beside this file and a line here.

A figure's module opens with its caption and has

    SIZE        width and height in inches, from `style`
    PANELS      rows and columns of its axes
    data()      computes everything that is shown: numbers, strings, arrays, lists and
                dictionaries of them
    draw(axes, data)   puts it on the axes (an array of shape PANELS), and adds nothing
"""

from typing import Any, Protocol

import numpy as np

from figures import (
    attention_masks,
    candidates_examined,
    code_length_overhead,
    codec_at_four_rates,
    codec_flow_gain,
    codecs_compared,
    common_randomness,
    components,
    decoding_time,
    finite_steps,
    first_result_chain,
    flow_gain,
    flow_ratio,
    masked_fields,
    masked_photographs,
    masking_schedules,
    patches_at_four_rates,
    patches_real_bits,
    perception_surface,
    progressive_patches,
    quantiser_overhead,
    rate_distortion,
    realism_optimum,
    schedule_bits,
    standard_normal,
    truncation_error,
)


class Figure(Protocol):
    """What a figure's module has."""

    __doc__: str | None

    @property
    def SIZE(self) -> tuple[float, float]:  # noqa: N802
        """Width and height in inches."""
        ...

    @property
    def PANELS(self) -> tuple[int, int]:  # noqa: N802
        """Rows and columns of axes."""
        ...

    def data(self) -> dict[str, Any]:
        """Everything that is shown."""
        ...

    def draw(self, axes: np.ndarray, data: dict[str, Any]) -> None:
        """Put it on the axes."""
        ...


FIGURES: dict[str, Figure] = {
    "fig-7a-rate-distortion": rate_distortion,
    "fig-7b-components": components,
    "standard-normal": standard_normal,
    "flow-gain": flow_gain,
    "patches-at-four-rates": patches_at_four_rates,
    "code-length-overhead": code_length_overhead,
    "candidates-examined": candidates_examined,
    "truncation-error": truncation_error,
    "quantiser-overhead": quantiser_overhead,
    "patches-real-bits": patches_real_bits,
    "progressive-patches": progressive_patches,
    "first-result-chain": first_result_chain,
    "flow-ratio": flow_ratio,
    "realism-optimum": realism_optimum,
    "perception-surface": perception_surface,
    "common-randomness": common_randomness,
    "finite-steps": finite_steps,
    "codec-at-four-rates": codec_at_four_rates,
    "codec-flow-gain": codec_flow_gain,
    "codecs-compared": codecs_compared,
    "masking-schedules": masking_schedules,
    "attention-masks": attention_masks,
    "schedule-bits": schedule_bits,
    "masked-fields": masked_fields,
    "masked-photographs": masked_photographs,
    "decoding-time": decoding_time,
}
