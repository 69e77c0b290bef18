"""What the tests of all codecs share."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def mutations():
    """Makes damaged files of a good one."""

    def mutated(data, count, seed):
        """Files with bits flipped, bytes replaced, cut off or overwritten, more so at the start."""
        rng = np.random.default_rng(seed)
        for _ in range(count):
            changed = bytearray(data)
            for _ in range(rng.integers(1, 4)):
                end = len(changed) if rng.random() < 0.5 else min(len(changed), 200)
                at = int(rng.integers(0, end))
                how = rng.integers(0, 4)
                if how == 0:
                    changed[at] ^= 1 << int(rng.integers(0, 8))
                elif how == 1:
                    changed[at] = rng.integers(0, 256)
                elif how == 2:
                    changed[at : at + 4] = b"\xff\xff\xff\xff"
                else:
                    del changed[max(at, 1) :]
            yield bytes(changed)

    return mutated
