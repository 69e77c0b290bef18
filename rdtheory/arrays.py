"""NumPy or JAX: which namespace computes, and float64 arrays of checked numbers.

A function of this library is written once against the array API. NumPy in, NumPy out; JAX in, JAX
out. JAX is never imported here: an array can only be JAX's if its owner has imported JAX already.
"""

import sys
from math import isqrt
from typing import Any

import array_api_compat
import numpy as np

from rdtheory.errors import InputError

Array = Any
"""A NumPy or a JAX array of float64."""


def namespace(*values: object) -> Any:
    """The array namespace for `values`: JAX's if any of them is a JAX array, else NumPy's."""
    arrays = [value for value in values if array_api_compat.is_jax_array(value)]
    return array_api_compat.array_namespace(*(arrays or [np.empty(0)]))


def is_numpy(xp: Any) -> bool:
    """Whether `xp` is the NumPy namespace."""
    return array_api_compat.is_numpy_namespace(xp)


def float64(xp: Any, name: str, value: Any) -> Array:
    """`value` as an array of float64 in the namespace `xp`.

    JAX computes in float32 unless told otherwise; that cannot hold the accuracy that this library
    promises, so it is refused with the remedy.

    >>> float64(np, "snr_db", [1, 2])
    array([1., 2.])
    """
    if is_numpy(xp):
        if np.iscomplexobj(value):
            raise InputError(name, value, "real numbers")
        try:
            return np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(name, value, "numbers") from None
    array = xp.asarray(value)
    if array.dtype != xp.float64:
        if not sys.modules["jax"].config.jax_enable_x64:
            raise InputError(
                name,
                f"a JAX array of {array.dtype}",
                "float64",
                "call jax.config.update('jax_enable_x64', True) first",
            )
        array = array.astype(xp.float64)
    return array


def is_concrete(array: Array) -> bool:
    """Whether the values can be looked at: false inside a JAX transformation (jit, vmap, grad)."""
    if not array_api_compat.is_jax_array(array):
        return True
    return not isinstance(array, sys.modules["jax"].core.Tracer)


def check(name: str, value: Array, good: Array, allowed: str, remedy: str = "") -> Array:
    """`value`, if all of it is `good`; else an `InputError` with the first that is not.

    Inside a JAX transformation nothing can be looked at: there, what is not good becomes NaN.

    >>> x = np.array([1.0, np.nan])
    >>> check("x", x, x > 0, "numbers > 0")
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: x: got nan; allowed: numbers > 0
    """
    if not is_concrete(good):
        xp = namespace(good)
        return xp.where(good, value, xp.nan)
    if not bool(good.all()):
        value = np.broadcast_to(np.asarray(value), np.shape(good))
        raise InputError(name, float(value[~np.asarray(good)][0]), allowed, remedy)
    return value


def cumulative_sum(xp: Any, terms: Array) -> Array:
    """Prefix sums of a vector of terms >= 0, to a relative error of about 2 sqrt(M) 2^-53.

    A running sum of M equal terms drifts by up to M 2^-53, 1e-10 for a million; sums of blocks of
    sqrt(M) do not. JAX's own cumulative sum is a tree already.

    >>> cumulative_sum(np, np.array([1.0, 2.0, 3.0]))
    array([1., 3., 6.])
    """
    if not is_numpy(xp):
        return xp.cumulative_sum(terms)
    size = terms.shape[0]
    width = isqrt(max(size - 1, 0)) + 1
    blocks = np.zeros(-(-size // width) * width)
    blocks[:size] = terms
    blocks = blocks.reshape(-1, width)
    np.cumsum(blocks, axis=1, out=blocks)
    blocks[1:] += np.cumsum(blocks[:-1, -1])[:, None]
    return blocks.reshape(-1)[:size]


def exact_sum(terms: Array) -> tuple[float, float]:
    """Σ terms of a NumPy vector as an unevaluated sum of two float64, good to about 2^-100.

    Møller and Knuth's error-free addition, applied to the halves of the vector until one is left.

    >>> exact_sum(np.array([1.0, 2.0**-60, 2.0**-60]))
    (1.0, 1.734723475976807e-18)
    """
    error = 0.0
    while terms.size > 1:
        half = terms.size // 2
        first, second, rest = terms[:half], terms[half : 2 * half], terms[2 * half :]
        total = first + second
        rounded = total - first
        error += np.sum((first - (total - rounded)) + (second - rounded))
        terms = np.concatenate((total, rest))
    return float(terms[0]), float(error)


def whole_number(name: str, value: Any) -> int:
    """`value` as a whole number >= 1, or an `InputError`.

    >>> whole_number("dim", 3)
    3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InputError(name, value, "a whole number >= 1")
    return int(value)
