"""What `import rdtheory` costs, beside `import numpy` in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.side_by_side import Row, compare


def rows() -> Iterator[Row]:
    """One row: whole processes, so the interpreter's own start counts on both sides."""
    timing = compare(lambda: _run("import rdtheory"), lambda: _run("import numpy"))
    yield Row("import rdtheory", "import numpy", timing, ours_at_most_ms=300.0)


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)
