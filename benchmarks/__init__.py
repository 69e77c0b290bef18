"""Speed claims, each measured beside its peer or its limit in the same run: `make benchmarks`."""
