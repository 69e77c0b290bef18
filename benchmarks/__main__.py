"""`python -m benchmarks`: the table of all speed claims, measured now."""

from benchmarks import certified_optima, channel_simulation, codecs, curves, start

print(f"{'what':<42}{'median':>12}   {'beside':<26}{'median':>12}{'ratio':>10} (quartiles)")
for module in (start, curves, certified_optima, channel_simulation, codecs):
    for row in module.rows():
        print(row, flush=True)
