r"""Patterns as authors write them → the pattern language (`patterns.py`), which every phone reads.

`\p{L}` and its kin become ranges of characters, a possessive `{3}+` its plain quantifier: whole texts are matched, and
no text is tried in two ways. Phones of any version run what comes out.
"""

import sys
import unicodedata
from functools import lru_cache
from typing import Final

from steppe.checklists.expressions.pattern_reader import PatternError

_LETTERS_AND_MARKS: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me"})
_OTHERS: Final = frozenset({"Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs"})
_CATEGORIES: Final = frozenset("LMNPSZ") | _LETTERS_AND_MARKS | _OTHERS
_QUANTIFIERS: Final = frozenset("*+?}")


def in_plain_words(pattern: str) -> str:
    r"""The pattern with its character categories and possessive marks written out.

    Raises:
        PatternError: for a category that is none, with its place.
    """
    written: list[str] = []
    at, is_inside, follows = 0, False, False
    while at < len(pattern):
        character = pattern[at]
        if pattern.startswith(("\\p", "\\P"), at):
            ranges, at = _category(pattern, at, is_inside=is_inside)
            written.append(ranges)
            follows = False
            continue
        if character == "\\":
            written.append(pattern[at : at + 2])
            at, follows = at + 2, False
            continue
        if follows and character == "+":
            at, follows = at + 1, False
            continue
        if character in "[]":
            is_inside = character == "["
        # `a{2}+` and `a*+`, but not the `+` of `a+` itself.
        follows = character in _QUANTIFIERS and not is_inside
        written.append(character)
        at += 1
    return "".join(written)


def _category(pattern: str, at: int, *, is_inside: bool) -> tuple[str, int]:
    closing = pattern.find("}", at)
    is_braced = pattern[at + 2 : at + 3] == "{" and closing > 0
    name = pattern[at + 3 : closing] if is_braced else pattern[at + 2 : at + 3]
    is_negated = pattern[at + 1] == "P"
    if name not in _CATEGORIES or (is_negated and is_inside):
        raise PatternError(f"'{pattern[at : at + 2]}{{{name}}}' is not supported", at)
    ranges = _ranges(name)
    after = closing + 1 if is_braced else at + 3
    return (ranges if is_inside else f"[{'^' * is_negated}{ranges}]"), after


@lru_cache(maxsize=64)
def _ranges(category: str) -> str:
    """The characters of a Unicode category as they stand inside a set."""
    found: list[str] = []
    start: int | None = None
    for code in range(sys.maxunicode + 2):
        holds = code <= sys.maxunicode and unicodedata.category(chr(code)).startswith(category)
        if holds and start is None:
            start = code
        elif not holds and start is not None:
            found.append(_shown(start) if start == code - 1 else f"{_shown(start)}-{_shown(code - 1)}")
            start = None
    return "".join(found)


def _shown(code: int) -> str:
    character = chr(code)
    return f"\\{character}" if code < 128 and not character.isalnum() and character.isprintable() else character
