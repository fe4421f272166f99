"""A folder holds what one person can name from memory; what is more is a wing that waits for its door."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.house.files import own_code

MOST = 25

SOURCES = (Path("backend"), Path("pwa"), Path("scripts"))
CODE = {".py", ".ts", ".js", ".svelte"}


def is_source(path: Path) -> bool:
    """Code that runs; tests lie beside what they test and are not counted."""
    is_ours = any(path.is_relative_to(folder) for folder in SOURCES) and path.suffix in CODE
    return is_ours and ".test." not in path.name


def crowded(paths: Iterable[Path]) -> dict[str, int]:
    """The folders with more sources than a person can name, and how many."""
    count = Counter(path.parent.as_posix() for path in paths if is_source(path))
    return {folder: number for folder, number in sorted(count.items()) if number > MOST}


def test_a_folder_holds_no_more_sources_than_a_person_can_name() -> None:
    assert crowded(own_code()) == {}


def test_one_source_too_many_is_noticed_and_tests_are_not_counted() -> None:
    sources = [Path(f"pwa/src/ui/n{number}.ts") for number in range(MOST)]
    tests = [Path("pwa/src/ui/n1.test.ts"), Path("tests/house/test_folders.py")]
    assert crowded([*sources, *tests]) == {}
    assert crowded([*sources, Path("pwa/src/ui/One.svelte")]) == {"pwa/src/ui": MOST + 1}
