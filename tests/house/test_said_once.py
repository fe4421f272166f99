"""What can be said once is said once: a constant, a module's sign, a folder's place on the map."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from tests.house.files import ROOT, tracked

# Modules with these names exist in every domain and may say nearly the same of themselves.
USUAL = {"__init__", "commands", "models", "queries", "routes", "schemas", "problems"}
SMALL = frozenset(
    re.findall(r"\w+", "a an and are as at by for from in is it its of on or than that the to what where which")
)
ALIKE = 0.45
"""Share of words two modules may have in common in their first lines; above it a reader cannot tell which to open."""

# Written again on purpose.
WRITTEN_TWICE = {"ROOT": "a script finds the repository from where it lies itself"}

_TS_CONSTANT = re.compile(r"^(?:export )?const (\w+)(?:: [^=\n]+)? = ([^;(`=>]*[\"\d/\[{][^;(`=>]*);", re.MULTILINE)


def constants(source: str) -> dict[str, str]:
    """Constants of a Python module, an underscore before the name aside, with their values as written."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name) and target.id.strip("_").isupper():
                    found[target.id.strip("_")] = ast.unparse(node.value)
    return found


def ts_constants(source: str) -> dict[str, str]:
    """Constants of a module in TypeScript that stand at its outer level and hold something written out."""
    return {match[1]: " ".join(match[2].split()) for match in _TS_CONSTANT.finditer(source)}


def twice(modules: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Constants of one name and one value, and the modules that define them."""
    places = defaultdict(list)
    for path, held in modules.items():
        for name, value in held.items():
            places[f"{name} = {value}"].append(path)
    return {constant: paths for constant, paths in places.items() if len(paths) > 1}


def words(line: str) -> frozenset[str]:
    """The words of a first line that tell one module from another."""
    return frozenset(re.findall(r"\w+", line.lower())) - SMALL


def alike(first_lines: Mapping[str, str]) -> list[tuple[str, str]]:
    """Pairs of modules whose first lines say nearly the same."""
    said = {path: words(line) for path, line in first_lines.items() if Path(path).stem not in USUAL}
    return [
        (one, other)
        for one, other in combinations(sorted(said), 2)
        if (joined := said[one] | said[other]) and len(said[one] & said[other]) / len(joined) > ALIKE
    ]


def first_lines(paths: list[Path]) -> dict[str, str]:
    docstrings = {str(path): ast.get_docstring(ast.parse((ROOT / path).read_text())) for path in paths}
    return {path: text.partition("\n")[0] for path, text in docstrings.items() if text}


def test_a_constant_is_typed_once_in_the_server() -> None:
    sources = tracked("backend/*.py", "scripts/*.py")
    found = twice({str(path): constants((ROOT / path).read_text()) for path in sources})
    assert {name: paths for name, paths in found.items() if name.split(" ")[0] not in WRITTEN_TWICE} == {}


def test_a_constant_is_typed_once_in_the_apps() -> None:
    sources = [path for path in tracked("pwa/src/*.ts", "pwa/src/*.svelte") if ".test." not in path.name]
    assert twice({str(path): ts_constants((ROOT / path).read_text()) for path in sources}) == {}


def test_no_two_modules_say_the_same_of_themselves() -> None:
    lines = first_lines(tracked("backend/*.py"))
    signs = defaultdict(list)
    for path, line in lines.items():
        signs[line].append(path)
    assert [paths for paths in signs.values() if len(paths) > 1] == []
    assert alike(lines) == []


def test_every_module_of_the_server_says_what_it_is_for() -> None:
    modules = tracked("backend/*.py")
    assert sorted({str(path) for path in modules} - first_lines(modules).keys()) == []


def rooms() -> set[str]:
    """Every folder with code, as the map names it: below `backend/steppe/` or `pwa/src/`."""
    server = {path.parent.relative_to("backend/steppe") for path in tracked("backend/steppe/*.py")}
    apps = {path.parent.relative_to("pwa/src") for path in tracked("pwa/src/*.ts", "pwa/src/*.svelte")}
    return {folder.as_posix() for folder in server | apps} - {"."}


def test_every_folder_is_on_the_map() -> None:
    named = set(re.findall(r"`([\w/]+)`", (ROOT / "docs/ARCHITECTURE.md").read_text()))
    assert sorted(rooms() - named) == []


def test_every_language_of_the_catalogue_has_its_texts_and_a_name() -> None:
    locales = json.loads((ROOT / "pwa/project.inlang/settings.json").read_text())["locales"]
    named = re.findall(r'code: "(\w+)"', (ROOT / "pwa/src/i18n/language.svelte.ts").read_text())
    assert sorted(locales) == sorted(path.stem for path in tracked("pwa/messages/*.json")) == sorted(named)


def test_every_text_exists_in_every_language_with_the_same_places_to_fill() -> None:
    texts = {path.stem: json.loads((ROOT / path).read_text()) for path in tracked("pwa/messages/*.json")}
    places = {
        language: {key: sorted(set(re.findall(r"\{(\w+)\}", json.dumps(text)))) for key, text in catalogue.items()}
        for language, catalogue in texts.items()
    }
    assert places["en"]
    assert [language for language in places if places[language] != places["en"]] == []


def test_what_is_said_twice_is_found() -> None:
    assert twice({"a": constants('_A: Final = "x"'), "b": constants('A = "x"'), "c": constants('A = "y"')}) == {
        "A = 'x'": ["a", "b"]
    }
    assert twice({"a": ts_constants("const a = 5;"), "b": ts_constants("export const a: number = 5;")}) == {
        "a = 5": ["a", "b"]
    }
    assert ts_constants("const a = made(5);\nconst b = () => 5;\n  const c = 5;") == {}
    assert alike(
        {"x.py": "Where choices of a select come from: a file", "y.py": "Where the choices come from: the file"}
    )
    assert alike({"x.py": "Where choices come from.", "y.py": "When a report was received."}) == []
