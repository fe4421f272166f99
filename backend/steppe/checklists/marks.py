"""The words of a text without its styling: what lists, exports, prints and the desk show of a label.

Labels, hints, choices and messages may be styled as ODK takes it: emphasis, headings, links, escapes and a handful of
HTML tags (docs/checklists.md §9). A phone draws them (`pwa/src/engine/texts/marks.ts`); the server tells the words.
`tests/vectors/marks.json` holds both to one reading. No library: ODK's is no CommonMark.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import dropwhile
from typing import Final

from steppe.checklists.definition import Texts

_MAY_BE_MARKED: Final = re.compile(r"[*_#<&\[\\]")
_ATTRIBUTE: Final = r"""\s+[a-zA-Z-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[“”„][^“”„<>]*[“”]|[^\s"'<>=“”„][^\s"'<>=]*)"""
_TOKEN: Final = re.compile(
    r"(?P<output>\$\{[^{}]*\})"
    r"|\\(?P<escaped>[\\*_#\[\]<>&])"
    r"|\[(?P<label>[^\[\]\n]*)\]\((?P<address>[^()\s<>]+)\)"
    rf"|<(?P<close>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]*)(?P<attributes>(?:{_ATTRIBUTE})*)\s*/?>"
    r"|&(?P<entity>amp|lt|gt|quot|apos|nbsp|#[0-9]{1,6});"
    r"|(?P<run>\*+|_+)"
    r"|(?P<text>[^\\$\[<&*_\r\n]+|.)",
    re.DOTALL,
)
_HEADING: Final = re.compile(r"[ \t]*#{1,6}[ \t]+")
_HREF: Final = re.compile(r"""\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|[“”„]([^“”„]*)[“”]|([^\s"'=]+))""", re.IGNORECASE)
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": "\u00a0"}
_INLINE: Final = frozenset(
    {"b", "strong", "i", "em", "u", "s", "strike", "del", "small", "big", "sub", "sup", "tt", "code"}
    | {"span", "font", "a"}
)
_BLOCKS: Final = frozenset(
    {"p", "div", "center", *(f"h{level}" for level in range(1, 7)), "ul", "ol", "li", "blockquote"}
)
_KNOWN: Final = _INLINE | _BLOCKS | {"br", "hr"}
_DEEPEST: Final = 20
_LONGEST_MARK: Final = 3
_DIGIT: Final = re.compile(r"[0-9]")


def plain_text(text: str) -> str:
    """Return the words of one text; values such as `${name}` stay as they are written."""
    if not _MAY_BE_MARKED.search(text):
        return text
    words = _Words()
    for at, source in enumerate(re.split(r"\r?\n", text)):
        if at > 0:
            words.end()
        heading = _HEADING.match(source)
        _read(source[heading.end() :] if heading else source, words)
    return words.trimmed()


def plain(texts: Texts) -> Texts:
    """Return the words of a text in every language."""
    return {language: plain_text(text) for language, text in texts.items()}


class _Words:
    """Lines of words as they are put together."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._open: list[tuple[str, str]] = []
        self._is_broken = False

    def write(self, text: str) -> None:
        if self._is_broken and self._lines[-1]:
            self._lines.append([])
        self._is_broken = False
        self._lines[-1].append(text)

    def end(self) -> None:
        self._is_broken = False
        self._lines.append([])

    def tag(self, name: str, attributes: str, *, is_end: bool) -> None:
        if name == "br":
            self.end()
            return
        if name == "hr" or name in _BLOCKS:
            self._is_broken = True
        if name == "hr":
            return
        if is_end:
            self._close(name)
            return
        if len(self._open) < _DEEPEST:
            found = _HREF.search(attributes) if name == "a" else None
            self._open.append((name, next(filter(None, found.groups()), "").strip() if found else ""))
        if name == "li":
            self.write("• ")

    def _close(self, name: str) -> None:
        for at in range(len(self._open) - 1, -1, -1):
            if self._open[at][0] == name:
                if self._open[at][1]:
                    self.write(f" ({self._open[at][1]})")
                del self._open[at:]
                return

    def trimmed(self) -> str:
        lines = ["".join(line) for line in self._lines]
        return "\n".join([*dropwhile(_is_blank, list(dropwhile(_is_blank, lines))[::-1])][::-1])


def _is_blank(line: str) -> bool:
    return not line.strip()


def _read(source: str, words: _Words) -> None:
    """Read one line. A mark that finds no other is words, so they are written when the line has ended."""
    pieces: list[str | re.Match[str]] = []
    _collect(source, pieces)
    for piece in pieces:
        if isinstance(piece, str):
            if piece:
                words.write(piece)
        else:
            words.tag(piece["tag"].lower(), piece["attributes"], is_end=piece["close"] == "/")


def _collect(source: str, pieces: list[str | re.Match[str]]) -> None:
    openers = _Openers()
    for match in _TOKEN.finditer(source):
        if match["address"] is not None:
            label = match["label"].strip()
            if label not in {"", match["address"]}:
                _collect(label, pieces)
                pieces.append(f" ({match['address']})")
            else:
                pieces.append(match["address"])
        elif match["tag"] is not None and match["tag"].lower() in _KNOWN:
            pieces.append(match)
        elif match["entity"] is not None:
            pieces.append(_character(match["entity"]))
        elif match["run"] is not None:
            around = source[max(0, match.start() - 1) : match.start()], source[match.end() : match.end() + 1]
            openers.take(match["run"], pieces, *around)
        else:
            pieces.append(match["escaped"] or match[0])


def _character(entity: str) -> str:
    if not entity.startswith("#"):
        return _ENTITIES[entity]
    code = int(entity[1:])
    is_character = 32 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return chr(code) if is_character else f"&{entity};"


class _Openers:
    """Marks of one line that wait for their end, by character and length: a line costs no more than its length."""

    def __init__(self) -> None:
        self._waiting: defaultdict[tuple[str, int], list[int]] = defaultdict(list)

    def take(self, run: str, pieces: list[str | re.Match[str]], before: str, after: str) -> None:
        """Take a run of stars or underscores between the characters `before` and `after` it."""
        char, left = run[0], len(run)
        may_end = bool(before.strip()) and not (char == "_" and after.isalnum())
        may_begin = bool(after.strip()) and not (char == "_" and before.isalnum())
        is_times = bool(_DIGIT.match(before) and _DIGIT.match(after))
        if left > _LONGEST_MARK or is_times or not (may_end or may_begin):
            pieces.append(run)
            return
        while may_end and left > 0:
            lengths = [length for length in range(1, left + 1) if self._waiting[char, length]]
            if not lengths:
                break
            length = max(lengths, key=lambda each: self._waiting[char, each][-1])
            at = self._waiting[char, length][-1]
            pieces[at] = ""
            self._forget(at)
            left -= length
        if left and may_begin:
            self._waiting[char, left].append(len(pieces))
        pieces.append(char * left)

    def _forget(self, at: int) -> None:
        """What began at or after `at` and has not ended is words."""
        for places in self._waiting.values():
            while places and places[-1] >= at:
                places.pop()
