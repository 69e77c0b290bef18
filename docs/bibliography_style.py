"""Sphinx extension: the bibliography is cited by its keys, [Theis2022], as docstrings do."""

from collections.abc import Iterable
from typing import Any

from pybtex.database import Entry
from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style as Plain
from pybtex.style.labels import BaseLabelStyle


class KeyLabels(BaseLabelStyle):
    """Every entry is called by its key."""

    def format_labels(self, sorted_entries: Iterable[Entry]) -> Iterable[str]:
        """The keys."""
        return (entry.key for entry in sorted_entries)


class KeyStyle(Plain):
    """The plain style but for its labels."""

    default_label_style = KeyLabels


def setup(app: Any) -> dict[str, bool]:
    """Make the style known as `keys`."""
    register_plugin("pybtex.style.formatting", "keys", KeyStyle)
    return {"parallel_read_safe": True}
