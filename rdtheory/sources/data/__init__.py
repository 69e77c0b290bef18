"""The spectra that `rdtheory.sources.embedded` loads; README.md is their data card."""
