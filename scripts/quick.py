"""Run what is nearest to a change, in a minute and a half: walls, SQLite tests of the changed folders, related vitest.

`make test` remains what must pass before a change lands; this is for the minutes between.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from scripts.quick_choice import WALLS, Choice, choose, dealt

ROOT: Final = Path(__file__).parent.parent
SECONDS: Final = 65
"""After this no Python test begins; the slowest single test and the summary fit into what is left."""
WALL_SECONDS: Final = 75
"""The walls are not cut short before this: they hold for every change."""
END_SECONDS: Final = 85
"""What still runs is ended: on a crowded machine, or when half of an app changed."""
HOUSE: Final = "tests/house"
MOST_NAMED: Final = 6
"""Files of a folder that are said by name."""
NOT_REACHED: Final = "not reached, or not to its end: "

Command = tuple[str, Sequence[str], Path]
Outcome = tuple[str, int, str, float]


def git(*arguments: str) -> list[str]:
    """The lines git answers, none when it fails."""
    answer = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return [line for line in answer.stdout.split("\0" if "-z" in arguments else "\n") if line]


def base() -> tuple[str, str]:
    """The commit this work began at, and the branch that says so; the last commit where there is no such branch."""
    for branch in ("origin/main", "main"):
        if start := git("merge-base", "HEAD", branch):
            return start[0], branch
    return "HEAD", "HEAD"


def changes(start: str) -> list[str]:
    """Paths that differ from a commit, new and removed ones too."""
    differing = git("diff", "--name-only", "--no-renames", "-z", start)
    return sorted({*differing, *git("ls-files", "--others", "--exclude-standard", "-z")})


def python_tests() -> dict[str, str]:
    """Every Python test file with its text."""
    found = sorted((ROOT / "tests").rglob("test_*.py"))
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in found}


def run(command: Command, until: float, end: float) -> Outcome:
    """Run a command: name, exit status, output, seconds.

    Args:
        command: What runs; tests of pytest begin none after `until`.
        until: A moment on the monotonic clock.
        end: The moment at which whatever still runs is ended.
    """
    name, words, place = command
    started = time.monotonic()
    environment = os.environ | {"STEPPE_QUICK_UNTIL": str(until)}
    with subprocess.Popen(
        words,
        cwd=place,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            told, _ = process.communicate(timeout=max(end - started, 1))
        except subprocess.TimeoutExpired:
            # Its workers too: they are of the session that began with it.
            os.killpg(process.pid, signal.SIGKILL)
            told, _ = process.communicate()
            # A failure told before the end is one.
            return name, int("FAIL" in told), f"{told}\n{NOT_REACHED}the rest of {name}", time.monotonic() - started
    return name, process.returncode, told, time.monotonic() - started


def pytest_command(name: str, tests: Sequence[str]) -> Command:
    """The SQLite half of some test files, in their order."""
    plugin = ["-p", "scripts.quick_deadline", "-p", "no:cacheprovider"]
    chosen = ["-k", "not postgresql", "-m", "not browser", "--maxfail", "10"]
    return name, [sys.executable, "-m", "pytest", "-q", "--no-header", *plugin, *chosen, *tests], ROOT


def commands(choice: Choice) -> list[list[Command]]:
    """What runs, as lanes that run side by side; within a lane one after the other."""
    style: list[Command] = [
        ("ruff check", ["ruff", "check", "--quiet", "."], ROOT),
        ("ruff format", ["ruff", "format", "--check", "--quiet", "."], ROOT),
        ("lint-imports", ["lint-imports"], ROOT),
        ("biome", ["npm", "run", "--silent", "lint"], ROOT / "pwa"),
    ]
    vitest: list[Command] = []
    if choice.related:
        related = [name.removeprefix("pwa/") for name in choice.related]
        vitest = [
            (
                "vitest related",
                ["node", "node_modules/vitest/vitest.mjs", "related", "--run", "--passWithNoTests", *related],
                ROOT / "pwa",
            )
        ]
    # The walls take their time first, so the lane beside them begins with the nearest tests.
    first, second = dealt(choice.python, 2)
    lanes = [
        [*style, *vitest],
        [pytest_command("tests", first)] if first else [],
        [pytest_command(HOUSE, [WALLS]), *([pytest_command("further tests", second)] if second else [])],
    ]
    return [lane for lane in lanes if lane]


def by_folder(names: Sequence[str]) -> list[str]:
    """Files said in few lines: their folder, how many, and their names as far as there is room."""
    folders: dict[str, list[str]] = {}
    for name in names:
        folders.setdefault(str(Path(name).parent), []).append(Path(name).stem.removeprefix("test_"))
    return [
        f"{folder} ({len(held)}): {', '.join(held[:MOST_NAMED])}{' …' if len(held) > MOST_NAMED else ''}"
        for folder, held in folders.items()
    ]


def announce(choice: Choice, changed: Sequence[str], start: str, branch: str) -> None:
    """Say what was chosen and what was not."""
    print(f"{len(changed)} changed files since {branch} ({start[:9]})" if changed else f"nothing differs from {branch}")
    if choice.unanswered or not changed:
        print("  smoke set" + "".join(f"\n    because no folder answers for {name}" for name in choice.unanswered))
    print("  walls: ruff, format, import-linter, biome, tests/house")
    print(f"  Python, SQLite only: {len(choice.python)} files, the nearest first")
    for line in by_folder(choice.python):
        print(f"    {line}")
    print(f"  TypeScript: vitest tests related to {len(choice.related)} modules")
    print(
        f"  left out: PostgreSQL, browsers, types, the API's generated types, download budgets, "
        f"{len(choice.left_out)} Python test files; `make test` runs them all",
        flush=True,
    )


def main() -> None:
    """Choose, run, and end with what failed and what was not reached; exit 1 when anything failed."""
    started = time.monotonic()
    start, branch = base()
    changed = changes(start)
    choice = choose(changed, python_tests())
    announce(choice, changed, start, branch)

    def follow(lane: list[Command]) -> list[Outcome]:
        moments = {HOUSE: WALL_SECONDS}
        return [run(each, started + moments.get(each[0], SECONDS), started + END_SECONDS) for each in lane]

    lanes = commands(choice)
    with ThreadPoolExecutor(len(lanes)) as pool:
        outcomes = [outcome for lane in pool.map(follow, lanes) for outcome in lane]
    sys.exit(judge(outcomes, time.monotonic() - started))


def judge(outcomes: Sequence[Outcome], seconds: float) -> int:
    """Say what failed, what took how long and what was not reached; 1 when anything failed."""
    failed = [(name, output) for name, status, output, _ in outcomes if status]
    for name, output in failed:
        print(f"\n--- {name}\n{output.strip()}")
    print("\n" + ", ".join(f"{name} {taken:.0f} s" for name, _, _, taken in outcomes))
    lines = [line for _, _, output, _ in outcomes for line in output.splitlines()]
    missed = [line.removeprefix(NOT_REACHED) for line in lines if line.startswith(NOT_REACHED)]
    if missed:
        print(f"not reached, or not to the end: {len(missed)}", *by_folder(missed), sep="\n    ")
    passed = f"passed what was reached, {len(missed)} were not" if missed else "passed all that was chosen"
    verdict = "failed: " + ", ".join(name for name, _ in failed) if failed else passed
    print(f"quick: {verdict} in {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    main()
