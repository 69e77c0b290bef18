"""Settings of the manual, which `make docs` builds with Sphinx; nothing is fetched for it."""

import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS), str(DOCS.parent)]

project = "rdtheory"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "matplotlib.sphinxext.plot_directive",
    "sphinxcontrib.bibtex",
    "bibliography_style",
    "made_by",
    "public_names",
]
exclude_patterns = ["_build"]
highlight_language = "text"

html_theme = "furo"
html_title = "rdtheory"
html_show_copyright = False
html_static_path = ["style"]
html_css_files = ["manual.css"]
html_copy_source = False

bibtex_bibfiles = ["../paper/references.bib"]
bibtex_default_style = "keys"

# A name in single backticks, or a type, is a link if this manual describes it; others must be.
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [("py:(obj|class)", ".*")]
napoleon_use_ivar = True
napoleon_attr_annotations = False  # the signature has them
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

plot_include_source = True
plot_html_show_source_link = False
plot_html_show_formats = False
plot_formats = ["svg"]


def _without_last_blank_line(app: Any, docname: str, source: list[str]) -> None:
    """A doctest needs a blank line before the fence that closes it, a reader does not."""
    source[0] = source[0].replace("\n\n```\n", "\n```\n")


def setup(app: Any) -> None:
    """Read pages as a reader would."""
    app.connect("source-read", _without_last_blank_line)
