"""Reading the patterns of `regex()`: text → tree, with the place of anything outside the language."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

NO_LIMIT: Final = -1
_DEEPEST: Final = 50

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Inclusive code point ranges."""

_CLASSES: Final[dict[str, Ranges]] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 13), (32, 32)),
}
_CONTROLS: Final = {"n": 10, "r": 13, "t": 9}
_LINE_ENDS: Final[Ranges] = ((10, 10), (13, 13))
_SPECIAL: Final = frozenset("\\^$.|?*+()[]{}")


class PatternError(ValueError):
    """A pattern outside the language; `position` is the 0-based place in it."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a pattern: a set of characters, parts in a row or to choose from, a repetition, an edge of the text."""

    kind: Literal["set", "all", "any", "times", "start", "stop"]
    ranges: Ranges = ()
    negated: bool = False
    parts: "tuple[Node, ...]" = ()
    least: int = 0
    most: int = 0


def read_pattern(pattern: str) -> Node:
    """The tree of a pattern.

    Raises:
        PatternError: for anything outside the language, with the place.
    """
    reader = _Reader(pattern)
    node = reader.alternatives(0)
    if reader.at < len(pattern):
        raise PatternError("this bracket closes nothing", reader.at)
    return node


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self.at = 0

    def _next(self) -> str:
        return self._pattern[self.at : self.at + 1]

    def alternatives(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise PatternError("the pattern is nested too deeply", self.at)
        parts = [self._sequence(depth)]
        while self._next() == "|":
            self.at += 1
            parts.append(self._sequence(depth))
        return parts[0] if len(parts) == 1 else Node("any", parts=tuple(parts))

    def _sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self._next() not in {"", "|", ")"}:
            parts.append(self._repeated(self._atom(depth)))
        return Node("all", parts=tuple(parts))

    def _repeated(self, node: Node) -> Node:
        place = self.at
        limits = self._limits()
        if limits is None:
            return node
        if node.kind in {"start", "stop"}:
            raise PatternError("an edge of the text cannot be repeated", place)
        if self._next() == "?":
            self.at += 1  # a reluctant quantifier matches the same whole texts
        if self._next() in {"*", "+", "?"} or self._limits() is not None:
            raise PatternError("a quantifier follows a quantifier", self.at - 1)
        return Node("times", parts=(node,), least=limits[0], most=limits[1])

    def _limits(self) -> tuple[int, int] | None:
        sign = self._next()
        if sign in {"*", "+", "?"}:
            self.at += 1
            return {"*": (0, NO_LIMIT), "+": (1, NO_LIMIT), "?": (0, 1)}[sign]
        if sign != "{":
            return None
        closing = self._pattern.find("}", self.at)
        inner = self._pattern[self.at + 1 : closing] if closing > 0 else ""
        low, comma, high = inner.partition(",")
        if not _is_count(low) or (high and not _is_count(high)):
            raise PatternError("a quantifier is {n}, {n,} or {n,m} with numbers up to 999", self.at)
        least = int(low)
        most = int(high) if high else (NO_LIMIT if comma else least)
        if most != NO_LIMIT and most < least:
            raise PatternError("the quantifier's limits are the wrong way round", self.at)
        self.at = closing + 1
        return least, most

    def _atom(self, depth: int) -> Node:
        place = self.at
        character = self._next()
        self.at += 1
        if character == "(":
            return self._group(depth, place)
        if character == "[":
            return self._set(place)
        if character == ".":
            return Node("set", _LINE_ENDS, negated=True)
        if character == "^":
            return Node("start")
        if character == "$":
            return Node("stop")
        if character == "\\":
            ranges, negated = self._escape(place)
            return Node("set", ranges, negated)
        if character in _SPECIAL:
            raise PatternError(f"'{character}' needs a backslash here", place)
        return Node("set", ((ord(character), ord(character)),))

    def _group(self, depth: int, place: int) -> Node:
        if self._next() == "?":
            if self._pattern[self.at : self.at + 2] != "?:":
                raise PatternError("looking ahead, looking behind and names are not supported", self.at)
            self.at += 2
        node = self.alternatives(depth + 1)
        if self._next() != ")":
            raise PatternError("this bracket is never closed", place)
        self.at += 1
        return node

    def _escape(self, place: int) -> tuple[Ranges, bool]:
        letter = self._next()
        self.at += 1
        if letter.lower() in _CLASSES:
            return _CLASSES[letter.lower()], letter.isupper()
        if letter in _CONTROLS:
            return ((_CONTROLS[letter], _CONTROLS[letter]),), False
        if not ("!" <= letter <= "~" or letter == " ") or letter.isalnum():
            raise PatternError(f"'\\{letter}' is not supported", place)
        return ((ord(letter), ord(letter)),), False

    def _set(self, place: int) -> Node:
        negated = self._next() == "^"
        self.at += negated
        ranges: list[tuple[int, int]] = []
        while self._next() != "]":
            low, single = self._member(place)
            if self._next() == "-" and self._pattern[self.at + 1 : self.at + 2] not in {"]", ""}:
                if not single:
                    raise PatternError("a class cannot begin a range", self.at)
                self.at += 1
                high, single = self._member(place)
                if not single or high[0][1] < low[0][0]:
                    raise PatternError("this range runs the wrong way", self.at - 1)
                ranges.append((low[0][0], high[0][1]))
            else:
                ranges += low
        self.at += 1
        if not ranges:
            raise PatternError("an empty set matches nothing", place)
        return Node("set", tuple(ranges), negated)

    def _member(self, place: int) -> tuple[Ranges, bool]:
        character = self._next()
        here = self.at
        self.at += 1
        if character == "":
            raise PatternError("this set is never closed", place)
        if character == "[":
            raise PatternError("'[' needs a backslash inside a set", here)
        if character != "\\":
            return ((ord(character), ord(character)),), True
        letter = self._next()
        ranges, negated = self._escape(here)
        if negated:
            raise PatternError(f"'\\{letter}' cannot stand inside a set", here)
        return ranges, letter not in _CLASSES
