"""What stands in the server has a caller there: a function that only its tests know is a promise to nobody."""

import ast
import re
from collections import Counter
from pathlib import Path

from tests.house.files import ROOT, tracked

# A caller in the language's own machinery, or on the other side of a shared vector.
CALLED_ELSEWHERE = {
    "process_bind_param": "SQLAlchemy's column types call it",
    "process_result_value": "SQLAlchemy's column types call it",
    "fetchone": "SQLAlchemy's adapter of aiosqlite calls it",
    "fold": "phones search with the same rules, and the vectors hold both",
    "compile_checklist": "the shared tests of forms compile with it",
    "readable_levels": "what a role reads, said for tests of every role",
}


def uncalled(sources: dict[Path, str]) -> dict[str, str]:
    """Functions, methods and classes without a decorator that no source names a second time, with their module."""
    words = Counter(word for source in sources.values() for word in re.findall(r"\w+", source))
    return {
        node.name: str(path)
        for path, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.decorator_list
        and not node.name.startswith("__")
        and words[node.name] == 1
    }


def test_every_function_of_the_server_is_called_by_it() -> None:
    sources = {path: (ROOT / path).read_text() for path in tracked("backend/steppe/*.py")}
    assert uncalled(sources).keys() == CALLED_ELSEWHERE.keys(), uncalled(sources)


def test_a_function_without_a_caller_is_found() -> None:
    source = "def called(): ...\ndef left(): called()\nclass Thing:\n    def unused(self): ...\nThing()\n"
    assert uncalled({Path("a.py"): source}) == {"left": "a.py", "unused": "a.py"}
