"""NumPy or JAX: which namespace computes, and float64 arrays of checked numbers.

A function of this library is written once against the array API. NumPy in, NumPy out; JAX in, JAX
out. JAX is never imported here: an array can only be JAX's if its owner has imported JAX already.
"""

import sys
from collections.abc import Callable
from functools import cached_property
from math import fsum
from typing import Any, TypeVar

import array_api_compat
import numpy as np

from rdtheory.errors import InputError

Array = Any
"""A NumPy or a JAX array of float64."""

_Value = TypeVar("_Value")

_ROW = 128
"""Vectors are worked through in pieces of _ROW² numbers, which stay in the cache."""

_NUMPY = (np.ndarray, np.generic, float, int, list, tuple, type(None))


def namespace(*values: object) -> Any:
    """The array namespace for `values`: JAX's if any of them is a JAX array, else NumPy.

    NumPy 2 speaks the array API itself; its compatibility layer would double the time of import.
    """
    jax_arrays = [
        value
        for value in values
        if not isinstance(value, _NUMPY) and array_api_compat.is_jax_array(value)
    ]
    return array_api_compat.array_namespace(*jax_arrays) if jax_arrays else np


def is_numpy(xp: Any) -> bool:
    """Whether `xp` is the NumPy namespace."""
    return xp is np


def float64(xp: Any, name: str, value: Any) -> Array:
    """`value` as an array of float64 in the namespace `xp`.

    JAX computes in float32 unless told otherwise; that cannot hold the accuracy that this library
    promises, so it is refused with the remedy.

    >>> float64(np, "snr_db", [1, 2])
    array([1., 2.])
    """
    if is_numpy(xp):
        try:
            array = np.asarray(value)
            # Texts and dates that NumPy would convert are mistakes; fractions (kind O) are not.
            if array.dtype.kind in "biufO":
                return array.astype(np.float64, copy=False)
        except (TypeError, ValueError, OverflowError):
            pass
        raise InputError(name, value, "real numbers")
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


def vectors(xp: Any, name: str, value: Any, dim: int) -> Array:
    """`value` as vectors of float64, shape (..., dim).

    >>> vectors(np, "x", [1, 2], 2)
    array([1., 2.])
    """
    array = float64(xp, name, value)
    if array.ndim == 0 or array.shape[-1] != dim:
        raise InputError(name, f"shape {tuple(array.shape)}", f"shape (..., {dim})")
    return array


def is_concrete(array: Array) -> bool:
    """Whether the values can be looked at: false inside a JAX transformation (jit, vmap, grad)."""
    if not array_api_compat.is_jax_array(array):
        return True
    return not isinstance(array, sys.modules["jax"].core.Tracer)


def read_only_copy(array: Array) -> Array:
    """What nobody can change any more: JAX arrays are so, NumPy's are copied.

    >>> read_only_copy(np.zeros(2)).flags.writeable
    False
    """
    if is_numpy(namespace(array)):
        array = array.copy()
        array.setflags(write=False)
    return array


class concrete_cached_property(cached_property[_Value]):  # noqa: N801
    """A cached property that forgets what was computed inside a JAX transformation.

    A tracer kept beyond its transformation would break every later use.
    """

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        name = self.attrname or ""
        if name not in instance.__dict__:
            value = self.func(instance)
            if not is_concrete(value):
                return value
            instance.__dict__[name] = value
        return instance.__dict__[name]


def square_root(x: Array) -> Array:
    """sqrt(x) for x >= 0, with derivative 0 in place of infinity at x = 0 under JAX.

    That is right wherever x is 0 because an eigenvalue is, as such a component contributes nothing.

    >>> square_root(np.array([0.0, 4.0]))
    array([0., 2.])
    """
    xp = namespace(x)
    if is_numpy(xp):
        return np.sqrt(x)
    return xp.where(x > 0, xp.sqrt(xp.where(x > 0, x, 1.0)), 0.0)


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


