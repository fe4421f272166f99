"""Point the documents' links at the lines where the names they show are defined.

A link of the form [`name`](path#L12) means: `name` is defined in `path` at that line. Code moves; `make fmt` runs this
so that nobody counts lines by hand, and a test fails when a link has gone stale.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\[`(?P<name>[\w.]+)`\]\((?P<path>[^)#\s]+)#L(?P<line>\d+)\)")
DEFINITION = (
    r"^\s*(?:export )?(?:async )?(?:def|class|function\*?|const|interface|type) {name}\b|^{name}\b\s*[=:]|^\s*{name} = "
)


def defined_at(path: Path, name: str) -> int | None:
    """Return the line, from 1, where `name` is defined in a file, or None."""
    pattern = re.compile(DEFINITION.format(name=re.escape(name.rpartition(".")[2])))
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if pattern.search(line):
            return number
    return None


def relinked(document: Path) -> tuple[str, list[str]]:
    """Return the document with its links at the right lines, and the names that are defined nowhere they point to."""
    lost: list[str] = []

    def aim(match: re.Match[str]) -> str:
        path = document.parent / match["path"]
        line = defined_at(path, match["name"]) if path.is_file() else None
        if line is None:
            lost.append(f"{document.relative_to(ROOT)}: {match['name']} in {match['path']}")
            return match[0]
        return f"[`{match['name']}`]({match['path']}#L{line})"

    return LINK.sub(aim, document.read_text()), lost


def main() -> None:
    """Rewrite every document; exit 1 when a name is lost."""
    lost: list[str] = []
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        text, missing = relinked(document)
        lost += missing
        if text != document.read_text():
            document.write_text(text)
    if lost:
        sys.exit("defined nowhere:\n" + "\n".join(lost))


if __name__ == "__main__":
    main()
