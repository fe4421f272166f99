import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import ROOT, tracked

BACKEND = Path("backend/steppe")
# Domains keep the world outside in files of these names; whatever else they hold only calculates.
OUTWARD = {"__init__", "commands", "models", "queries", "routes", "schemas", "problems"}
NOT_DOMAINS = {"kit", "packs", "simulate", "steppe"}
FORBIDDEN = {"sqlalchemy", "sqlmodel", "fastapi", "starlette", "aiosqlite", "asyncpg", "httpx"}

# A module named after its idea that needs the world outside all the same.
OUTWARD_FOR_A_REASON = {
    "backend/steppe/backup/checkpoints.py": "what enters a tree and what is signed of it are under the counter's lock",
    "backend/steppe/backup/keeper.py": "whether the database can be looked at now is said by its exceptions",
    "backend/steppe/backup/restoring.py": "what is left after a failure depends on the database's exceptions",
    "backend/steppe/backup/timer.py": "whether the database can be asked now is said by its exceptions",
    "backend/steppe/backup/rows.py": "which type a column has, the tables in code say: rows are read and written by it",
    "backend/steppe/missions/feed.py": "taking the mission's next numbers is one statement that all writers share",
    "backend/steppe/missions/key_rotation.py": "keys, root and wrapping change in one transaction, under one lock",
    "backend/steppe/missions/mission_keys.py": "the private keys in force are one statement that every signer shares",
    "backend/steppe/missions/safety.py": "how far a mission is safe is read with every push and raised under one lock",
    "backend/steppe/people/access.py": "who is calling is a dependency of every route",
    "backend/steppe/people/content_key.py": "a key is read, compared and registered under the phone's lock",
    "backend/steppe/people/dpop.py": "a fresh nonce goes with every answer, so it is a middleware",
    "backend/steppe/people/grants.py": "a grant is given, listed and ended in the same words",
    "backend/steppe/people/key_holders.py": "who holds which keys is read and said in the same words",
    "backend/steppe/people/leaving.py": "sessions, codes and phones of somebody who left end in one transaction",
    "backend/steppe/people/moving.py": "a person, their codes and their phones move in one transaction",
    "backend/steppe/people/revocations.py": "a phone is revoked and listed in the same words",
    "backend/steppe/quarantine/judging.py": "what an item meets is read between its steps, which are a push's own",
    "backend/steppe/quarantine/quarantine.py": "an item is judged before the transaction that ends it, again if stale",
    "backend/steppe/quarantine/queue.py": "the policy said in SQL: who is told of which item",
    "backend/steppe/review/held_items.py": "what waits in the queue is reading for a page of its own",
    "backend/steppe/review/missing.py": "which numbers of a phone nobody has is read by index, and in one way",
    "backend/steppe/review/phones.py": "which phones there are, and when heard, is reading for a page of its own",
    "backend/steppe/submissions/scope.py": "the policy said in SQL: the only select() of submissions and tallies",
    "backend/steppe/summaries/recount.py": "counting after a migration is reading reports in pages and writing counts",
    "backend/steppe/summaries/snapshots.py": "a snapshot is kept in the transaction that changes the tallies under it",
    "backend/steppe/sync/fence.py": "which of the database's failures are one item's fault is said by its exceptions",
    "backend/steppe/summaries/inbox.py": "a replay reads the inbox, and writes down beside it what nobody had yet",
    "backend/steppe/summaries/rebuild.py": "replaying the inbox is reading it in pages and writing what differs",
    "backend/steppe/sync/contacts.py": "what a push says of its phone is read and written under the same locks",
    "backend/steppe/sync/held_reports.py": "what an edit is merged with is read in one way, by a push and by a replay",
    "backend/steppe/sync/standing.py": "what an item is now is read in one way, for pushes, pulls and the queue",
    "backend/steppe/sync/team_reports.py": "what a phone lacks is read and encrypted to it in bounded answers",
    "backend/steppe/sync/changes.py": "gathering what a phone may see is reading, one function per kind of change",
}


def imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def pure_modules() -> list[Path]:
    return [
        path
        for path in tracked(f"{BACKEND}/**/*.py")
        if path.parts[2] not in NOT_DOMAINS and path.stem not in OUTWARD and str(path) not in OUTWARD_FOR_A_REASON
    ]


@pytest.mark.parametrize("module", pure_modules(), ids=str)
def test_a_module_named_after_an_idea_only_calculates(module: Path) -> None:
    used = {name.split(".")[0] for name in imports((ROOT / module).read_text())}
    assert used & FORBIDDEN == set()


def test_exceptions_name_files_that_exist() -> None:
    assert [name for name in OUTWARD_FOR_A_REASON if not (ROOT / name).exists()] == []
