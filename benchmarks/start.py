"""What `import rdtheory` costs, beside `import numpy`, each in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.side_by_side import Row, compare_timed

_TIMED_IMPORT = """
import time
start = time.perf_counter()
import {}
print(1e3 * (time.perf_counter() - start))
"""


def rows() -> Iterator[Row]:
    """One row."""
    timing = compare_timed(lambda: _milliseconds("rdtheory"), lambda: _milliseconds("numpy"))
    yield Row("import rdtheory", "import numpy", timing, ours_at_most_ms=300.0)


def _milliseconds(module: str) -> float:
    code = [sys.executable, "-c", _TIMED_IMPORT.format(module)]
    return float(subprocess.run(code, capture_output=True, text=True, check=True).stdout)
