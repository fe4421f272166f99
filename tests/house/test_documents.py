import re
from pathlib import Path

import pytest

from scripts.relink import relinked
from tests.house.files import ROOT, tracked

DOCUMENTS = tracked("*.md")
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINES = re.compile(r"L(\d+)(?:-L(\d+))?")


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
    if lines := LINES.fullmatch(anchor):
        last = int(lines[2] or lines[1])
        return None if last <= len(text.splitlines()) else f"{link}: the file has fewer lines"
    headings = {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}
    return None if anchor in headings else f"{link}: no such heading"


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_links_in_documents_lead_somewhere(document: Path) -> None:
    text = CODE_BLOCK.sub("", (ROOT / document).read_text())
    links = [first or second for first, second in LINK.findall(text)]
    assert [wrong for link in links if (wrong := fault(document, link))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_a_link_to_a_line_shows_the_name_defined_there(document: Path) -> None:
    text, lost = relinked(ROOT / document)
    assert lost == []
    assert text == (ROOT / document).read_text(), "run `make fmt`: code has moved under this document's links"
