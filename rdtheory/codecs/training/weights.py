"""Weights as they are shipped: half precision, with the configuration, tables and a card."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from rdtheory.codecs.training.leaves import named_leaves, with_leaves
from rdtheory.codecs.training.tensor_file import read_tensors, write_tensors
from rdtheory.container import StreamError
from rdtheory.errors import InputError

PRECISIONS = ("float16", "bfloat16")
MOST_BYTES = 2**28
"""A larger file is not read."""

_NETWORK, _TABLE = "network.", "table."
_Network = TypeVar("_Network")


@dataclass(frozen=True, eq=False)
class Weights:
    """What a file of weights holds.

    Attributes:
        task: the kind of network, "diffc" say.
        config: its configuration, as JSON has it: not checked yet.
        tensors: by the names of the network's leaves.
        tables: by name.
        card: what is told of the training.
        fingerprint: CRC-32 of all of these.
    """

    task: str
    config: dict[str, Any]
    tensors: dict[str, np.ndarray]
    tables: dict[str, np.ndarray]
    card: dict[str, Any]
    fingerprint: int

    def into(self, network: _Network) -> _Network:
        """The network with these weights, in float32.

        Args:
            network: an untrained one of this configuration; if it has no NumPy constants,
                `equinox.filter_eval_shape(task.initial, key)` will do, which computes nothing.

        Raises:
            StreamError: if they are another network's.
        """
        trained, fixed = trained_and_fixed(network)
        return eqx.combine(with_leaves(trained, self.tensors, "weights"), fixed)


def trained_and_fixed(network: _Network) -> tuple[_Network, _Network]:
    """The network's JAX arrays of floating point as float32, and all else."""
    trained, fixed = eqx.partition(network, _is_trained)
    return jax.tree.map(_float32, trained), fixed


def rounded(network: _Network, precision: str) -> _Network:
    """The network with its weights rounded to half precision, in float32 again.

    Raises:
        InputError: if the precision is unknown, or a weight is not finite in it.
    """
    trained, fixed = trained_and_fixed(network)
    return eqx.combine(
        jax.tree.map(lambda leaf: jnp.asarray(_half(leaf, precision), jnp.float32), trained), fixed
    )


def save_weights(
    path: Path,
    network: eqx.Module,
    config: dict[str, Any],
    tables: Mapping[str, np.ndarray],
    card: dict[str, Any],
    *,
    task: str,
    precision: str = "float16",
) -> None:
    """Write the weights in half precision, the tables as they are.

    Raises:
        InputError: if the precision is unknown, or a weight is not finite in it.
        OSError: if the file cannot be written.
    """
    leaves = named_leaves(trained_and_fixed(network)[0])
    tensors = {_NETWORK + name: _half(leaf, precision) for name, leaf in leaves.items()}
    tensors |= {_TABLE + name: np.asarray(table) for name, table in tables.items()}
    write_tensors(path, "weights", tensors, {"task": task, "config": config, "card": card})


def load_weights(path: Path, task: str) -> Weights:
    """Read a file of weights, one that cannot be trusted even.

    Raises:
        StreamError: if it is damaged, larger than `MOST_BYTES`, or of another task.
        OSError: if it cannot be read.
    """
    file = read_tensors(path, "weights", MOST_BYTES)
    told = file.told
    good = isinstance(told, dict) and told.keys() == {"task", "config", "card"}
    if not (good and isinstance(told["config"], dict) and isinstance(told["card"], dict)):
        raise StreamError(path.name, "weights without task, config and card", "all of these")
    if told["task"] != task:
        raise StreamError(path.name, f"weights of {told['task']}", f"weights of {task}")
    if any(not name.startswith((_NETWORK, _TABLE)) for name in file.tensors):
        raise StreamError(path.name, "tensors of other names", f"{_NETWORK}* and {_TABLE}*")
    return Weights(
        task=task,
        config=told["config"],
        tensors=_with_prefix(_NETWORK, file.tensors),
        tables=_with_prefix(_TABLE, file.tensors),
        card=told["card"],
        fingerprint=file.crc32,
    )


def _is_trained(leaf: Any) -> bool:
    is_array = isinstance(leaf, jax.Array | jax.ShapeDtypeStruct)
    return is_array and bool(jnp.issubdtype(leaf.dtype, jnp.floating))


def _float32(leaf: Any) -> Any:
    if isinstance(leaf, jax.ShapeDtypeStruct):
        return jax.ShapeDtypeStruct(leaf.shape, jnp.float32)
    return leaf.astype(jnp.float32)


def _half(leaf: jax.Array, precision: str) -> np.ndarray:
    if precision not in PRECISIONS:
        raise InputError("precision", repr(precision), " or ".join(PRECISIONS))
    with np.errstate(over="ignore"):
        half = np.asarray(leaf).astype(jnp.dtype(precision))
    if not np.isfinite(half).all():
        raise InputError(
            "precision",
            f"{precision}, in which a weight is not finite",
            "finite weights",
            "try bfloat16",
        )
    return half


def _with_prefix(prefix: str, tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
