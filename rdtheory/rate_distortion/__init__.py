"""R(D) and D(R) of a source, whatever the code: the limits that schemes are held against."""

from rdtheory.rate_distortion.water_filling import ReverseWaterFilling

__all__ = ["ReverseWaterFilling"]
