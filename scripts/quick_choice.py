"""Choose the tests nearest to a change: what `make quick` runs, and what it leaves out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

WALLS: Final = "tests/house"
"""The house's own rules: they run for every change and are chosen by nobody."""

NEVER: Final = ("tests/e2e", "tests/bench", "tests/checklists/test_third_opinion.py")
"""Tests that need a browser or minutes: `make e2e` and `make test` run them."""

SMOKE: Final = (
    "tests/sync/test_push.py",
    "tests/people/test_policy.py",
    "tests/summaries/test_tally.py",
    "tests/checklists/test_parser.py",
)
"""One look into each part of the server, for a change that no folder answers for."""
PWA_SMOKE: Final = ("pwa/src/engine/expressions.ts", "pwa/src/wire/problem.ts")
"""The same for the field app: the tests related to these modules run."""

# Beside a folder's own tests, those that broke with it most often in this repository's history.
BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "attachments": ("tests/sync/test_push.py", "tests/summaries/test_rebuild.py"),
    "audit": ("tests/people/test_policy.py", "tests/exports/test_exports.py"),
    "backup": ("tests/test_migrations.py", "tests/summaries/test_rebuild.py"),
    "checklists": ("tests/test_cli.py", "tests/sync/test_hostile_forms.py", "tests/review/test_reports.py"),
    "quarantine": ("tests/sync/test_quarantine.py", "tests/summaries/test_rebuild.py"),
    "decisions": ("tests/sync/test_push.py", "tests/summaries/test_rebuild.py"),
    "exports": ("tests/review/test_reports.py",),
    "kit": ("tests/sync/test_push.py", "tests/attachments/test_uploads.py", "tests/people/test_guessing.py"),
    "live": ("tests/review/test_reports.py", "tests/people/test_policy.py"),
    "missions": ("tests/sync/test_pull.py", "tests/summaries/test_rebuild.py", "tests/people/test_enrolment.py"),
    "packs": (
        "tests/checklists/test_demo_checklists.py",
        "tests/missions/test_kazakhstan_pack.py",
        "tests/simulate/test_answers.py",
    ),
    "people": ("tests/sync/test_push.py", "tests/summaries/test_two_looks.py", "tests/review/test_reports.py"),
    "queries": ("tests/sync/test_facts.py", "tests/sync/test_pull.py", "tests/summaries/test_rebuild.py"),
    "review": ("tests/exports/test_openrosa.py", "tests/summaries/test_rebuild.py"),
    "simulate": ("tests/missions/test_kazakhstan_pack.py", "tests/landed/test_landed_phones.py"),
    "submissions": (
        "tests/sync/test_push.py",
        "tests/attachments/test_uploads.py",
        "tests/summaries/test_rebuild.py",
        "tests/summaries/test_tally.py",
    ),
    "summaries": ("tests/review/test_reports.py", "tests/sync/test_push.py", "tests/exports/test_exports.py"),
    "sync": (
        "tests/attachments/test_uploads.py",
        "tests/summaries/test_rebuild.py",
        "tests/landed/test_landed_phones.py",
    ),
}

_BACKEND: Final = PurePosixPath("backend/steppe")
_PWA: Final = PurePosixPath("pwa/src")
_TESTS: Final = PurePosixPath("tests")
_MODULES: Final = {".ts", ".svelte"}
_PROSE: Final = {".md", ".png", ".txt"}


@dataclass(frozen=True)
class Choice:
    """What a change calls for."""

    python: tuple[str, ...]
    """Python test files, the nearest to the change first."""
    related: tuple[str, ...]
    """Modules of the field app and the desk whose tests vitest finds by itself; paths from the root."""
    left_out: tuple[str, ...]
    """Python test files that do not run."""
    unanswered: tuple[str, ...] = field(default=())
    """Changed files that no test here answers for: they call for the smoke set."""


def dotted(path: PurePosixPath) -> str:
    """The name a test imports a module of the server by: `backend/steppe/sync/push.py` is `steppe.sync.push`."""
    return ".".join(path.relative_to("backend").with_suffix("").parts)


def names(text: str, module: str) -> bool:
    """Whether a test imports a module, as `import a.b` or as `from a import b`."""
    package, _, last = module.rpartition(".")
    pattern = rf"\b{re.escape(module)}\b|^from {re.escape(package)} import [^\n]*\b{re.escape(last)}\b"
    return re.search(pattern, text, re.MULTILINE) is not None


def _nearest(path: PurePosixPath, tests: Mapping[str, str]) -> Iterator[str]:
    """Tests for one changed file, the nearest first; nothing when no folder answers for it."""
    if path.is_relative_to(_BACKEND):
        word = path.relative_to(_BACKEND).parts[0]
        naming = [test for test, text in tests.items() if path.suffix == ".py" and names(text, dotted(path))]
        own = f"{_TESTS}/{word}/"
        yield from (test for test in naming if test.startswith(own))
        if path.parent == _BACKEND:
            yield from naming
        yield from (test for test in tests if test.startswith(own))
        yield from BESIDE.get(word, ())
    elif path.is_relative_to("migrations"):
        yield "tests/test_migrations.py"
    elif path.is_relative_to(_TESTS / "vectors"):
        yield from (test for test, text in tests.items() if path.name in text or "vectors" in text)
    elif path.is_relative_to(_TESTS):
        if path.as_posix() in tests:
            yield path.as_posix()
        elif path.parent != _TESTS:
            yield from (test for test in tests if test.startswith(f"{path.parent}/"))


def _is_prose_or_wall(path: PurePosixPath) -> bool:
    """Whether the walls, which always run, answer for a file. The server's `.md` files are checklists of a pack."""
    is_prose = path.suffix in _PROSE and not path.is_relative_to(_BACKEND)
    return is_prose or path.is_relative_to(WALLS) or path.parts[0] in {"docs", "LICENSE"}


def _is_elsewhere(path: PurePosixPath) -> bool:
    """Whether only what is left out by its nature answers for a file: browsers, measurements."""
    return any(path.is_relative_to(place) for place in NEVER)


def choose(changed: Iterable[str], tests: Mapping[str, str]) -> Choice:
    """Choose what runs for a change.

    Args:
        changed: Paths from the root that differ from the main branch, removed ones too.
        tests: Every Python test file, path and text.
    """
    runnable = {
        name: text
        for name, text in sorted(tests.items())
        if not _is_elsewhere(PurePosixPath(name)) and not name.startswith(f"{WALLS}/")
    }
    paths = [PurePosixPath(name) for name in sorted(set(changed))]
    # A file the test itself was changed in comes before all that is merely near.
    chosen = [path.as_posix() for path in paths if path.as_posix() in runnable]
    related, unanswered = [], []
    for path in paths:
        if path.is_relative_to(_PWA) and path.suffix in _MODULES:
            related.append(path.as_posix())
        elif _is_prose_or_wall(path) or _is_elsewhere(path):
            continue
        elif near := list(_nearest(path, runnable)):
            chosen += near
        else:
            unanswered.append(path.as_posix())
    if unanswered or not paths:
        chosen += SMOKE
        related += PWA_SMOKE
    python = tuple(dict.fromkeys(test for test in chosen if test in runnable))
    return Choice(
        python=python,
        related=tuple(related),
        left_out=tuple(test for test in runnable if test not in python),
        unanswered=tuple(unanswered),
    )


def dealt(python: Iterable[str], lanes: int) -> list[list[str]]:
    """The tests dealt out in turn, so that each lane begins with the nearest."""
    cards = list(python)
    return [cards[lane::lanes] for lane in range(lanes)]
