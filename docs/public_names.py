"""Sphinx extension: the page of a package, made of its `__all__` and its docstrings.

Docstrings are plain text: bars and a letter before a full stop are not markup, [Theis2022] is a key
of the bibliography, and [T1.9d] a label of the equation map.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any, ClassVar

from docutils import nodes
from sphinx.domains.python import PyObject
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective

_KEY = re.compile(r"\[([A-Z][A-Za-z]+\d{4}[a-z]?)\]")
_LABEL = re.compile(r"\[([TP]\d+(?:\.\d+[a-g]?)?)([^\]]*)\]")
_LETTER = re.compile(r"(^|: )([A-Za-z])\.$")
"""Or it would begin a list."""


def as_markup(line: str) -> str:
    r"""A line of a docstring as reStructuredText that shows what is written.

    >>> as_markup("E|X| of `normal` [Theis2022]")
    'E\\|X\\| of `normal` :cite:p:`Theis2022`'
    >>> as_markup("D(R) [T2.1a-c]")
    'D(R) `[T2.1a-c] <../equation-map.html#T2.1a>`__'
    """
    line = _LETTER.sub(r"\1\2\.", line.replace("|", r"\|"))
    line = _LABEL.sub(r"`[\1\2] <../equation-map.html#\1>`__", line)
    return _KEY.sub(r":cite:p:`\1`", line)


def outside_examples(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines that are no example, with their numbers.

    >>> list(outside_examples(["Sum.", ">>> 1 + 1", "2", "", "More."]))
    [(0, 'Sum.'), (3, ''), (4, 'More.')]
    """
    example = False
    for number, line in enumerate(lines):
        example = bool(line.strip()) and (example or line.lstrip().startswith(">>>"))
        if not example:
            yield number, line


def with_layouts(lines: list[str]) -> Iterator[str]:
    """The lines of a module's docstring, in which what is indented keeps its layout.

    >>> list(with_layouts(["Bytes:", "", "    0  1", "", "More."]))
    ['Bytes:', '', '::', '', '    0  1', '', 'More.']
    """
    kept = False
    for number, line in enumerate(lines):
        indented = line.startswith("    ")
        if indented and not kept and not lines[number - 1]:
            kept = True
            yield from ("::", "")
        kept = kept and (indented or not line)
        yield line


def listing(name: str) -> Iterator[str]:
    """The reStructuredText of a package's page: docstring, a table of its names, the names."""
    package = import_module(name)
    public = {public: getattr(package, public) for public in package.__all__}
    public = {name: value for name, value in public.items() if not inspect.ismodule(value)}
    yield from (f".. automodule:: {name}", "", ".. list-table::", "   :widths: auto", "")
    for one, value in public.items():
        yield f"   * - :py:obj:`~{name}.{one}`"
        yield f"     - {as_markup(_docstring(package, one, value)[0])}"
    yield ""
    for one, value in public.items():
        yield from _described(package, one, value)


def _described(package: ModuleType, name: str, value: Any) -> Iterator[str]:
    where = f"{package.__name__}.{name}"
    if inspect.isclass(value):
        kind = "autoexception" if issubclass(value, Exception) else "autoclass"
        yield from (f".. {kind}:: {where}", "   :members:")
        if any(base.__name__ in package.__all__ for base in value.__bases__):
            yield "   :show-inheritance:"
        yield ""
    elif inspect.isfunction(value):
        yield from (f".. autofunction:: {where}", "")
    else:
        yield from (f".. py:data:: {name}", "")
        yield from (f"   {as_markup(line)}" for line in _docstring(package, name, value))
        yield ""


def _docstring(package: ModuleType, name: str, value: Any) -> list[str]:
    """Its lines; those of a variable stand after it, in the module that the package has it from."""
    if inspect.isclass(value) or inspect.isfunction(value):
        return (inspect.getdoc(value) or "").splitlines()
    origins = [
        node.module
        for node in ast.walk(ast.parse(inspect.getsource(package)))
        if isinstance(node, ast.ImportFrom) and name in [alias.name for alias in node.names]
    ]
    analyzer = ModuleAnalyzer.for_module((origins or [package.__name__])[0])
    analyzer.analyze()
    return analyzer.attr_docs["", name]


class PublicNames(SphinxDirective):
    """All that a package makes public."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """The nodes of the page."""
        return self.parse_text_to_nodes("\n".join(listing(self.arguments[0])))


def _mark_up(app: Any, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    for number, line in outside_examples(lines):
        lines[number] = as_markup(line)
    if what == "module":
        lines[:] = with_layouts(lines)


def setup(app: Any) -> dict[str, bool]:
    """Make the directive known, and have docstrings marked up before napoleon reads them."""
    app.add_directive("public-names", PublicNames)
    app.connect("autodoc-process-docstring", _mark_up, priority=400)
    for field in PyObject.doc_field_types:
        if field.name == "variable":  # what napoleon makes of "Attributes:"
            field.label = "Attributes"
    return {"parallel_read_safe": True}
