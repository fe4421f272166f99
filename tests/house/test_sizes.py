"""A function is read in one look; how long a file is, its subject decides."""

import ast

import pytest

from tests.house.files import ROOT, tracked

LONGEST = 70


def long_functions(source: str) -> dict[str, int]:
    """Functions longer than a reader takes in at once, with their lines."""
    functions = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    lines = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
    return {name: count for name, count in lines.items() if count > LONGEST}


# A migration is one step, however long, and is read once.
@pytest.mark.parametrize("path", [one for one in tracked("*.py") if one.parts[0] != "migrations"], ids=str)
def test_a_function_is_read_in_one_look(path: object) -> None:
    assert long_functions((ROOT / str(path)).read_text()) == {}


def test_a_function_too_long_is_found() -> None:
    assert long_functions("def short(): ...\ndef long():\n" + "    a = 1\n" * LONGEST) == {"long": LONGEST + 1}
