"""All JAX devices of a machine at work on one batch: each has its part, and a copy of all else."""

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec


def shardings(batch: int) -> tuple[NamedSharding, NamedSharding] | None:
    """Of a batch of so many in equal parts, and of what every device has whole.

    None where there is a single device, or their number does not divide the batch: one has it all.
    """
    devices = jax.local_devices()
    if len(devices) == 1 or batch % len(devices):
        return None
    mesh = Mesh(np.array(devices), ("batch",))
    return NamedSharding(mesh, PartitionSpec("batch")), NamedSharding(mesh, PartitionSpec())