def prefix_sums(xp: Any, size: int, terms: Callable[[slice], Array]) -> Array:
    """0, then the prefix sums of `size` terms >= 0, good to about 500 · 2^-53 relative.

    `terms` computes those of a slice, one piece after the other that fits the cache. A plain
    running sum of M equal terms would drift by up to M 2^-53, 1e-10 for a million; here sums run
    over rows of 128. JAX's own cumulative sum is a tree already.

    >>> values = np.array([1.0, 2.0, 3.0])
    >>> prefix_sums(np, 3, lambda piece: values[piece])
    array([0., 1., 3., 6.])
    """
    if not is_numpy(xp):
        return xp.cumulative_sum(terms(slice(0, size)), include_initial=True)
    sums, total = np.zeros(size + 1), 0.0
    rows = np.zeros((_ROW, _ROW))
    flat = rows.reshape(-1)
    for start in range(0, size, flat.size):
        count = min(flat.size, size - start)
        flat[:count] = terms(slice(start, start + count))
        np.cumsum(rows, axis=1, out=rows)
        rows[1:] += np.cumsum(rows[:-1, -1])[:, None]
        np.add(flat[:count], total, out=sums[start + 1 : start + 1 + count])
        total = sums[start + count]
    return sums


def exact_sum(terms: Array) -> tuple[float, float]:
    """Σ terms of a NumPy vector as an unevaluated sum of two float64, good to about 2^-100.

    Knuth's error-free addition of pieces that stay in the cache, then `math.fsum`.

    >>> exact_sum(np.array([1.0, 2.0**-60, 2.0**-60]))
    (1.0, 1.734723475976807e-18)
    """
    totals, errors = np.zeros((2, 4096))
    for start in range(0, terms.size, totals.size):
        piece = terms[start : start + totals.size]
        before = totals[: piece.size]
        after = before + piece
        rounded = after - before
        errors[: piece.size] += (before - (after - rounded)) + (piece - rounded)
        totals[: piece.size] = after
    parts = [*totals.tolist(), *errors.tolist()]
    total = fsum(parts)
    return total, fsum([*parts, -total])


def number(
    name: str, value: Any, good: Callable[[float], bool], allowed: str, remedy: str = ""
) -> float:
    """`value` as a float that is `good`, or an `InputError`; `good` must be false for NaN.

    >>> number("exponent", 2, lambda exponent: exponent > 1, "a number > 1")
    2.0
    """
    array = float64(np, name, value)
    if array.ndim or not good(float(array)):
        raise InputError(name, value, allowed, remedy)
    return float(array)


def whole_number(name: str, value: Any, most: int | None = None) -> int:
    """`value` as a whole number >= 1, and of `most` at most, or an `InputError`.

    >>> whole_number("dim", 3)
    3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise InputError(name, value, "a whole number >= 1")
    if most is not None and value > most:
        raise InputError(name, value, f"at most {most}")
    return int(value)


def draw_count(size: Any) -> int:
    """How many draws are asked for: a whole number from 1 to 10^9, or an `InputError`.

    >>> draw_count(3)
    3
    """
    return whole_number("size", size, most=10**9)


def generator(rng: Any) -> np.random.Generator:
    """`rng`, if it is a `numpy.random.Generator`, else an `InputError`.

    >>> generator(0)
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: rng: got 0; allowed: a numpy.random.Generator
    """
    if not isinstance(rng, np.random.Generator):
        raise InputError("rng", rng, "a numpy.random.Generator")
    return rng


def positive(name: str, value: Any) -> float:
    """`value` as a finite float > 0, or an `InputError`.

    >>> positive("epsilon", 2)
    2.0
    """
    return number(name, value, lambda x: 0 < x < np.inf, "a finite number > 0")


def instance(name: str, value: Any, kind: type[_Value]) -> _Value:
    """`value`, if it is a `kind`, else an `InputError`.

    >>> instance("edges", 3, slice)
    Traceback (most recent call last):
    ...
    rdtheory.errors.InputError: edges: got int; allowed: a slice
    """
    if not isinstance(value, kind):
        raise InputError(name, type(value).__name__, f"a {kind.__name__}")
    return value


def broadcast(**arrays: Array) -> tuple[int, ...]:
    """The shape that all broadcast to, or an `InputError` for the first that does not.

    >>> broadcast(rate_nats=np.zeros((2, 1)), distortion=np.zeros(3))
    (2, 3)
    """
    shape: tuple[int, ...] = ()
    for name, array in arrays.items():
        try:
            shape = np.broadcast_shapes(shape, array.shape)
        except ValueError:
            allowed = f"one that broadcasts with {shape}"
            raise InputError(name, f"shape {tuple(array.shape)}", allowed) from None
    return shape
