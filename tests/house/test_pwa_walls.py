"""Imports in `pwa/src` go down one ladder, as import-linter holds it for Python."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.house.files import ROOT
from tests.house.pwa_imports import circles, folders, imports, is_test

SOURCE = ROOT / "pwa" / "src"

# From the top: a folder imports what stands on a lower rung, and of its own rung only what ALLOWED_BESIDE says.
LADDER = (
    # The framed phone is an app of its own over the field app's very screens: what is kept there, it keeps in memory.
    ("preview",),
    ("app",),
    # The service worker is a program of its own; the app asks it whether it is there.
    ("sw",),
    ("authoring", "summaries", "review", "queries", "exports", "receipts", "desk"),
    ("fill",),
    ("sync",),
    ("submissions", "attachments"),
    ("missions", "people", "engine"),
    ("vault",),
    ("ui", "i18n"),
    ("wire",),
)

# One way only, and no circle: the desk's pages stand on its frame, receipts are checked in its look, a report is made
# of attachments, what a mission and a person are called is a text of the engine's kind, and what is drawn speaks.
ALLOWED_BESIDE = {
    "authoring": {"desk", "exports"},
    "summaries": {"desk", "exports", "review"},
    "review": {"desk", "queries"},
    "queries": {"desk"},
    "exports": {"desk"},
    "receipts": {"desk"},
    "submissions": {"attachments"},
    "missions": {"engine"},
    "people": {"engine"},
    "ui": {"i18n"},
}

# The engine of forms could be lifted out as a package: it knows itself and how ids are made.
ENGINE = ("engine/", "wire/ids.ts")


@cache
def own_imports() -> Mapping[str, set[str]]:
    """The imports of our own tree, read once."""
    return imports(SOURCE)


def room(module: str) -> str | None:
    """The folder at the top that a module lies in; None for an entry, which puts the folders together."""
    return module.partition("/")[0] if "/" in module else None


def wrong_imports(graph: Mapping[str, set[str]]) -> list[str]:
    """What imports upwards, beside without leave, or from an entry or test code."""
    rung = {name: height for height, names in enumerate(reversed(LADDER)) for name in names}
    wrong = []
    for module, targets in sorted(graph.items()):
        for target in sorted(targets):
            home, other = room(module), room(target)
            if is_test(module) or home == other:
                continue
            if other is None or is_test(target):
                wrong.append(f"{module} → {target}")
            elif home is not None and home not in rung:
                wrong.append(f"{module}: the folder {home} is on no rung")
            elif home is not None and rung[home] <= rung.get(other, len(LADDER)):
                beside = rung[home] == rung.get(other) and other in ALLOWED_BESIDE.get(home, ())
                wrong.extend([] if beside else [f"{module} → {target}"])
    return wrong


def written(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The graph without tests: they may look wherever they like."""
    return {module: targets for module, targets in graph.items() if not is_test(module)}


def test_a_folder_of_the_pwa_imports_only_what_stands_below_it() -> None:
    assert wrong_imports(own_imports()) == []


def test_every_folder_of_the_pwa_stands_on_one_rung() -> None:
    known = sorted(name for names in LADDER for name in names)
    assert known == sorted({name for module in own_imports() if (name := room(module)) and name != "testing"})


def test_the_engine_of_forms_knows_itself_and_how_ids_are_made() -> None:
    graph = written(own_imports())
    engine = {module: targets for module, targets in graph.items() if module.startswith("engine/")}
    assert engine
    assert {m: t for m, targets in engine.items() if (t := {x for x in targets if not x.startswith(ENGINE)})} == {}


def test_no_folders_of_the_pwa_import_each_other_in_a_circle() -> None:
    assert circles(folders(written(own_imports()))) == []


def test_no_modules_of_the_pwa_import_each_other_in_a_circle() -> None:
    assert circles(written(own_imports())) == []


# What the walls are made of is tried on small trees: a checker that sees nothing passes everything.


