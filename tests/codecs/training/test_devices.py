"""Training spread over several devices: the same steps, on parts of the batch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("devices", [2, 4])
def test_steps_and_bounds_are_those_of_one_device(devices, tmp_path):
    """XLA makes devices of the cores, in a process of its own."""
    program = Path(__file__).with_name("spread_steps.py")
    more = {
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-W", "error", str(program), str(devices), str(tmp_path / "out")]
    done = subprocess.run(command, env=os.environ | more, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
