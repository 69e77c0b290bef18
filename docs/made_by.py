"""Sphinx extension: a directive for what the code tells of itself.

    ```{made-by} command_help
    ```

puts in its place the Markdown that `page()` of `docs/command_help.py` returns.
"""

from importlib import import_module
from typing import Any, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class MadeBy(SphinxDirective):
    """What the `page` of a module returns, as if it were written here."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """The nodes of the page."""
        # What it is made of may change without this page: so it is read anew in every build.
        self.env.note_reread()
        text = import_module(self.arguments[0]).page()
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Any) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("made-by", MadeBy)
    return {"parallel_read_safe": True}
