"""The arrays of a pytree by name, as files keep them: `layers.0.weight`."""

from collections.abc import Mapping
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.container import StreamError

_Tree = TypeVar("_Tree")


def named_leaves(tree: Any) -> dict[str, Any]:
    """The leaves by their path in the tree.

    >>> named_leaves({"layers": [1.0, 2.0], "bias": 3.0})
    {'bias': 3.0, 'layers.0': 1.0, 'layers.1': 2.0}
    """
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {_name(path): leaf for path, leaf in leaves}


def with_leaves(tree: _Tree, tensors: Mapping[str, np.ndarray], what: str) -> _Tree:
    """The same tree with arrays from a file in place of its leaves.

    Args:
        tree: its leaves have a shape and a dtype, to which tensors of half precision are widened.
        tensors: by name.
        what: the file, for the error.

    Raises:
        StreamError: if a tensor is missing, left over, of another shape or type, or not finite.

    >>> with_leaves({"a": np.zeros(2)}, {"a": np.ones(2)}, "weights")
    {'a': Array([1., 1.], dtype=float64)}
    """
    wanted = named_leaves(tree)
    for name in sorted(tensors.keys() ^ wanted.keys()):
        given = "it missing" if name in wanted else "a tensor that the network does not have"
        raise StreamError(f"{what}, tensor {name}", given, "the tensors of this configuration")
    for name, leaf in wanted.items():
        _check(f"{what}, tensor {name}", tensors[name], leaf)
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: jnp.asarray(tensors[_name(path)].astype(leaf.dtype)), tree
    )


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".")


def _check(where: str, tensor: np.ndarray, leaf: Any) -> None:
    if tensor.shape != tuple(leaf.shape):
        raise StreamError(where, f"shape {tensor.shape}", f"shape {tuple(leaf.shape)}")
    floating = jnp.issubdtype(leaf.dtype, jnp.floating)
    widened = floating and jnp.finfo(tensor.dtype).bits == 16 if _is_float(tensor) else False
    if tensor.dtype != leaf.dtype and not widened:
        raise StreamError(where, f"numbers of type {tensor.dtype}", str(leaf.dtype))
    if floating and not np.isfinite(tensor).all():
        raise StreamError(where, "a number that is not finite", "finite numbers")


def _is_float(tensor: np.ndarray) -> bool:
    return bool(jnp.issubdtype(tensor.dtype, jnp.floating))
