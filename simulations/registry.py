"""All experiments by name. A new one is a module beside this file and a line here.

An experiment's module opens with what it asks and has

    Config      a frozen dataclass of numbers and strings, all with defaults
    run(config) does it and returns numbers, strings, arrays, lists and dictionaries of them;
                the same configuration gives the same result
"""

from typing import Any, Protocol

from simulations import (
    block_overhead,
    codec_comparison,
    codec_on_gaussian,
    codec_on_photographs,
    decoding_time,
    diffc_gaussian,
    diffc_mixture,
    joint_trajectory,
    masked_fields,
    masked_photographs,
    rate_control,
    schedule_bits,
    truncation_payback,
)


class Experiment(Protocol):
    """What an experiment's module has."""

    __doc__: str | None
    Config: Any

    def run(self, config: Any) -> dict[str, Any]:
        """Do it."""
        ...


EXPERIMENTS: dict[str, Experiment] = {
    "block-overhead": block_overhead,
    "codec-comparison": codec_comparison,
    "codec-on-gaussian": codec_on_gaussian,
    "codec-on-photographs": codec_on_photographs,
    "decoding-time": decoding_time,
    "diffc-gaussian": diffc_gaussian,
    "diffc-mixture": diffc_mixture,
    "joint-trajectory": joint_trajectory,
    "masked-fields": masked_fields,
    "masked-photographs": masked_photographs,
    "rate-control": rate_control,
    "schedule-bits": schedule_bits,
    "truncation-payback": truncation_payback,
}
