"""Set-up of all tests: Hypothesis without clocks, dice or memory; JAX in float64."""

import jax
from hypothesis import settings

# The same examples on every run and machine: a failure is a fact, not a mood.
settings.register_profile("rdtheory", derandomize=True, deadline=None, database=None)
settings.load_profile("rdtheory")

jax.config.update("jax_enable_x64", True)
