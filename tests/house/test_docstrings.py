"""Docstrings have one form in all of Python: Markdown's code spans, text from the first line on, Google's sections.

Ruff's `pydocstyle` holds the sections and the quotes; this holds what ruff has no rule for.
"""

import ast
import re
import tokenize
from collections.abc import Iterator
from io import StringIO

import pytest

from tests.house.files import ROOT, tracked

FAULTS = {
    re.compile(r"``"): "code stands between single backticks, as in the documents",
    re.compile(r":(?:class|func|meth|mod|data|exc|obj|ref|py:\w+):`"): "a name is `name`, no role of Sphinx",
    re.compile(r"^\s*:(?:param|type|returns?|rtype|raises)\b", re.MULTILINE): "arguments stand under `Args:`",
    re.compile(r"^\s*[@\\](?:param|return|throws)\b", re.MULTILINE): "arguments stand under `Args:`",
    re.compile(r"^\s*(?:Parameters|Returns|Raises|Notes|Examples)\n\s*-{3,}", re.MULTILINE): "sections end in a colon",
    re.compile(r"\A\s*\n"): "a docstring begins on its first line",
}
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def prose(source: str) -> Iterator[tuple[int, str]]:
    """Yield docstrings, those under attributes too, and comments, each with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def faults(source: str) -> list[str]:
    """What is in another form than all others."""
    return [f"line {line}: {why}" for line, text in prose(source) for form, why in FAULTS.items() if form.search(text)]


@pytest.mark.parametrize("path", tracked("*.py"), ids=str)
def test_docstrings_and_comments_have_one_form(path: object) -> None:
    assert faults((ROOT / str(path)).read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        '"""Twin of `' + "`x.ts`" + '`."""',
        'A = 1\n"""Of `' + "`B`" + '`."""',
        "A = 1  # of `" + "`B`" + "`",
        '"""See :class:`Foo`."""',
        'def f(a):\n    """Do it.\n\n    :param a: what.\n    """',
        'def f(a):\n    """Do it.\n\n    Parameters\n    ----------\n    a: what\n    """',
        'class A:\n    """\n    Text.\n    """',
    ],
)
def test_another_form_is_found(source: str) -> None:
    assert len(faults(source)) == 1


def test_the_one_form_passes() -> None:
    assert (
        faults('def f(a):\n    """Push `a`.\n\n    Args:\n        a: what.\n\n    Raises:\n        Bad: why.\n    """')
        == []
    )
