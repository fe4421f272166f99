import re
from pathlib import Path

import pytest

from tests.house.definitions import CODE, defines
from tests.house.files import ROOT, tracked

DOCUMENTS = tracked("*.md")
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"\[`(?P<name>[\w.]+)`\]\((?P<path>[^)#\s]+)\)")
LONGEST = 140
# Files and folders that a document names without a link; what is built or downloaded is not there yet.
PATH = re.compile(r"`((?:backend|docs|migrations|pwa|requirements|scripts|tests)/[\w./-]+)`")
BUILT = ("pwa/dist", "pwa/node_modules")


def slug(heading: str) -> str:
    """Anchor of a heading the way forges make it."""
    plain = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def fault(document: Path, link: str) -> str | None:
    """What is wrong with a link, or None."""
    if re.match(r"[a-z]+:", link):
        return None
    name, _, anchor = link.partition("#")
    target = (ROOT / document).parent / name if name else ROOT / document
    if not target.exists():
        return f"{link}: no such file"
    if not anchor:
        return None
    text = target.read_text()
    if target.suffix != ".md":
        return f"{link}: lines move; link to the file and show the name, [`name`](path)"
    headings = {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    return None if anchor in headings else f"{link}: no such heading"


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_in_documents_lead_somewhere(document: Path) -> None:
    text = CODE_BLOCK.sub("", (ROOT / document).read_text())
    links = [first or second for first, second in LINK.findall(text)]
    assert [wrong for link in links if (wrong := fault(document, link))] == []


def lost_names(document: Path, text: str) -> list[str]:
    """Links of the form [`name`](path) to code that does not define the name."""
    links = [(match["name"], document.parent / match["path"]) for match in NAMED.finditer(text)]
    return [
        f"{name} in {path}"
        for name, path in links
        if path.suffix in CODE and not (path.is_file() and defines(path, name))
    ]


def long_lines(text: str) -> list[str]:
    """Lines that no difference shows well; a row of a table, a picture and what is quoted as code stand on one."""
    return [
        line
        for line in CODE_BLOCK.sub("", text).splitlines()
        if len(line) > LONGEST and not line.lstrip().startswith(("|", "![", "[")) and " " in line.strip()
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_link_to_code_shows_a_name_that_is_defined_there(document: Path) -> None:
    assert lost_names(ROOT / document, (ROOT / document).read_text()) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_line_of_a_document_is_short_enough_to_compare(document: Path) -> None:
    assert long_lines((ROOT / document).read_text()) == [], "run `make fmt`: it wraps documents"


def lost_paths(text: str) -> list[str]:
    """Paths of the repository that a document names and that are not there."""
    return [path for path in PATH.findall(text) if not path.startswith(BUILT) and not (ROOT / path).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_path_that_a_document_names_exists(document: Path) -> None:
    assert lost_paths((ROOT / document).read_text()) == []


def test_a_path_that_leads_nowhere_is_found() -> None:
    assert lost_paths("`tests/house`, `pwa/dist`, `scripts/nowhere.py`") == ["scripts/nowhere.py"]


def where_is_what(text: str) -> list[str]:
    """Rows of the table *Where is what*, its subheadings left out."""
    section = text.partition("\n## Where is what\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [row for row in rows if not row.startswith("| **")]


def test_where_is_what_names_a_place_for_forty_behaviours() -> None:
    rows = where_is_what((ROOT / "docs/ARCHITECTURE.md").read_text())
    assert len(rows) >= 40
    assert [row for row in rows if not NAMED.search(row)] == []
    assert [row for row in rows for match in NAMED.finditer(row) if Path(match["path"]).suffix not in CODE] == []


def test_a_row_that_names_no_place_is_seen() -> None:
    text = "\n## Where is what\n\n| a | b |\n|---|---|\n| **x** | |\n| how | nowhere |\n\n## Next\n| c | d |\n"
    assert where_is_what(text) == ["| how | nowhere |"]


def test_a_wrong_link_is_found_in_every_form() -> None:
    document = Path("docs/ARCHITECTURE.md")
    for link in ("../nowhere.py", "../README.md#nothing", "../backend/steppe/main.py#L3"):
        assert fault(document, link) is not None, link
    assert fault(document, "../README.md#see-it") is None


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("one.py", "class Watch:\n    SEEN: int = 1\n    async def stop(self): ...\n", ("Watch", "Watch.stop", "SEEN")),
        (
            "one.ts",
            "export async function push() {}\nexport const a = 1;\nclass B {\n  stop() {}\n}\n",
            ("push", "a", "B.stop"),
        ),
        ("Unlock.svelte", "<script>\nconst tries = 3;\n</script>", ("Unlock", "tries")),
        ("en.json", '{"sent": "Sent"}', ("sent",)),
    ],
)
def test_a_name_counts_where_it_is_defined_and_not_where_it_is_used(
    tmp_path: Path, name: str, text: str, code: tuple[str, ...]
) -> None:
    (tmp_path / name).write_text(text)
    document = tmp_path / "page.md"
    assert lost_names(document, " ".join(f"[`{each}`]({name})" for each in code)) == []
    (tmp_path / name).write_text("{}" if name.endswith("json") else "print(Watch.stop, push, SEEN, a, tries, B)\n")
    used = [each for each in code if each != Path(name).stem]
    assert len(lost_names(document, " ".join(f"[`{each}`]({name})" for each in used))) == len(used)


def test_a_long_line_is_found_but_no_row_of_a_table_and_no_address() -> None:
    words = "word " * 40
    assert long_lines(f"{words}\n| {words} |\n```\n{words}\n```\n[x]: https://example.org/{'x' * 200}") == [words]
