"""Reports and their counts are read through one module: nobody else says select() of Submission or Tally."""

import ast
from pathlib import Path

import pytest

from tests.house.files import ROOT, tracked

GUARDED = {"Submission", "Tally", "CountSnapshot"}
READS = {
    "backend/steppe/submissions/models.py": "defines the tables",
    "backend/steppe/submissions/scope.py": "the one place where a scope becomes a condition",
    "backend/steppe/submissions/commands.py": "writes reports; reads by key those that a push is about to change",
    "backend/steppe/summaries/commands.py": "writes tallies; reads by key those it is about to change",
    "backend/steppe/summaries/snapshots.py": "writes snapshots, out of the tallies of the cell that moves",
    "backend/steppe/summaries/rebuild.py": "compares every derived row with the inbox, and shows none of them",
    "backend/steppe/summaries/recount.py": "counts every report of a mission after a migration, and shows none of them",
}


def used(source: str) -> set[str]:
    """Guarded tables a module uses as values; an annotation is no use, nor is an import for one."""
    tree = ast.parse(source)
    annotations = {
        id(part)
        for node in ast.walk(tree)
        for note in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if note is not None
        for part in ast.walk(note)
    }
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in GUARDED and id(node) not in annotations
    } | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in GUARDED}


@pytest.mark.parametrize("module", [path for path in tracked("backend/steppe/*.py") if str(path) not in READS], ids=str)
def test_reports_and_their_counts_are_read_through_the_scope_alone(module: Path) -> None:
    assert used((ROOT / module).read_text()) == set()


def test_a_select_elsewhere_would_be_seen() -> None:
    assert used("from x import Submission\nasync def f(s): return await s.get(Submission, 1)") == {"Submission"}
    assert used("import m\nq = select(m.Tally.n)") == {"Tally"}
    assert used("def f(one: Submission) -> list[Submission]: ...") == set()


def test_exceptions_name_files_that_still_need_one() -> None:
    assert [name for name in READS if not used((ROOT / name).read_text()) and "models" not in name] == []
