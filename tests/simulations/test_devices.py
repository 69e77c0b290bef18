"""An experiment on a machine with several JAX devices."""

import json
import os
import subprocess
import sys


def test_masked_fields_on_two_devices():
    """As a whole; that steps are those of one device is seen in `tests/codecs/training`."""
    options = (
        "masked-fields --side=2 --log-scale-most=0 --steps=2 --locations=entropy --width=8"
        " --layers=1 --training-steps=20 --batch=8 --streams=2 --patches=64"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "simulations", "run", *options.split()],
        env=os.environ | {"XLA_FLAGS": "--xla_force_host_platform_device_count=2"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert "2 devices (cpu)" in found["provenance"]["machine"]
    rows = found["result"]["rows"]
    assert [row["way"] for row in rows] == ["mt", "ar"]
    assert all(row["bits"] > row["rate_bound"] for row in rows)
