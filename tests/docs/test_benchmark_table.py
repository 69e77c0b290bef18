"""The page of benchmarks, from a made-up file."""

import json

ROW = {
    "group": "curves",
    "what": "R(D | X)",
    "beside": "`np.sort`",
    "ours_ms": 1234.5,
    "theirs_ms": 300.0,
    "ratio": 4.115,
    "low": 3.9,
    "high": 4.4,
    "promise": "at most 6",
}
RESULTS = {
    "provenance": {"rdtheory": "0.1.0", "processor": "one of two cores"},
    "rows": [ROW, {**ROW, "group": "codecs", "what": "JPEG"}, {**ROW, "what": "D(R)"}],
}


def written(tmp_path, results):
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results))
    return path


def test_a_table_a_group_and_the_provenance_below(extension, tmp_path):
    lines = extension("benchmark_table").page(written(tmp_path, RESULTS)).splitlines()
    headings = [line for line in lines if line.startswith("#")]
    assert headings == ["## Codecs", "## Curves", "## What measured it"]
    times = "`np.sort` | 1,234 | 300 | 4.12 (3.9 to 4.4) | at most 6 |"
    rows = [line for line in lines if times in line]
    assert rows == [f"| {what} | {times}" for what in ("JPEG", r"R(D \| X)", "D(R)")]
    assert lines[-2:] == ["| rdtheory | 0.1.0 |", "| processor | one of two cores |"]


def test_without_results_it_says_how_to_make_them(extension, tmp_path):
    assert "make benchmarks" in extension("benchmark_table").page(tmp_path / "missing.json")
