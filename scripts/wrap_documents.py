"""Wrap the documents' paragraphs and list items, so that a difference shows the sentence that changed.

Tables, headings, quoted code and lines that are short enough stay as they are. `make fmt` runs this.
"""

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
WIDTH: Final = 120
LONGEST: Final = 140
"""A line up to here stays: rewriting what is readable would only hide what changed."""
_ITEM: Final = re.compile(r"(?P<indent> *)(?P<mark>(?:[-*]|\d+\.) +|> )?(?P<text>.*)")
_ASIDE: Final = re.compile(r"\s*(\||#|!\[|<)|\s*$")
# What may not begin a line of its own: it would become a heading, an item or a quote.
_UNSAFE: Final = re.compile(r"(?:[-*+>|]|#+|\d+[.)])$")


def _lines(text: str, first: str, rest: str) -> list[str]:
    wrapped = textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    lines = wrapped[:1]
    for line in wrapped[1:]:
        word, _, others = line.strip().partition(" ")
        is_safe = _UNSAFE.match(word) is None
        if not is_safe:
            lines[-1] += f" {word}"
        if left := line if is_safe else others and rest + others:
            lines.append(left)
    return lines


def wrapped(text: str) -> Iterator[str]:
    """Yield a document's lines, those that are too long wrapped; marks of an item stand before its first line only."""
    is_code = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            is_code = not is_code
        if is_code or len(line) <= LONGEST or _ASIDE.match(line):
            yield line
        elif match := _ITEM.fullmatch(line):
            mark = match["mark"] or ""
            rest = match["indent"] + ("> " if mark == "> " else " " * len(mark))
            # A span of code is quoted: it is never cut.
            text_ = re.sub(r"`[^`]*`", lambda span: span[0].replace(" ", "\0"), match["text"])
            yield from (each.replace("\0", " ") for each in _lines(text_, match["indent"] + mark, rest))


def main() -> None:
    """Wrap every document of the repository, or those named."""
    named = [Path(name) for name in sys.argv[1:]]
    for document in named or [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]:
        before = document.read_text()
        after = "\n".join(wrapped(before)) + "\n"
        if after != before:
            document.write_text(after)


if __name__ == "__main__":
    main()
