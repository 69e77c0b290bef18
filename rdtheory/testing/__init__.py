"""Tools for testing: public Hypothesis strategies and high-precision oracles (extra `testing`)."""