def tree(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    "line",
    [
        'import { a } from "../app/field";',
        'import type { A } from "../app/field";',
        'import {\n  a,\n  type B,\n} from "../app/field.ts";',
        'export { a } from "../app/field";',
        'export * from "../app/field";',
        'export type { A } from "../app/field";',
        'import "../app/field";',
        'const later = () => import("../app/field");',
        'let a: import("../app/field").A;',
    ],
)
@pytest.mark.parametrize("name", ["vault/cipher.ts", "vault/Unlock.svelte"])
def test_an_import_from_above_is_seen_in_every_form(tmp_path: Path, name: str, line: str) -> None:
    text = f'<script lang="ts">\n{line}\n</script>\n<p>x</p>' if name.endswith(".svelte") else line
    source = tree(tmp_path, {name: text, "app/field.ts": ""})
    assert wrong_imports(imports(source)) == [f"{name} → app/field.ts"]


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("desk/api.ts", "desk.ts"),
        ("wire/ids.ts", "vault/vault.ts"),
        ("attachments/tus.ts", "submissions/outbox.ts"),
        ("desk/api.ts", "review/lists.ts"),
        ("sync/push.ts", "testing/phone.ts"),
        ("cellar/wine.ts", "wire/ids.ts"),
    ],
)
def test_a_wrong_import_does_not_pass(tmp_path: Path, module: str, target: str) -> None:
    up = "../" if "/" in module else "./"
    source = tree(tmp_path, {module: f'import {{ x }} from "{up}{target[:-3]}";', target: ""})
    assert wrong_imports(imports(source)) != []


def test_imports_downwards_and_those_of_entries_and_tests_pass(tmp_path: Path) -> None:
    source = tree(
        tmp_path,
        {
            "field.ts": 'import { f } from "./app/field";',
            "app/field.ts": '// import "../field";\nimport { o } from "../submissions/outbox";\nimport "svelte";',
            "submissions/outbox.ts": 'import type { A } from "../attachments/attachments";',
            "submissions/outbox.test.ts": 'import { f } from "../app/field";\nimport { p } from "../testing/phone";',
            "attachments/attachments.ts": "",
            "testing/phone.ts": 'import { f } from "../app/field";',
        },
    )
    assert wrong_imports(imports(source)) == []


def test_an_import_that_leads_nowhere_is_told_instead_of_overlooked(tmp_path: Path) -> None:
    source = tree(tmp_path, {"vault/cipher.ts": 'import { a } from "../app/field";'})
    with pytest.raises(ValueError, match="nowhere"):
        imports(source)


def test_circles_are_found_among_modules_and_among_folders_through_types_too(tmp_path: Path) -> None:
    source = tree(
        tmp_path,
        {
            "fill/a.ts": 'import type { B } from "./inputs/b";',
            "fill/inputs/b.ts": 'import { c } from "../c.svelte";',
            "fill/c.svelte.ts": "",
            "fill/Row.svelte": '<script>import Block from "./Block.svelte";\nimport Row from "./Row.svelte";</script>',
            "fill/Block.svelte": '<script>import Row from "./Row.svelte";</script>',
        },
    )
    assert circles(imports(source)) == [["fill/Block.svelte", "fill/Row.svelte"]]
    assert circles(folders(imports(source))) == [["fill", "fill/inputs"]]


# What lies over a screen and takes the focus. `Sheet` gives each an entry in the browser's history, which Back closes.
OVER_A_SCREEN = ("<dialog", "showModal(", "popover=", 'role="dialog"')


def other_sheets(files: Mapping[str, str]) -> list[str]:
    """Files that lay something over a screen in a way of their own."""
    found = [name for name, text in files.items() if any(mark in text for mark in OVER_A_SCREEN)]
    return [name for name in sorted(found) if name != "ui/Sheet.svelte"]


def test_whatever_lies_over_a_screen_is_a_sheet_that_back_closes() -> None:
    sources = [
        path for ending in ("svelte", "ts") for path in SOURCE.rglob(f"*.{ending}") if "paraglide" not in path.parts
    ]
    files = {str(path.relative_to(SOURCE)): path.read_text() for path in sources}
    assert any(mark in files["ui/Sheet.svelte"] for mark in OVER_A_SCREEN)
    assert "sheetHistory.opened(" in files["ui/Sheet.svelte"]
    assert other_sheets(files) == []


def test_something_else_over_a_screen_is_found() -> None:
    assert other_sheets({"ui/Sheet.svelte": "<dialog>", "app/Menu.svelte": "menu.showModal()"}) == ["app/Menu.svelte"]
