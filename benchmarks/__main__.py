"""`python -m benchmarks`: the table of all speed claims, measured now."""

from benchmarks import (
    certified_optima,
    channel_simulation,
    codecs,
    curves,
    masked_transformers,
    start,
)

print(f"{'what':<42}{'median':>12}   {'beside':<26}{'median':>12}{'ratio':>10} (quartiles)")
MODULES = (start, curves, certified_optima, channel_simulation, codecs, masked_transformers)
for module in MODULES:
    for row in module.rows():
        print(row, flush=True)
