"""What computed a result: versions, and the machine in general words."""

import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import rdtheory

_PROCESSORS = Path("/proc/cpuinfo")


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Of Python, the library, and those of the packages that are installed.

    >>> list(versions(["numpy", "not-installed"]))
    ['python', 'rdtheory', 'numpy']
    """
    found = {"python": platform.python_version(), "rdtheory": rdtheory.__version__}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine_kind() -> str:
    """Architecture, processor, cores, and JAX's devices if they are not one CPU.

    >>> "cores" in machine_kind()
    True
    """
    import jax

    devices = jax.local_devices()
    kind = devices[0].device_kind
    one_cpu = kind == "cpu" and len(devices) == 1
    parts = [
        platform.machine(),
        _processor(),
        f"{os.cpu_count()} CPU cores",
        "no accelerator" if one_cpu else f"{len(devices)} devices ({kind})",
    ]
    return ", ".join(part for part in parts if part)


def _processor() -> str:
    """Its name; nothing where the system does not tell."""
    if not _PROCESSORS.exists():
        return platform.processor()
    rows = (line.partition(":") for line in _PROCESSORS.read_text(encoding="utf-8").splitlines())
    return next((name.strip() for key, _, name in rows if key.strip() == "model name"), "")
