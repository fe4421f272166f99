"""The regular expressions of ``regex()``: a small language matched in time linear in the text.

Python's and JavaScript's own engines differ in a hundred corners and can be made to run for hours by a careless
pattern. This one has what validation needs (literals, ``.``, classes, groups, alternation, ``? * + {n,m}``, ``^ $``),
matches the **whole** text as ODK documents it, and walks all alternatives at once (Thompson's construction).
``pwa/src/checklists/patterns.ts`` is the twin.
"""

from functools import lru_cache
from typing import Final, TypeAlias

_LIMIT: Final = 2000
_DIGITS: Final = ((48, 57),)
_WORD: Final = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Final = ((9, 13), (32, 32))
_LINE_END: Final = ((10, 10), (13, 13))
_CLASSES: Final = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_CONTROLS: Final = {"n": 10, "r": 13, "t": 9}

Ranges: TypeAlias = tuple[tuple[int, int], ...]
Node: TypeAlias = tuple[object, ...]
Step: TypeAlias = tuple[str, object, object]


class PatternError(ValueError):
    """A pattern outside the language; ``position`` is the 0-based place in it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def compile_pattern(pattern: str) -> list[Step]:
    """The matching program of a pattern.

    Raises:
        PatternError: for anything outside the language, with the place.
    """
    program: list[Step] = []
    _emit(_Reader(pattern).whole(), program)
    program.append(("end", None, None))
    return program


@lru_cache(maxsize=512)
def _cached(pattern: str) -> list[Step] | None:
    try:
        return compile_pattern(pattern)
    except PatternError:
        return None


def matches(text: str, pattern: str) -> bool:
    """Whether the whole text matches; a pattern outside the language matches nothing."""
    program = _cached(pattern)
    if program is None:
        return False
    last = len(text)
    threads = _follow(program, [0], at_start=True, at_end=last == 0)
    for index, character in enumerate(text):
        code = ord(character)
        ahead = [
            place + 1
            for place in threads
            if program[place][0] == "set" and _contains(program[place][1], code) != program[place][2]
        ]
        if not ahead:
            return False
        threads = _follow(program, ahead, at_start=False, at_end=index + 1 == last)
    return any(program[place][0] == "end" for place in threads)


def _contains(ranges: object, code: int) -> bool:
    return any(low <= code <= high for low, high in ranges)  # type: ignore[attr-defined]


def _follow(program: list[Step], places: list[int], *, at_start: bool, at_end: bool) -> list[int]:
    seen: dict[int, None] = {}
    stack = places[::-1]
    while stack:
        place = stack.pop()
        if place in seen:
            continue
        seen[place] = None
        kind, first, second = program[place]
        if kind == "jump":
            stack.append(int(str(first)))
        elif kind == "fork":
            stack += [int(str(second)), int(str(first))]
        elif (kind == "start" and at_start) or (kind == "stop" and at_end):
            stack.append(place + 1)
    return list(seen)
