"""The figures: one a file, each with `data()` and `draw(axes, data)`; see `registry`."""
